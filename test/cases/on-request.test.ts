// What an engineer does from a shell: which commands are done, and which are refused with what to do instead.
import { describe, expect, it } from 'vitest';
import { decideOnRequest, type Request } from '../../src/cases/on-request.ts';
import type { CaseFacts } from '../../src/cases/facts.ts';
import {
  anAddress,
  aParticipant,
  aPolicy,
  at,
  changesOf,
  effectsOf,
  lettersOf,
  monday,
  placedCase,
  telling,
} from '../builders.ts';

const policy = aPolicy();
const by = 'grace@help.example';

function decide(request: Request, placed: CaseFacts = placedCase()) {
  const decision = decideOnRequest(request, placed, telling, policy, monday);
  if ('refused' in decision) throw new Error(decision.refused);
  return decision;
}

function refused(fact: string, request: Request, placed: CaseFacts, expected: string) {
  it(fact, () =>
    expect(decideOnRequest(request, placed, telling, policy, monday)).toEqual({
      refused: expect.stringContaining(expected),
    }),
  );
}

const set = (changes: Extract<Request, { request: 'set' }>['changes']): Request => ({
  request: 'set',
  by,
  changes,
  key: 'k',
});

describe('set', () => {
  it('severity is an engineer’s word and moves the target that nobody has met yet', () => {
    const changes = changesOf(decide(set({ severity: 'D' })));
    expect(changes).toMatchObject({ severity: 'D', severityBy: 'engineer', targetAt: at('2026-03-05T09:00Z') });
    const answered = changesOf(decide(set({ severity: 'A' }), placedCase({ firstResponseAt: monday })));
    expect(answered).not.toHaveProperty('targetAt');
  });
  it('status closed closes, ends the steps and tells who takes part', () => {
    const decision = decide(set({ status: 'closed' }));
    expect(changesOf(decision)).toMatchObject({
      status: 'closed',
      closeReason: 'resolved by support',
      closedAt: monday,
    });
    expect([effectsOf(decision, 'cancel-schedule').length, lettersOf(decision)]).toEqual([
      1,
      ['closed-by-support to ann@customer.example'],
    ]);
  });
  it.each(['duplicate', 'spam'] as const)('closed as %s tells nobody and gives the incident back', (closeReason) => {
    const decision = decide(set({ status: 'closed', closeReason }));
    expect([lettersOf(decision), effectsOf(decision, 'return-incident')]).toEqual([
      [],
      [{ effect: 'return-incident', caseNumber: 7 }],
    ]);
  });
  it('closed as resolved gives nothing back', () =>
    expect(effectsOf(decide(set({ status: 'closed' })), 'return-incident')).toEqual([]));
  it('status of a closed corporate case reopens it', () =>
    expect(changesOf(decide(set({ status: 'waiting on support' }), placedCase({ status: 'closed' })))).toMatchObject({
      closeReason: null,
      closedAt: null,
    }));
  it('nothing takes a value away', () =>
    expect(changesOf(decide(set({ owner: '', product: '' })))).toMatchObject({ owner: null, product: null }));
  it('owner tells the new one', () => {
    const decision = decide(
      { request: 'set', by: 'lead@help.example', changes: { owner: 'Grace@help.example' }, key: 'k' },
      placedCase({ owner: null }),
    );
    expect([changesOf(decision).owner, lettersOf(decision)]).toEqual([
      'grace@help.example',
      ['engineer-notice to grace@help.example'],
    ]);
  });
  refused('owner that is no engineer', set({ owner: 'eve@evil.example' }), placedCase(), 'known: grace@help.example');
  refused(
    'a closed case to waiting on customer',
    set({ status: 'waiting on customer' }),
    placedCase({ status: 'closed' }),
    'allowed: waiting on support',
  );
  refused(
    'a closed mobility case to anything',
    set({ status: 'waiting on support' }),
    placedCase({ status: 'closed', line: 'mobility' }),
    'can not be reopened',
  );
  refused('a close reason without closing', set({ closeReason: 'spam' }), placedCase(), 'add status=closed');
});

describe('reply and note', () => {
  const reply: Request = { request: 'reply', by, text: ' Try this. ', key: 'k' };
  it('a reply goes out and starts the clock', () => {
    const decision = decide(reply);
    expect([lettersOf(decision), effectsOf(decision, 'schedule').length]).toEqual([
      ['answer to ann@customer.example'],
      1,
    ]);
  });
  it('a note goes to nobody', () => expect(lettersOf(decide({ request: 'note', by, text: 'ask Ben' }))).toEqual([]));
  refused('an empty reply', { ...reply, text: ' \n' }, placedCase(), 'empty');
  refused('an empty note', { request: 'note', by, text: '' }, placedCase(), 'empty');
  refused(
    'a reply to nobody',
    reply,
    placedCase({}, { participants: [aParticipant('ann@customer.example', { confirmed: false })] }),
    'confirm a participant first',
  );
});

describe('participant', () => {
  const ask = (act: 'add' | 'remove', addrSpec: string): Request => ({
    request: 'participant',
    by,
    act,
    address: anAddress(addrSpec),
  });
  const bob = (confirmed: boolean) =>
    placedCase(
      {},
      {
        participants: [
          aParticipant('ann@customer.example', { role: 'requester' }),
          aParticipant('bob@customer.example', { confirmed }),
        ],
      },
    );
  const changed = (request: Request, placed: CaseFacts) =>
    decide(request, placed).effects.filter(({ effect }) => /participant/.test(effect));
  const added = {
    effect: 'participant',
    caseNumber: 7,
    address: anAddress('bob@customer.example'),
    role: 'cc',
    confirmed: true,
  };
  it('add confirms who was proposed', () =>
    expect(changed(ask('add', 'bob@customer.example'), bob(false))).toEqual([added]));
  it('add adds anybody, and sends no history', () => {
    expect(changed(ask('add', 'bob@customer.example'), placedCase())).toEqual([added]);
    expect(lettersOf(decide(ask('add', 'bob@customer.example')))).toEqual([]);
  });
  it('add confirms a requester whose mail was held', () => {
    const held = placedCase(
      {},
      { participants: [aParticipant('ann@customer.example', { role: 'requester', confirmed: false })] },
    );
    expect(changed(ask('add', 'ann@customer.example'), held)).toMatchObject([{ role: 'requester', confirmed: true }]);
  });
  it('remove takes somebody out', () =>
    expect(changed(ask('remove', 'bob@customer.example'), bob(true))).toEqual([
      { effect: 'remove-participant', caseNumber: 7, address: 'bob@customer.example' },
    ]));
  refused('remove the requester', ask('remove', 'ann@customer.example'), placedCase(), 'is the requester');
  refused('remove who is not there', ask('remove', 'eve@evil.example'), placedCase(), 'takes no part');
  refused('add who takes part already', ask('add', 'bob@customer.example'), bob(true), 'takes part in case 7 already');
  refused('add an engineer', ask('add', 'grace@help.example'), placedCase(), 'is an engineer');
  refused('add what is no address', ask('add', 'bob'), placedCase(), 'not an address');
});
