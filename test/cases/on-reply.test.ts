// What a customer's reply does to the case it joins: every word in every status, on both product lines.
import { describe, expect, it } from 'vitest';
import type { MailDecision } from '../../src/cases/decision.ts';
import { decideOnMail } from '../../src/cases/on-mail.ts';
import { mayMove, moves, type ProductLine, type Status } from '../../src/cases/support-case.ts';
import {
  aMail,
  anAddress,
  aPerson,
  aPolicy,
  aParticipant,
  at,
  changesOf,
  effectsOf,
  joining,
  lettersOf,
  monday,
  placedCase,
  requestsOf,
} from '../builders.ts';

const policy = aPolicy();
const owner = 'engineer-reply to grace@help.example';
const held = 'engineer-held to grace@help.example';
const toAnn = (kind: string) => `${kind} to ann@customer.example`;

function replied(reply: string, status: Status, line: ProductLine = 'corporate', now = monday): MailDecision {
  const placed = placedCase({ status, line });
  return decideOnMail(
    aMail({ reply }),
    joining(placed, { mailbox: { id: 'support', address: 'support@help.example', line } }),
    policy,
    now,
  );
}

/** `reply` in a case of this status: the reason, the status it has then, who is written to, and what is planned. */
function check(
  reply: string,
  status: Status,
  expected: [reason: string, then: string, letters: string[], planned?: string | undefined],
  line: ProductLine = 'corporate',
) {
  it(`"${reply}" on a ${line} case that is ${status}`, () => {
    const decision = replied(reply, status, line);
    const [reason, then, letters, planned] = expected;
    expect(decision.reason).toBe(reason);
    const opened = effectsOf(decision, 'open')[0]?.supportCase.number;
    expect(opened === undefined ? (changesOf(decision).status ?? status) : `case ${opened}`).toBe(then);
    expect(lettersOf(decision)).toEqual(letters);
    expect(effectsOf(decision, 'schedule').map(({ rule, step, at }) => `${rule} ${step} ${at.toString()}`)).toEqual(
      planned ? [planned] : [],
    );
  });
}

const lines: ProductLine[] = ['corporate', 'mobility'];
const open: Status[] = ['new', 'waiting on support', 'waiting on customer', 'waiting on engineering'];

for (const line of lines) {
  describe(`an open ${line} case`, () => {
    for (const status of open) {
      const then = status === 'waiting on customer' ? 'waiting on support' : status;
      check('RESOLVED', status, ['customer-resolved', 'closed', [toAnn('closed-by-customer'), owner]], line);
      check('It still fails with error 12.', status, ['customer-replied', then, [owner]], line);
      check('Thanks!', status, ['customer-replied', then, [owner]], line);
      check('Is it resolved?', status, ['customer-unclear', then, [owner]], line);
      check('resolved, but now the console hangs', status, ['customer-unclear', then, [owner]], line);
      const planned = status === 'waiting on customer' ? 'follow-up 1 2026-03-05T09:00:00Z' : undefined;
      check('MORE TIME', status, ['customer-needs-time', status, [toAnn('more-time')], planned], line);
    }
    it.each(['RESOLVED', 'MORE TIME', 'It still fails.', 'Is it resolved?'])(
      '"%s" ends the steps that were planned',
      (reply) => {
        expect(effectsOf(replied(reply, 'waiting on customer', line), 'cancel-schedule')).toHaveLength(1);
      },
    );
  });
}

describe('a closed case', () => {
  for (const line of lines) {
    check('Thanks!', 'closed', ['customer-thanks', 'closed', []], line);
    check('RESOLVED', 'closed', ['customer-thanks', 'closed', []], line);
  }
  const newCase = 'engineer-new-case to grace@help.example';
  check('It fails again.', 'closed', ['closed-case-reopened', 'waiting on support', [toAnn('reopened'), owner]]);
  check('MORE TIME', 'closed', ['closed-case-reopened', 'waiting on support', [toAnn('reopened'), owner]]);
  check('It fails again.', 'closed', ['closed-case-linked', 'case 8', [toAnn('linked-case'), newCase]], 'mobility');

  const since = (closedAt: string, now: string, more = {}) =>
    decideOnMail(
      aMail({ reply: 'It fails again.' }),
      joining(placedCase({ status: 'closed', closedAt: at(closedAt) }), { receivedAt: at(now), ...more }),
      policy,
      at(now),
    );
  it('reopens to the end of the 14th day', () => {
    expect(since('2026-03-02T09:00Z', '2026-03-16T09:00Z').reason).toBe('closed-case-reopened');
    expect(since('2026-03-02T09:00Z', '2026-03-16T09:01Z').reason).toBe('closed-case-linked');
  });
  it('is not reopened more than 5 times an hour, then the mail is held and told', () => {
    const placed = placedCase({ status: 'closed' });
    const decision = (reopensThisHour: number) =>
      decideOnMail(aMail({ reply: 'Again.' }), joining(placed, { reopensThisHour }), policy, monday);
    expect(decision(4).disposition).toBe('joined');
    expect([decision(5).disposition, decision(5).reason, lettersOf(decision(5))]).toEqual(['held', 'storm', [held]]);
  });
  it('hands plan, product, severity and owner over to the linked one, and names both numbers', () => {
    const carried = {
      plan: 'trial',
      product: 'Cyber Files',
      version: '9',
      severity: 'A',
      severityBy: 'engineer',
      owner: 'grace@help.example',
    } as const;
    const placed = placedCase({ status: 'closed', line: 'mobility', ...carried });
    const decision = decideOnMail(aMail({ reply: 'It fails again.' }), joining(placed), policy, monday);
    expect(effectsOf(decision, 'open')[0]?.supportCase).toMatchObject({
      ...carried,
      number: 8,
      linkedFrom: 7,
      line: 'mobility',
      status: 'new',
    });
    expect(requestsOf(decision)[0]?.variables).toMatchObject({ previousNumber: '00000007', reason: 'never-reopens' });
    expect(effectsOf(decision, 'spend-incident')).toEqual([]);
  });
  it('of another mailbox goes on as a linked one in this mailbox', () => {
    const decision = decideOnMail(aMail(), joining(placedCase({ mailbox: 'mobility' })), policy, monday);
    expect([decision.disposition, effectsOf(decision, 'open')[0]?.supportCase.mailbox]).toEqual(['linked', 'support']);
  });
});

describe('a reply', () => {
  it('proposes new addresses to engineers, but neither ours nor those who take part', () => {
    const mail = aMail({
      to: [anAddress('support+c7.x@help.example'), anAddress('ann@customer.example')],
      cc: [anAddress('bob@customer.example')],
    });
    const proposed = effectsOf(decideOnMail(mail, joining(placedCase()), policy, monday), 'participant');
    expect(proposed.map(({ address, confirmed }) => [address.addrSpec, confirmed])).toEqual([
      ['bob@customer.example', false],
    ]);
  });
  it('never changes who the requester is', () => {
    const placed = placedCase(
      {},
      {
        participants: [
          aParticipant('ann@customer.example', { role: 'requester' }),
          aParticipant('bob@customer.example'),
        ],
      },
    );
    const decision = decideOnMail(aMail({ from: anAddress('bob@customer.example') }), joining(placed), policy, monday);
    expect(changesOf(decision)).not.toHaveProperty('requester');
    expect(effectsOf(decision, 'participant').filter(({ role }) => role === 'requester')).toEqual([]);
  });
  it('with a token proves the address once', () => {
    const seen = (proven: boolean) =>
      effectsOf(
        decideOnMail(
          aMail(),
          joining(placedCase(), { person: aPerson('ann@customer.example', { proven }) }),
          policy,
          monday,
        ),
        'proven',
      );
    expect([seen(false).length, seen(true).length]).toEqual([1, 0]);
  });
  it('without a token proves nothing, and is confirmed once a day', () => {
    const place = { place: 'participant', caseNumber: 7, proven: false, because: 'the number' } as const;
    const letters = (day: number) =>
      lettersOf(
        decideOnMail(
          aMail({ reply: 'RESOLVED' }),
          joining(placedCase(), { place, person: aPerson('ann@customer.example', { budget: { day } }) }),
          policy,
          monday,
        ),
      );
    expect([letters(0), letters(1)]).toEqual([[toAnn('closed-by-customer'), owner], [owner]]);
    expect(effectsOf(decideOnMail(aMail(), joining(placedCase(), { place }), policy, monday), 'proven')).toEqual([]);
  });
  it('tells the owner of a Message-ID that came before with other content', () => {
    const [letter] = requestsOf(decideOnMail(aMail(), joining(placedCase(), { idSeenBefore: true }), policy, monday));
    expect(letter?.variables['hint']).toContain('same Message-ID');
  });
  it('asking for more time while we owe the answer is told of no clock', () => {
    const [letter] = requestsOf(replied('MORE TIME', 'waiting on support'));
    expect(letter?.variables['timeline']).toEqual([]);
  });
});

describe('the moves of status', () => {
  const all = Object.keys(moves) as Status[];
  const allowed = all.flatMap((from) =>
    all.filter((to) => mayMove(from, to) && from !== to).map((to) => `${from} > ${to}`),
  );
  it('are these', () =>
    expect(allowed.sort()).toEqual(
      [
        'new > waiting on support',
        'new > waiting on customer',
        'new > waiting on engineering',
        'new > closed',
        'waiting on support > waiting on customer',
        'waiting on support > waiting on engineering',
        'waiting on support > closed',
        'waiting on customer > waiting on support',
        'waiting on customer > waiting on engineering',
        'waiting on customer > closed',
        'waiting on engineering > waiting on support',
        'waiting on engineering > waiting on customer',
        'waiting on engineering > closed',
        'closed > waiting on support',
      ].sort(),
    ));
  it('made by mail are all allowed', () => {
    for (const status of all)
      for (const reply of ['RESOLVED', 'MORE TIME', 'Thanks!', 'It still fails.', 'Is it resolved?']) {
        const then = changesOf(replied(reply, status)).status ?? status;
        expect(mayMove(status, then), `${status} > ${then}`).toBe(true);
      }
  });
});
