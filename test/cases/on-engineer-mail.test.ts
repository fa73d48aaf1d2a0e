// What of an engineer's mail goes to the customer, and what never does.
import { describe, expect, it } from 'vitest';
import { replyMarker } from '../../src/cases/correspondence.ts';
import type { CaseFacts, MailFacts } from '../../src/cases/facts.ts';
import { attachmentBytesMax } from '../../src/cases/on-engineer-mail.ts';
import { decideOnMail } from '../../src/cases/on-mail.ts';
import { limits } from '../../src/mail/mail.ts';
import {
  aCase,
  aMail,
  anAddress,
  aParticipant,
  aPerson,
  aPolicy,
  changesOf,
  effectsOf,
  lettersOf,
  mailFacts,
  monday,
  placedCase,
  requestsOf,
  telling,
} from '../builders.ts';

const policy = aPolicy();
const grace = anAddress('grace@help.example', 'Grace');
const supportCase = aCase();
const marker = replyMarker(supportCase, grace.addrSpec, telling, monday);
const answerToAnn = 'answer to ann@customer.example';
const notice = 'engineer-notice to grace@help.example';

function answered(
  reply: string,
  changes: { placed?: CaseFacts; allowed?: boolean; facts?: Partial<MailFacts>; attachments?: number } = {},
) {
  const { placed = placedCase(), allowed = true, facts = {}, attachments = 0 } = changes;
  const place = { place: 'engineer', caseNumber: 7, allowed, because: 'engineer grace@help.example answers' } as const;
  const files =
    attachments === 0
      ? []
      : [{ index: 0, name: 'a.zip', type: 'application/zip', size: attachments, contentId: null, inline: false }];
  return decideOnMail(
    aMail({ from: grace, reply, attachments: files }),
    mailFacts({ place, placed, person: aPerson(grace.addrSpec), ...facts }),
    policy,
    monday,
  );
}

/** What reaches the customer of an engineer's text; null when nothing does. */
function check(fact: string, reply: string, expected: string | null) {
  it(fact, () => {
    const decision = answered(reply);
    const [letter] = requestsOf(decision).filter(({ kind }) => kind === 'answer');
    expect(letter?.variables['bodyText'] ?? null).toBe(expected);
    if (expected === null) expect([decision.disposition, lettersOf(decision)]).toEqual(['held', [notice]]);
  });
}

describe('what stands above the marker goes out', () => {
  check('without any quotation', 'Please restart the agent.', 'Please restart the agent.');
  check('cut at the marker', `Please restart.\n\n${marker}\nCase 00000007 is new and yours.`, 'Please restart.');
  check('cut at a quoted marker', `Please restart.\n\n> > ${marker}\n> secret`, 'Please restart.');
  const [head = '', tail = ''] = marker.split('(');
  check(
    'cut where a mail program broke the marker',
    `Please restart.\n> ${head}\n> (${tail}\n> secret`,
    'Please restart.',
  );
  check(
    'cut where it broke it twice',
    `Please restart.\n> --- Your answer goes above\n> this line (case 00000007,\n> ${marker.split(', ')[1]}`,
    'Please restart.',
  );
  check(
    'with the customer’s quoted words between',
    '> Which version?\nVersion 12, please.',
    '> Which version?\nVersion 12, please.',
  );
});

describe('words of our notification keep it here', () => {
  check(
    'the marker’s words without its token',
    'Please restart.\n> --- Your answer goes above this line (case 7)\n> text',
    null,
  );
  check('the shell command', 'Hello\n\nIn a shell: casepost case show 7', null);
  check('why the plan was chosen', `Hello\n${supportCase.planBecause}`, null);
  check(
    'why the severity was, broken and quoted',
    `Hello\n> ${supportCase.severityBecause.replace(' "backup', '\n> "backup')}`,
    null,
  );
  check('who could take it', `Hello\nOwner:\n  ${supportCase.ownerBecause}`, null);
  check('the heading of the customer’s text', 'Hello\n--- The customer wrote ---\nmy words', null);
  check(
    'another case’s marker',
    `Hello\n${replyMarker({ number: 9, mailbox: 'support' }, grace.addrSpec, telling, monday)}`,
    null,
  );
  check('nothing but the notification', `${marker}\nCase 00000007 is new and yours.`, null);
});

describe('an answer', () => {
  it('leaves without the notification in the history, is measured, and starts the clock', () => {
    const decision = answered('Please restart.');
    const [entry] = effectsOf(decision, 'entry');
    expect([entry?.entry.kind, entry?.entry.fullText, entry?.entry.visibility]).toEqual(['answer', null, 'public']);
    expect(changesOf(decision)).toEqual({ status: 'waiting on customer', firstResponseAt: monday });
    expect(effectsOf(decision, 'schedule').map(({ rule, step, anchor }) => [rule, step, anchor])).toEqual([
      ['follow-up', 1, 'answer:11:ann@customer.example'],
    ]);
    expect(requestsOf(decision)[0]?.automatic).toBe(null);
  });
  it('goes to the confirmed participants, one letter each, and to no proposed one', () => {
    const placed = placedCase(
      {},
      {
        participants: [
          aParticipant('ann@customer.example', { role: 'requester' }),
          aParticipant('bob@customer.example'),
          aParticipant('eve@evil.example', { confirmed: false }),
        ],
      },
    );
    expect(lettersOf(answered('Hi', { placed }))).toEqual([answerToAnn, 'answer to bob@customer.example']);
  });
  it('to a closed case goes out, and the case stays closed', () => {
    const decision = answered('Hi', { placed: placedCase({ status: 'closed' }) });
    expect([lettersOf(decision), changesOf(decision).status, effectsOf(decision, 'schedule')]).toEqual([
      [answerToAnn],
      undefined,
      [],
    ]);
  });
  it('takes the case when it has no owner', () =>
    expect(changesOf(answered('Hi', { placed: placedCase({ owner: null }) })).owner).toBe('grace@help.example'));
  it('starts no clock for a requester who has no part in the case', () => {
    const participants = [
      aParticipant('ann@customer.example', { role: 'requester', confirmed: false }),
      aParticipant('bob@customer.example'),
    ];
    const decision = answered('Hi', { placed: placedCase({ status: 'waiting on support' }, { participants }) });
    expect([lettersOf(decision), changesOf(decision).status, effectsOf(decision, 'schedule')]).toEqual([
      ['answer to bob@customer.example'],
      undefined,
      [],
    ]);
  });
});

describe('an answer is refused, and its engineer told', () => {
  const refused = (changes: Parameters<typeof answered>[1]) => {
    const decision = answered('Hi', changes);
    return [decision.disposition, decision.reason, ...lettersOf(decision)];
  };
  it('when its sender may not', () =>
    expect(refused({ allowed: false })).toEqual(['held', 'engineer-answer-refused', notice]));
  it('when nobody takes part in the case', () =>
    expect(refused({ placed: placedCase({}, { participants: [] }) })).toEqual([
      'held',
      'engineer-answer-refused',
      notice,
    ]));
  it('when its files are too large for one letter', () => {
    expect(refused({ attachments: attachmentBytesMax + 1 })).toEqual(['held', 'engineer-answer-refused', notice]);
    expect(refused({ attachments: attachmentBytesMax })).toEqual(['joined', 'engineer-answered', answerToAnn]);
  });
  it('when a letter of ours is attached', () =>
    expect(refused({ facts: { ownLetterAttached: 'case.eml' } })).toEqual(['held', 'engineer-answer-refused', notice]));
  it('when it is larger than is read', () =>
    expect(refused({ facts: { bytes: limits.mailBytesMax + 1 } })).toEqual([
      'oversize',
      'engineer-answer-refused',
      notice,
    ]));
  it('but who forges an engineer’s name does not flood the engineer', () => {
    const told = (had: number, allowed: boolean) =>
      lettersOf(answered('', { allowed, facts: { noticesThisHour: { 'grace@help.example': had } } })).length;
    const cap = policy.loops.refusalsPerEngineerAnHour;
    expect([told(cap - 1, false), told(cap, false), told(cap, true)]).toEqual([1, 0, 1]);
  });
  it('and nothing of it changes the case', () => {
    const decision = answered('Hi', { allowed: false });
    expect([changesOf(decision), effectsOf(decision, 'schedule'), effectsOf(decision, 'cancel-schedule')]).toEqual([
      {},
      [],
      [],
    ]);
    expect(effectsOf(decision, 'entry')[0]?.entry.visibility).toBe('held');
  });
});

it('an engineer’s robot is only a note', () => {
  const place = { place: 'engineer', caseNumber: 7, allowed: true, because: '' } as const;
  const automatic = { kind: 'auto-replied', because: 'Auto-Submitted' } as const;
  const decision = decideOnMail(
    aMail({ from: grace, automatic }),
    mailFacts({ place, placed: placedCase() }),
    policy,
    monday,
  );
  expect([decision.disposition, lettersOf(decision), effectsOf(decision, 'entry')[0]?.entry.visibility]).toEqual([
    'automatic',
    [],
    'internal',
  ]);
});
