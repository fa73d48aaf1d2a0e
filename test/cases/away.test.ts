// Away and back by mail: what is read as such, who is believed, and what the engineer is answered.
import { describe, expect, it } from 'vitest';
import { awayAsked } from '../../src/cases/away.ts';
import { decideOnMail } from '../../src/cases/on-mail.ts';
import type { MailFacts } from '../../src/cases/facts.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { aMail, anAddress, aPolicy, lettersOf, mailFacts, monday, requestsOf } from '../builders.ts';

const policy = aPolicy();
const grace = anAddress('grace@help.example', 'Grace');
const proved = { authentication: { verdict: 'pass', because: 'DMARC passed for help.example' } } as const;
const answering = {
  place: { place: 'engineer', caseNumber: 7, allowed: true, because: 'engineer answers our notification' },
} as const;

describe('a subject', () => {
  const check = (subject: string, expected: ReturnType<typeof awayAsked>) =>
    expect(awayAsked(subject)).toEqual(expected);
  it.each(['BACK', 'back', 'Re: BACK', 'Back.', 'Re: [Case 00000007] back'])('"%s" says back', (subject) =>
    check(subject, { asks: 'back' }),
  );
  it.each(['AWAY', 'away', 'AW: Away!'])('"%s" says away', (subject) => check(subject, { asks: 'away', until: null }));
  it.each(['AWAY until 2026-12-01', 'away to 2026-12-01', 'Re: AWAY bis 2026-12-01', 'away 2026-12-01.'])(
    '"%s" says until when',
    (subject) => check(subject, { asks: 'away', until: '2026-12-01' }),
  );
  it('with a day that is none says so to be asked again', () =>
    check('AWAY until Friday', { asks: 'away', until: 'Friday' }));
  it.each([
    '',
    'Backup fails',
    'Back up fails',
    'back to you',
    'Away team',
    'I am away',
    'Take away',
    'AWAY from keyboard',
  ])('"%s" says neither', (subject) => check(subject, null));
});

describe('a mail that says away or back', () => {
  function decided(subject: string, facts: Partial<MailFacts>, from = grace, over: Policy = policy) {
    const mail = aMail({ subject, from, reply: '' });
    return decideOnMail(mail, mailFacts({ placed: null, ...facts }), over, monday);
  }
  const effectOf = (decision: ReturnType<typeof decided>) =>
    decision.effects.filter(({ effect }) => effect !== 'letter');
  const noticeOf = (decision: ReturnType<typeof decided>) => String(requestsOf(decision)[0]?.variables['notice']);

  it('is done when our server has proved its sender, to the end of the day where the engineer works', () => {
    const decision = decided('AWAY until 2026-12-01', proved);
    expect(decision).toMatchObject({ disposition: 'joined', reason: 'engineer-away', caseNumber: null });
    const until = Temporal.Instant.from('2026-12-02T00:00Z');
    expect(effectOf(decision)).toEqual([{ effect: 'engineer-away', address: grace.addrSpec, until }]);
    expect(lettersOf(decision)).toEqual(['engineer-away to grace@help.example']);
    expect(noticeOf(decision)).toContain('You are away to the end of 2026-12-01');
  });
  it('is done when it answers a notice of ours, whatever the server says', () =>
    expect(effectOf(decided('Re: AWAY', answering))).toEqual([
      { effect: 'engineer-away', address: grace.addrSpec, until: null },
    ]));
  it('back is done for who is away', () => {
    expect(effectOf(decided('BACK', { ...proved, away: [grace.addrSpec] }))).toEqual([
      { effect: 'engineer-back', address: grace.addrSpec },
    ]);
    expect(noticeOf(decided('BACK', proved))).toContain('you were not away by your own word');
  });
  it.each<[string, Partial<MailFacts>, Policy]>([
    ['nothing proves it', {}, policy],
    ['it is proved forged', { authentication: { verdict: 'fail', because: 'DMARC failed' } }, policy],
    ['the policy asks no server', proved, aPolicy('authentication: off')],
    ['it came before under other headers', { ...proved, wordsSeenBefore: true }, policy],
    ['its token is not theirs', { place: { ...answering.place, allowed: false } }, policy],
    ['its day is over', { ...proved, over: true } as Partial<MailFacts>, policy],
  ])('changes nothing when %s, and the engineer is told', (why, facts, over) => {
    const subject = why === 'its day is over' ? 'AWAY until 2026-01-01' : 'AWAY';
    const decision = decided(subject, facts, grace, over);
    expect([decision.disposition, effectOf(decision)]).toEqual(['held', []]);
    expect([lettersOf(decision), noticeOf(decision)]).toEqual([
      ['engineer-away to grace@help.example'],
      expect.stringContaining('Nothing was changed'),
    ]);
  });
  it('a forger can not flood the engineer', () => {
    const had = { noticesThisHour: { [grace.addrSpec]: policy.loops.refusalsPerEngineerAnHour } };
    expect(lettersOf(decided('AWAY', had))).toEqual([]);
    expect(lettersOf(decided('AWAY', { ...had, ...proved }))).toHaveLength(1);
  });
  it('of a customer is a request like any other', () =>
    expect(decided('BACK', proved, anAddress('ann@customer.example')).reason).toBe('new-request'));
});
