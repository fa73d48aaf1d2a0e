// Which facts of a minute call for which alarm: each limit from both sides, and no text that names a person.
import { describe, expect, it } from 'vitest';
import { alarmsFor, judgedKeys, refusedWrite, type AlarmFacts } from '../src/alarm-rules.ts';
import type { Standing } from '../src/store/standing.ts';
import { monday } from './builders.ts';

const ago = (minutes: number) => monday.subtract({ minutes });
const source = 'imap:support@imap.test:993/INBOX';

function facts(changes: Partial<Omit<AlarmFacts, 'standing'>> & { standing?: Partial<Standing> } = {}): AlarmFacts {
  return {
    mailboxes: [],
    open: [],
    sends: true,
    postboxError: null,
    ...changes,
    standing: {
      letters: { waiting: 0, oldestDueAt: null, lastSentAt: null, held: 0 },
      mails: { waiting: 0, oldestStoredAt: null },
      parked: { lastDay: 0, newest: null },
      oldestDueStepAt: null,
      looks: {},
      ...changes.standing,
    },
  };
}

function check(given: Parameters<typeof facts>[0], keys: string[]): void {
  expect(alarmsFor(facts(given), monday).map(({ key }) => key)).toEqual(keys);
}

const letters = (changes: Partial<Standing['letters']>) => ({
  standing: { letters: { waiting: 3, oldestDueAt: null, lastSentAt: null, held: 0, ...changes } },
});
const box = (error: string | null) => [{ id: 'support', source, error }];

describe('alarms', () => {
  it('a desk at rest has none', () => check({}, []));
  it('letters that could leave for more than 30 minutes, and none has left, are stuck', () => {
    check(letters({ oldestDueAt: ago(31) }), ['outbox:stuck']);
    check(letters({ oldestDueAt: ago(30) }), []);
    check(letters({ oldestDueAt: ago(31), lastSentAt: ago(40) }), ['outbox:stuck']);
  });
  it('a long queue that moves is not stuck, nor are letters that nobody is to send', () => {
    check(letters({ oldestDueAt: ago(90), lastSentAt: ago(1) }), []);
    check({ ...letters({ oldestDueAt: ago(90) }), sends: false }, []);
  });
  it('held letters are told', () => check(letters({ held: 1 }), ['outbox:held']));
  it('mails that wait for their decision for more than 10 minutes are told', () => {
    check({ standing: { mails: { waiting: 2, oldestStoredAt: ago(11) } } }, ['mail:undecided']);
    check({ standing: { mails: { waiting: 2, oldestStoredAt: ago(10) } } }, []);
  });
  it('a parked mail is told with the number that prints it', () => {
    const [alarm] = alarmsFor(facts({ standing: { parked: { lastDay: 1, newest: '42' } } }), monday);
    expect(alarm).toMatchObject({ key: 'mail:unparsed' });
    expect(alarm?.text).toContain('casepost case mail 42');
  });
  it('a step that has been due for more than 5 minutes is a tick that is late', () => {
    check({ standing: { oldestDueStepAt: ago(6) } }, ['tick:late']);
    check({ standing: { oldestDueStepAt: ago(5) } }, []);
  });
  it('a mailbox that no gateway has looked at for more than 15 minutes is away', () => {
    check({ mailboxes: box('refused'), standing: { looks: { [source]: ago(16) } } }, ['imap-away:support']);
    check({ mailboxes: box('refused'), standing: { looks: { [source]: ago(15) } } }, []);
    check({ mailboxes: box('refused') }, []);
    for (const open of [['imap:support'], ['imap-login:support']])
      check({ mailboxes: box('refused'), open, standing: { looks: { [source]: ago(60) } } }, []);
  });
  it('a full disk or a read-only database is known by its SQLSTATE, once for all mailboxes', () => {
    const full = '53100: could not extend file "base/5/16384": No space left on device';
    check({ mailboxes: [...box(full), ...box(full)] }, ['database:disk-full']);
    check({ mailboxes: box('25006: cannot execute INSERT in a read-only transaction') }, ['database:read-only']);
    expect(refusedWrite('ECONNREFUSED: connect')).toEqual([]);
  });
  it('what servers say is told without the addresses in it', () => {
    const said = '550 <ann@customer.example> unknown, ask mailto:post@peer.example';
    const told = alarmsFor(
      facts({
        ...letters({ oldestDueAt: ago(60) }),
        postboxError: said,
        mailboxes: box(`login of ann@customer.example refused`),
      }),
      monday,
    );
    const away = alarmsFor(facts({ mailboxes: box(said), standing: { looks: { [source]: ago(60) } } }), monday);
    for (const { text } of [...told, ...away]) {
      expect(text).toContain('(address)');
      expect(text).not.toContain('@');
    }
  });
  it('every alarm that is raised here is cleared here, and none of others', () => {
    const all = alarmsFor(
      facts({
        mailboxes: box('25006: read-only'),
        standing: {
          letters: { waiting: 1, oldestDueAt: ago(60), lastSentAt: null, held: 1 },
          mails: { waiting: 1, oldestStoredAt: ago(60) },
          parked: { lastDay: 1, newest: '1' },
          oldestDueStepAt: ago(60),
          looks: { [source]: ago(60) },
        },
      }),
      monday,
    );
    expect(all).toHaveLength(7);
    for (const { key } of all) expect(key).toMatch(judgedKeys);
    for (const key of ['outbox:paused', 'oauth:office', 'imap-login:support', 'reconcile:x', 'database:lost-rows'])
      expect(key).not.toMatch(judgedKeys);
  });
});
