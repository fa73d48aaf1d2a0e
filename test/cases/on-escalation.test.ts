// A case goes to engineering and comes back, and is tied to bugs: who is told, what the customer is asked meanwhile, and what is refused.
import { describe, expect, it } from 'vitest';
import { answerEffects } from '../../src/cases/answer.ts';
import { bugId, bugUrl, decideOnEscalation, type EscalationRequest } from '../../src/cases/on-escalation.ts';
import type { CaseFacts } from '../../src/cases/facts.ts';
import { aPolicy, changesOf, effectsOf, key, lettersOf, monday, placedCase, requestsOf } from '../builders.ts';

const by = 'grace@help.example';
const policy = aPolicy(`bugs: { url: 'https://bugs.example.com/{id}' }`);
const withQueue = { ...policy, escalation: { address: 'lead@help.example', engineering: 'Queue@help.example' } };
const facts = { key, description: 'The nightly backup fails.', bugs: ['ABR-1'] };

function decide(request: EscalationRequest, placed: CaseFacts, ruling = withQueue) {
  const decision = decideOnEscalation(request, placed, facts, ruling, monday);
  if ('refused' in decision) throw new Error(decision.refused);
  return decision;
}
function refused(title: string, request: EscalationRequest, placed: CaseFacts, expected: string) {
  it(title, () =>
    expect(decideOnEscalation(request, placed, facts, withQueue, monday)).toEqual({
      refused: expect.stringContaining(expected),
    }),
  );
}
const escalate: EscalationRequest = {
  request: 'escalate',
  by,
  note: 'Is it a bug?',
  statusNote: 'in the lab',
  key: 'k',
};
const deescalate: EscalationRequest = { request: 'deescalate', by, note: '', key: 'k' };
const link: EscalationRequest = { request: 'link-bug', by, bug: 'ABR-2' };
const escalated = { status: 'waiting on engineering', statusNote: 'in the lab' } as const;

describe('escalate', () => {
  const decision = decide(escalate, placedCase({ product: 'Backup', build: '9' }));
  it('moves the case, keeps its owner, and ends the follow-ups', () => {
    expect(changesOf(decision)).toEqual(escalated);
    expect(effectsOf(decision, 'cancel-schedule')).toHaveLength(1);
    expect(effectsOf(decision, 'schedule')).toEqual([]);
  });
  it('tells engineering what the customer wrote, what is known and asked, and the bugs', () => {
    expect(lettersOf(decision)).toEqual(['engineer-notice to queue@help.example']);
    const [letter] = requestsOf(decision);
    expect(letter?.variables).toMatchObject({
      text: 'The nightly backup fails.',
      notice: `${by} passes this case to engineering. Product: Backup 9 (corporate). Bugs: https://bugs.example.com/ABR-1. Note: Is it a bug?`,
    });
  });
  it('says that nobody was written to when the policy names no address', () => {
    const quiet = decide(escalate, placedCase(), policy as typeof withQueue);
    expect([lettersOf(quiet), quiet.because]).toEqual([[], expect.stringContaining('names no address')]);
  });
  it('gives an unowned case to who escalates it', () =>
    expect(changesOf(decide(escalate, placedCase({ owner: null })))).toMatchObject({ owner: by }));
  it('an answer meanwhile goes out and asks nothing', () => {
    const answer = {
      engineer: by,
      text: 'We look into it.',
      fullText: null,
      key: 'a',
      because: '',
      attachments: [],
      inboundId: null,
    };
    const effects = answerEffects(placedCase(escalated), answer, { key }, policy, monday);
    expect([lettersOf({ effects }), changesOf({ effects }).status, effectsOf({ effects }, 'schedule')]).toEqual([
      ['answer to ann@customer.example'],
      undefined,
      [],
    ]);
  });
  refused('twice', escalate, placedCase(escalated), 'with engineering already');
  refused('a closed case', escalate, placedCase({ status: 'closed' }), 'reopen it first');
});

describe('deescalate', () => {
  it('puts the case before its owner, and tells them when somebody else did it', () => {
    const decision = decide({ ...deescalate, by: 'lead@help.example' }, placedCase(escalated));
    expect([changesOf(decision), lettersOf(decision)]).toEqual([
      { status: 'waiting on support', statusNote: '' },
      ['engineer-notice to grace@help.example'],
    ]);
    expect(lettersOf(decide(deescalate, placedCase(escalated)))).toEqual([]);
  });
  refused('what engineering does not have', deescalate, placedCase(), 'engineering does not have it');
});

describe('bugs', () => {
  it('a case is put on several and taken off one, and the history says who', () => {
    const on = decide(link, placedCase());
    expect(effectsOf(on, 'link-bug')).toEqual([{ effect: 'link-bug', caseNumber: 7, bug: 'ABR-2', by }]);
    expect(effectsOf(on, 'entry')[0]?.entry.text).toBe(`${by} put the case on bug ABR-2.`);
    const off = decide({ request: 'unlink-bug', by, bug: 'ABR-1' }, placedCase());
    expect(effectsOf(off, 'unlink-bug')).toEqual([{ effect: 'unlink-bug', caseNumber: 7, bug: 'ABR-1' }]);
  });
  refused('a second time', { ...link, bug: 'ABR-1' }, placedCase(), 'on ABR-1 already');
  refused('off what it is not on', { ...link, request: 'unlink-bug' }, placedCase(), 'it is on ABR-1');
  it.each([
    [' abr-12 ', 'ABR-12'],
    ['#77', null],
    ['a b', null],
    ['x'.repeat(61), null],
  ])('%j is read as %j', (written, bug) => expect(bugId(written)).toBe(bug));
  it('have an address when the policy says where they are read', () =>
    expect([bugUrl('A#1', policy), bugUrl('A#1', aPolicy())]).toEqual(['https://bugs.example.com/A%231', null]));
});
