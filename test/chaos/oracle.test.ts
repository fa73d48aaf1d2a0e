// The oracle of a chaos run sees every promise that is broken: it is shown a run in which all went well, and the same run spoilt in one place.
import { describe, expect, it } from 'vitest';
import type { Line } from './journal.ts';
import type { Evidence, LetterRow, MailRow } from './evidence.ts';
import { judge } from './oracle.ts';
import type { PlannedMail, PlannedStep } from './plan.ts';

const mail = { kind: 'first', door: 'imap' } as PlannedMail;
const step = { token: 'ts1', by: 'customer', says: 'more' } as PlannedStep;

function aRow(token: string, id: string, more: Partial<MailRow> = {}): MailRow {
  return {
    id,
    token,
    sha256: 'raw',
    disposition: 'opened',
    reason: 'new-request',
    because: 'a new request',
    caseNumber: 1,
    oddClock: false,
    silence: null,
    ...more,
  };
}
function aLetter(more: Partial<LetterRow> = {}): LetterRow {
  return {
    messageId: 'm1',
    kind: 'acknowledgment',
    recipient: 'ada@t.test',
    state: 'sent',
    key: 'a:1',
    caseNumber: 1,
    unknowns: 0,
    ...more,
  };
}
function handed(token: string): Line {
  return { what: 'mail', at: 0, token, door: 'imap', mailbox: 'support', result: 'taken', sha256: 'raw' };
}
function arrived(at: number, more: { answer?: string; sha256?: string; messageId?: string } = {}): Line {
  const letter = { messageId: 'm1', recipient: 'ada@t.test', subject: '', sha256: 'letter', answer: '250' };
  return { what: 'letter', at, ...letter, ...more };
}

/** One mail, one answer to its acknowledgment. */
function aRun() {
  return {
    mails: [aRow('t', '1'), aRow('ts1', '2', { disposition: 'joined' })],
    letters: [aLetter()],
    cases: 1,
    orphans: 0,
    alarms: [],
    written: new Map([
      ['t', { mail, step: null }],
      ['ts1', { mail, step }],
    ]),
    lines: [handed('t'), handed('ts1'), arrived(5)],
    refusals: new Map<string, number>(),
  };
}

function check(spoil: (run: ReturnType<typeof aRun>) => void, says: RegExp | null): void {
  const run = aRun();
  spoil(run);
  const of = (what: string) => run.lines.filter((line) => line.what === what);
  const { broken } = judge({ ...run, journal: { of } as Evidence['journal'] });
  if (says === null) expect(broken).toEqual([]);
  else expect(broken).toEqual([expect.stringMatching(says)]);
}

describe('the oracle', () => {
  it('is satisfied when all went well', () => check(() => {}, null));
  it('sees a mail that was lost', () => check(({ mails }) => mails.pop(), /P1: a mail was lost: ts1/));
  it('sees bytes that differ', () => check(({ mails }) => (mails[1]!.sha256 = 'other'), /P1: stored bytes differ/));
  it('sees a second entry', () =>
    check(({ mails }) => mails.push(aRow('ts1', '3', { disposition: 'joined' })), /P2: a mail has two entries/));
  it('lets a second copy be a duplicate', () =>
    check(({ mails }) => mails.push(aRow('ts1', '3', { disposition: 'duplicate' })), null));
  it('sees a duplicate of nothing', () =>
    check(({ mails }) => (mails[1]!.disposition = 'duplicate'), /P2: a mail is a duplicate of nothing/));
  it('sees a mail nobody wrote', () =>
    check(({ mails }) => mails.push(aRow('x', '3')), /P2: rows of mails nobody wrote: x/));
  it('sees an answer in a case of its own', () =>
    check(({ mails }) => (mails[1]!.caseNumber = 2), /P2: an answer .* did not join/));
  it('excuses what was decided under a clock far off', () =>
    check(({ mails }) => Object.assign(mails[1]!, { caseNumber: 2, oddClock: true }), null));
  it('sees a case nobody acknowledged, and two acknowledgments', () => {
    check(({ letters, lines }) => void (letters.pop(), lines.pop()), /P2: a case has 0 acknowledgments/);
    check(({ letters, lines }) => {
      letters.push(aLetter({ messageId: 'm2', key: 'a:2' }));
      lines.push(arrived(6, { messageId: 'm2' }));
    }, /P2: a case has 2 acknowledgments/);
  });
  it('sees an answered robot', () =>
    check(
      ({ written }) => written.set('t', { mail: { ...mail, kind: 'robot' }, step: null }),
      /P7: a robot was answered/,
    ));
  it('sees a case without a mail', () => check((run) => (run.orphans = 1), /P2: 1 cases have no mail/));
  it('sees a letter that never arrived', () =>
    check(({ lines }) => lines.pop(), /P3: a letter is sent but never arrived/));
  it('sees a letter no row knows', () =>
    check(({ lines }) => lines.push(arrived(6, { messageId: 'm9' })), /P3: a letter arrived that no row knows/));
  it('sees a copy that nothing explains', () =>
    check(({ lines }) => lines.push(arrived(30)), /P3: a copy that nothing explains/));
  it('takes a cut around the first copy as an explanation, once', () => {
    const cut: Line = { what: 'cut', from: 4, to: 6, why: 'F1' };
    check(({ lines }) => lines.push(arrived(30), cut), null);
    check(({ lines }) => lines.push(arrived(30), { ...cut, from: 20, to: 21 }), /nothing explains/);
    check(({ lines }) => lines.push(arrived(5.5), arrived(30), cut), /nothing explains/);
  });
  it('sees copies that differ', () =>
    check(({ lines }) => lines.push(arrived(30, { sha256: 'other', answer: '451' })), /P3: copies of a letter differ/));
  it('sees a letter sent after 5xx, unless whoever was told so died before it was written down', () => {
    const refused = arrived(4, { answer: '550' });
    check(({ lines }) => lines.splice(2, 0, refused), /P3: a letter was sent after 5xx/);
    const cut: Line = { what: 'cut', from: 4, to: 6, why: 'F1' };
    check(({ lines }) => lines.splice(2, 0, refused, cut), null);
  });
  it('sees a letter that has not left, and one that failed without being refused', () => {
    check(({ letters, lines }) => void ((letters[0]!.state = 'waiting'), lines.pop()), /P13: a letter has not left/);
    check(
      ({ letters, lines }) => void ((letters[0]!.state = 'failed'), lines.pop()),
      /P3: a letter failed that nobody refused/,
    );
  });
  it('takes two copies without a reply as why a letter failed, and one as none', () => {
    const unheard = [arrived(5, { answer: 'cut' }), arrived(6, { answer: 'cut' })];
    const failed =
      (unknowns: number) =>
      ({ letters, lines }: { letters: LetterRow[]; lines: Line[] }) => {
        Object.assign(letters[0] ?? {}, { state: 'failed', unknowns });
        lines.splice(-1, 1, ...unheard);
      };
    check(failed(2), null);
    check(failed(1), /P3: a letter failed that nobody refused/);
  });
});
