// Claims, keys and fences on a real PostgreSQL with two connections: what no two gateways can both have.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, rows, type Database, type Db, type Transaction } from '../../src/store/db.ts';
import { commit, StaleFacts } from '../../src/store/commit.ts';
import { awaitDecisions, claimMail, postponeMail, saveArrival } from '../../src/store/inbound.ts';
import { migrate } from '../../src/store/migrate.ts';
import {
  claimLetters,
  recordFailed,
  recordRetry,
  recordSent,
  releaseLetters,
  type ClaimedLetter,
} from '../../src/store/outbox.ts';
import { claimDue } from '../../src/store/schedule.ts';
import { claimTrouble, settleTrouble } from '../../src/store/trouble.ts';
import { insertCase, lockCase } from '../../src/store/cases.ts';
import { saveEntitlement } from '../../src/store/entitlements.ts';
import type { Effect } from '../../src/cases/decision.ts';
import { aCase, anAddress, at, monday } from '../builders.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`two gateways on one database ${missing ?? ''}`, () => {
  let own: TestDatabase;
  let one: Database;
  let other: Database;
  beforeAll(async () => {
    own = await sharedDatabase('claims');
    [one, other] = await Promise.all([openDatabase(own.url), openDatabase(own.url)]);
    await migrate(one.db);
  }, 90_000);
  beforeEach(async () => {
    await rows(one.db, 'truncate inbound, outbox, entries, due, participants, cases, entitlements cascade');
    await one.db.transaction((trx) => insertCase(trx, aCase()));
  });
  afterAll(async () => {
    await Promise.all([one?.close(), other?.close()]);
    await own?.drop();
  });

  const arrival = (sourceKey: string) => ({
    source: 's',
    sourceKey,
    mailbox: 'support',
    raw: Buffer.from('x'),
    envelopeFrom: null,
    envelopeTo: [],
    receivedAt: monday,
    ties: [],
    follows: [],
  });
  const letter = (
    key: string,
    changes: { recipient?: string; caseNumber?: number; createdAt?: Temporal.Instant; kind?: string } = {},
  ) =>
    rows(
      one.db,
      `insert into outbox (key, case_number, kind, message_id, recipient, reverse_path, automatic, proven, subject, text, html, raw, because, state, next_at, created_at)
       values (:key, :caseNumber, :kind, :key, :recipient, '', false, true, '', '', '', '', '', 'waiting', :createdAt, :createdAt)`,
      { key, caseNumber: 7, kind: 'answer', recipient: 'ann@customer.example', createdAt: monday, ...changes },
    );
  const claim = (db: Db, owner: string, leaseSeconds = 60) =>
    claimLetters(db, { owner, limit: 10, leaseSeconds }, monday);
  it('a mail that a clock ahead has stored waits for nothing, and neither does what follows it', async () => {
    const ahead = monday.add({ minutes: 50 });
    await saveArrival(one.db, { ...arrival('1'), ties: ['from ann'] }, ahead);
    const [stored] = await rows<{ id: string }>(one.db, 'select id::text from inbound');
    const awaited = await one.db.transaction((trx) => awaitDecisions(trx, [stored!.id]));
    expect(awaited.map(({ nextAt }) => Temporal.Instant.compare(nextAt, monday) <= 0)).toEqual([true]);
    expect(await one.db.transaction((trx) => claimMail(trx, monday))).toMatchObject({ id: stored!.id });
    await one.db.transaction((trx) => postponeMail(trx, stored!.id, monday.add({ minutes: 1 })));
    expect(await one.db.transaction((trx) => claimMail(trx, monday))).toBeNull();
  });
  const failsWith = (code: string) => expect.objectContaining({ code });
  const applied = (effects: Effect[]) =>
    one.db.transaction((trx) =>
      commit(
        trx,
        { reason: 'new-request', because: 'a test', caseNumber: 7, effects },
        [],
        { inboundId: null, policyVersion: 'v' },
        monday,
      ),
    );
  const step = (number: number, anchor = 'a', due = monday): Effect => ({
    effect: 'schedule',
    caseNumber: 7,
    rule: 'follow-up',
    step: number,
    anchor,
    at: due,
  });
  /** Runs `inside` while the other gateway's transaction holds what `hold` took. */
  async function holding<Result>(
    hold: (trx: Transaction) => Promise<unknown>,
    inside: () => Promise<Result>,
  ): Promise<Result> {
    return other.db.transaction(async (trx) => {
      await hold(trx);
      return inside();
    });
  }

  describe('a mail', () => {
    it('shown twice, also by both at once, is stored once', async () => {
      const saved = await Promise.all([
        saveArrival(one.db, arrival('1'), monday),
        saveArrival(other.db, arrival('1'), monday),
      ]);
      expect(saved.filter(({ fresh }) => fresh)).toHaveLength(1);
      expect(new Set(saved.map(({ id }) => id)).size).toBe(1);
    });
    it('in the hands of one is skipped by the other, the oldest first', async () => {
      const ids = [];
      for (const key of ['1', '2']) ids.push((await saveArrival(one.db, arrival(key), monday)).id);
      const seen: (string | undefined)[] = [];
      const second = await holding(
        async (trx) => seen.push((await claimMail(trx, monday))?.id),
        () => one.db.transaction((trx) => claimMail(trx, monday)),
      );
      expect([...seen, second?.id]).toEqual(ids);
    });
    it('of one content can not stand twice but as a duplicate', async () => {
      for (const key of ['1', '2', '3']) await saveArrival(one.db, arrival(key), monday);
      const decide = (key: string, disposition: string) =>
        rows(
          one.db,
          `update inbound set disposition = :disposition, reason = 'new-request', because = '', decided_at = :now, content_key = 'k' where source_key = :key`,
          { key, disposition, now: monday },
        );
      await decide('1', 'opened');
      await expect(decide('2', 'joined')).rejects.toEqual(failsWith('23505'));
      await decide('2', 'duplicate');
      await decide('3', 'duplicate');
    });
  });

  describe('a letter', () => {
    it('of one key exists once', async () => {
      await letter('k');
      // The key, whatever else of two such letters would be the same.
      await expect(letter('k')).rejects.toMatchObject({ constraint: 'outbox_key_key' });
    });
    it('is claimed by one of two at once', async () => {
      await letter('k');
      const claimed = await Promise.all([claim(one.db, 'one'), claim(other.db, 'other')]);
      expect(claimed.flat()).toHaveLength(1);
    });
    it('waits for the one before it to the same person in the same case, and for no other', async () => {
      for (const [key, changes] of [
        ['1', {}],
        ['2', {}],
        ['3', { recipient: 'bob@customer.example' }],
      ] as const)
        await letter(key, changes);
      expect((await claim(one.db, 'one')).map(({ recipient }) => recipient)).toEqual([
        'ann@customer.example',
        'bob@customer.example',
      ]);
      expect(await claim(other.db, 'other')).toEqual([]);
    });
    it.each([
      ['sent', (stale: ClaimedLetter) => recordSent(one.db, [{ letter: stale, response: '250', at: monday }])],
      [
        'to be tried again',
        (stale: ClaimedLetter) => recordRetry(one.db, stale, { error: '451', unknown: false }, monday),
      ],
      ['failed', (stale: ClaimedLetter) => recordFailed(one.db, stale, { error: '550', unknown: false })],
    ])('can not be recorded as %s by who slept through the lease', async (_, record) => {
      await letter('k');
      const [stale] = await claim(one.db, 'one', -1);
      const [fresh] = await claim(other.db, 'other');
      expect(fresh?.attempts).toBe(2);
      if (stale) await record(stale);
      expect(await rows(one.db, 'select state, last_error, claim from outbox')).toEqual([
        { state: 'waiting', last_error: null, claim: fresh?.claim },
      ]);
    });
    it('counts an attempt and an unknown fate once, also when the answer of the record was lost and it is written again', async () => {
      await letter('k');
      const counted = async () => (await rows(one.db, 'select attempts, unknowns from outbox'))[0];
      const [first] = await claim(one.db, 'one');
      for (const _ of [1, 2]) if (first) await releaseLetters(one.db, [first]);
      expect(await counted()).toEqual({ attempts: 0, unknowns: 0 });
      const [second] = await claim(one.db, 'one');
      for (const _ of [1, 2]) if (second) await recordRetry(one.db, second, { error: 'cut', unknown: true }, monday);
      expect(await counted()).toEqual({ attempts: 1, unknowns: 1 });
    });
    it('given back twice, since the answer was lost, is not given out of the hands that it came into meanwhile', async () => {
      await letter('k');
      const [first] = await claim(one.db, 'one');
      if (!first) throw new Error('nothing was claimed');
      await releaseLetters(one.db, [first]);
      const [second] = await claim(one.db, 'one');
      expect(second?.attempts).toBe(1);
      await releaseLetters(one.db, [first]);
      expect(await claim(other.db, 'other')).toEqual([]);
      expect(await rows(one.db, 'select attempts, claim from outbox')).toEqual([{ attempts: 1, claim: second?.claim }]);
    });
    it('that failed, or is late by hours, is told once; one that is not late is not', async () => {
      const [early, late] = [monday, monday.add({ hours: 5 })];
      for (const [key, recipient] of [
        ['failed', 'a@b.example'],
        ['late', 'b@b.example'],
        ['young', 'c@b.example'],
      ] as const) {
        await letter(key, { recipient, createdAt: key === 'young' ? late : early });
      }
      for (const claimed of await claimLetters(one.db, { owner: 'one', limit: 9, leaseSeconds: 60 }, late)) {
        if (claimed.recipient === 'a@b.example') await recordFailed(one.db, claimed, { error: '550', unknown: false });
        else await recordRetry(one.db, claimed, { error: '451', unknown: false }, late);
      }
      const told: string[] = [];
      for (;;) {
        const found = await one.db.transaction(async (trx) => {
          const trouble = await claimTrouble(trx, late.subtract({ hours: 4 }));
          if (trouble) await settleTrouble(trx, trouble);
          return trouble;
        });
        if (!found) break;
        told.push(`${found.recipient} ${found.trouble} ${found.error}`);
      }
      expect(told).toEqual(['a@b.example failed 550', 'b@b.example late 451']);
    });
  });

  describe('a due step', () => {
    it('is one a case: a second waiting one can not be written', async () => {
      await applied([step(1)]);
      await expect(applied([step(2)])).rejects.toEqual(failsWith('23505'));
    });
    it('comes once for one answer', async () => {
      await applied([step(1), { effect: 'cancel-schedule', caseNumber: 7, because: '' }]);
      await expect(applied([step(1)])).rejects.toEqual(failsWith('23505'));
      await applied([step(1, 'the next answer')]);
    });
    it('is not waited for while its case is in somebody’s hands, so that a tick and a mail never block each other', async () => {
      await applied([step(1)]);
      const meanwhile = await holding(
        (trx) => lockCase(trx, 7, monday),
        () => one.db.transaction((trx) => claimDue(trx, 1, monday)),
      );
      expect(meanwhile).toEqual([]);
      expect(await one.db.transaction((trx) => claimDue(trx, 1, monday))).toMatchObject([{ step: 1 }]);
    });
  });

  describe('an incident', () => {
    const left = async () =>
      (await rows<{ left: number }>(one.db, 'select incidents_left as left from entitlements'))[0]?.left;
    beforeEach(() =>
      saveEntitlement(one.db, {
        id: 'i',
        account: 'A',
        plan: 'pay-per-incident',
        product: null,
        startsAt: at('2026-01-01T00:00Z'),
        expiresAt: null,
        incidentsLeft: 1,
      }),
    );
    const spend: Effect = { effect: 'spend-incident', caseNumber: 7, entitlement: 'i' };
    it('is spent once, and the second decision starts over', async () => {
      await applied([spend]);
      expect(await left()).toBe(0);
      await expect(applied([spend])).rejects.toThrow(StaleFacts);
    });
    it('is given back once', async () => {
      await applied([spend]);
      for (const _ of [1, 2]) await applied([{ effect: 'return-incident', caseNumber: 7 }]);
      expect(await left()).toBe(1);
    });
  });

  it('participants are confirmed but never unconfirmed by a later mail, and a requester is never taken out', async () => {
    const person = (confirmed: boolean): Effect => ({
      effect: 'participant',
      caseNumber: 7,
      address: anAddress('bob@customer.example'),
      role: 'cc',
      confirmed,
    });
    const requester: Effect = {
      effect: 'participant',
      caseNumber: 7,
      address: anAddress('ann@customer.example'),
      role: 'requester',
      confirmed: true,
    };
    await applied([requester, person(false), person(true), person(false)]);
    const found = () => rows(one.db, 'select address, confirmed from participants order by address');
    expect(await found()).toEqual([
      { address: 'ann@customer.example', confirmed: true },
      { address: 'bob@customer.example', confirmed: true },
    ]);
    await applied(
      ['ann@customer.example', 'bob@customer.example'].map((address) => ({
        effect: 'remove-participant',
        caseNumber: 7,
        address,
      })),
    );
    expect(await found()).toEqual([{ address: 'ann@customer.example', confirmed: true }]);
    await expect(applied([{ ...requester, address: anAddress('eve@evil.example') }])).rejects.toEqual(
      failsWith('23505'),
    );
  });

  it('a case’s engineers’ letters and untold mails are counted', async () => {
    const entry = {
      kind: 'mail',
      visibility: 'public',
      author: 'a',
      text: 'x',
      fullText: null,
      attachments: [],
    } as const;
    await letter('e', { kind: 'engineer-reply', recipient: 'grace@help.example' });
    await rows(
      one.db,
      `insert into entries (case_number, kind, visibility, author, text, outbox_id, reason, because, policy_version, at)
       select 7, 'letter', 'internal', 'c', 'x', id, 'storm', '', '', :now from outbox`,
      { now: monday },
    );
    await applied([1, 2].map(() => ({ effect: 'entry', caseNumber: 7, entry: { ...entry, attachments: [] } })));
    const notices = async (now: Temporal.Instant) =>
      (await one.db.transaction((trx) => lockCase(trx, 7, now)))?.notices;
    expect(await notices(monday)).toEqual({ thisHour: 1, untold: 2 });
    expect(await notices(monday.add({ minutes: 61 }))).toEqual({ thisHour: 0, untold: 2 });
  });
});
