// May a mail join a case? Every row of TRUST 4.2 as a line: what the mail shows, and where it is placed.
import { describe, expect, it } from 'vitest';
import { thread, tokensOf, type Evidence, type Place } from '../../src/cases/thread.ts';
import { aParticipant, aToken, anAddress, at, candidate, evidence, monday } from '../builders.ts';

const pass = { verdict: 'pass', because: 'mx says dmarc=pass' } as const;
const fail = { verdict: 'fail', because: 'mx says dmarc=fail' } as const;
const ours = { candidates: [candidate()] };
const ann = 'ann@customer.example';
const bob = 'bob@elsewhere.example';
const grace = 'grace@help.example';

type Mode = 'required' | 'when-present' | 'off';

function placeOf(from: string, shown: Partial<Evidence>, mode: Mode = 'when-present', now = monday): Place {
  return thread(anAddress(from), evidence(shown), { authentication: mode, engineerTokenDays: 14 }, now);
}

/** `shown` in the mail of `from` gives the place, written as `place case` and `proven` or `allowed` where it has them. */
function check(fact: string, from: string, shown: Partial<Evidence>, expected: string, mode?: Mode, now = monday) {
  it(fact, () => {
    const place = placeOf(from, shown, mode, now);
    const number = 'caseNumber' in place ? ` ${place.caseNumber}` : '';
    const proven = place.place === 'participant' && place.proven ? ' proven' : '';
    const allowed = 'allowed' in place && place.allowed ? ' allowed' : '';
    expect(`${place.place}${number}${proven}${allowed}`).toBe(expected);
  });
}

const letterTo = (recipient: string, createdAt = monday) => ({
  ...ours,
  letters: [{ caseNumber: 7, recipient, createdAt, leftAt: createdAt }],
});
const tokenFor = (recipient: string, made = monday) => ({ ...ours, tokens: [aToken(7, recipient, 'support', made)] });
const named = { ...ours, numbers: [7] };

describe('row 1: the token of this very address', () => {
  check('joins without any word about authentication', ann, tokenFor(ann), 'participant 7 proven');
  check('joins with a pass', ann, { ...tokenFor(ann), authentication: pass }, 'participant 7 proven');
  check('joins by our Message-ID alone', ann, letterTo(ann), 'participant 7 proven');
  check('does not join for who was taken out of the case', bob, tokenFor(bob), 'new');
  check(
    'is no token when its code is another',
    ann,
    { ...ours, tokens: [{ ...aToken(7, ann), mac: 'a'.repeat(16) }] },
    'new',
  );
  check('is no token when its day was changed', ann, { ...ours, tokens: [{ ...aToken(7, ann), day: 30_000 }] }, 'new');
  check('is no token when its key is gone', ann, { ...tokenFor(ann), keys: [] }, 'new');
  check('is no token of another mailbox', ann, { ...ours, tokens: [aToken(7, ann, 'mobility')] }, 'new');
  check(
    'of another mailbox is none here',
    ann,
    { ...tokenFor(ann), candidates: [candidate({ mailbox: 'mobility' })] },
    'new',
  );
});

describe('row 2: the token, but the sender failed', () => {
  check('is held', ann, { ...tokenFor(ann), authentication: fail }, 'unproven 7');
  check('is held where proof is required and none is there', ann, tokenFor(ann), 'unproven 7', 'required');
  check(
    'is held on a closed case too',
    ann,
    { ...tokenFor(ann), candidates: [candidate({ status: 'closed' })] },
    'unproven 7',
    'required',
  );
  check(
    'joins where authentication is off',
    ann,
    { ...tokenFor(ann), authentication: fail },
    'participant 7 proven',
    'off',
  );
});

describe('row 3: the token of somebody else', () => {
  check('is a stranger', bob, tokenFor(ann), 'stranger 7');
  check('is a stranger also with the number', bob, { ...tokenFor(ann), numbers: [7] }, 'stranger 7');
  check('is a stranger with an engineer’s notification', bob, tokenFor(grace), 'stranger 7');
  check('is a stranger also with a pass', bob, { ...tokenFor(ann), authentication: pass }, 'stranger 7');
  const carl = candidate({}, [aParticipant('carl@customer.example')]);
  check(
    'joins when its writer takes part too and names the case',
    'carl@customer.example',
    { candidates: [carl], tokens: [aToken(7, ann)], numbers: [7] },
    'participant 7',
  );
});

describe('rows 4 to 6: only a number', () => {
  check('joins from a participant with a pass', ann, { ...named, authentication: pass }, 'participant 7 proven');
  check('joins from a participant without a word, unproven', ann, named, 'participant 7');
  check('joins by a known Message-ID of the conversation', ann, { ...ours, references: [7] }, 'participant 7');
  check('from somebody else begins a case beside', bob, named, 'beside 7');
  check('from somebody else with a pass begins a case beside', bob, { ...named, authentication: pass }, 'beside 7');
  check('of no case we have begins a case and reveals nothing', bob, { numbers: [99] }, 'new');
  check(
    'from a proposed participant begins a case beside',
    bob,
    { numbers: [7], candidates: [candidate({}, [aParticipant(bob, { confirmed: false })])] },
    'beside 7',
  );
  check('from a participant that failed is held', ann, { ...named, authentication: fail }, 'unproven 7');
  check('from a participant is held where proof is required', ann, named, 'unproven 7', 'required');
  check(
    'of two cases joins the one its writer takes part in',
    ann,
    { numbers: [6, 7], candidates: [candidate({ number: 6, requester: bob }), candidate()] },
    'participant 7',
  );
});

describe('a mail that points at two cases', () => {
  const both = { candidates: [candidate({ number: 6 }), candidate()] };
  const older = aToken(6, ann, 'support', at('2026-02-20T09:00Z'));
  check('goes by its newest token', ann, { ...both, tokens: [older, aToken(7, ann)] }, 'participant 7 proven');
  check('goes by its token before its number', ann, { ...both, tokens: [older], numbers: [7] }, 'participant 6 proven');
});

describe('row 10: engineers', () => {
  check('may answer with their own token', grace, tokenFor(grace), 'engineer 7 allowed');
  check('may answer by the notification’s Message-ID', grace, letterTo(grace), 'engineer 7 allowed');
  check('may not with the customer’s token', grace, tokenFor(ann), 'engineer 7');
  check('may not with a number only', grace, named, 'engineer 7');
  check('may not after 14 days', grace, tokenFor(grace), 'engineer 7', 'when-present', at('2026-03-17T09:00Z'));
  check('may on the 14th day', grace, tokenFor(grace), 'engineer 7 allowed', 'when-present', at('2026-03-16T23:59Z'));
  check('may not when the sender failed', grace, { ...tokenFor(grace), authentication: fail }, 'engineer 7');
  check('may not where proof is required and none is there', grace, tokenFor(grace), 'engineer 7', 'required');
  check(
    'write as customers of their own case',
    grace,
    { candidates: [candidate({ requester: grace })], tokens: [aToken(7, grace)] },
    'participant 7 proven',
  );
  check('open a case like anybody', grace, {}, 'new');
});

describe('row 10: engineering', () => {
  const queue = 'queue@help.example';
  const known = { engineers: [grace, queue], engineering: queue };
  check('answers its notice with its own token', queue, { ...tokenFor(queue), ...known }, 'engineering 7 allowed');
  check('may not with the engineer’s token', queue, { ...tokenFor(grace), ...known }, 'engineering 7');
  check('may not with a number only', queue, { ...named, ...known }, 'engineering 7');
  check('is no engineer’s answer to the customer', grace, { ...tokenFor(grace), ...known }, 'engineer 7 allowed');
});

it('tokens are read from recipients and answered Message-IDs, the newest first and at most 20', () => {
  const many = Array.from(
    { length: 30 },
    (_, n) => `x.c${n + 1}.a${(20_000 + n).toString(36)}.abcdefghijklmnop@help.example`,
  );
  const found = tokensOf({ to: [], cc: [anAddress(many[5] ?? '')], inReplyTo: [many[29] ?? ''], references: many }, [
    many[3] ?? '',
  ]);
  expect(found.map(({ caseNumber }) => caseNumber)).toEqual(Array.from({ length: 20 }, (_, n) => 30 - n));
});
