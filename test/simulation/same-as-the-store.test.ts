// A model that differs proves nothing: whatever is done to the model database in a few simulated weeks is done to PostgreSQL through the real store, the
// real receiver, the real clock's door, and both must have come to the same at each step: dispositions, reasons and becauses, steps, letters to the byte.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decideOnRequest } from '../../src/cases/on-request.ts';
import { carryOut, signingKey } from '../../src/desk.ts';
import { tiesOf } from '../../src/intake/conversation.ts';
import { receiveNext } from '../../src/intake/receive.ts';
import { createParser, type Parser } from '../../src/mail/parser-pool.ts';
import { recordFate, sentTogether } from '../../src/postbox/record.ts';
import { lockCase } from '../../src/store/cases.ts';
import { openDatabase, rows, type Database } from '../../src/store/db.ts';
import { saveArrival } from '../../src/store/inbound.ts';
import { migrate } from '../../src/store/migrate.ts';
import { claimLetters } from '../../src/store/outbox.ts';
import { tickOnce } from '../../src/tick.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';
import { begin, live } from './simulate.ts';
import { run, type Deed, type World } from './world.ts';

const missing = whyMissing('postgres');
const day = 86_400_000;
const log = { debug() {}, info() {}, warn() {}, error() {} };

describe.skipIf(missing)(`the model of the store${missing ? ` (${missing})` : ''}`, { timeout: 900_000 }, () => {
  let own: TestDatabase;
  let database: Database;
  let parser: Parser;
  beforeAll(async () => {
    own = await sharedDatabase('model');
    database = await openDatabase(own.url);
    await migrate(database.db);
    parser = createParser();
  });
  afterAll(async () => {
    await parser?.close();
    await database?.close();
    await own?.drop();
  });

  it('comes to the same as PostgreSQL at every step of a few weeks', async () => {
    const { db } = database;
    const world = await begin({ seed: 11, gateways: 1 });
    world.deaths = 0;
    await endow(world);
    let deeds = 0;
    world.journal = async (deed) => {
      deeds += 1;
      await alsoDone(world, deed);
    };
    live(world, { casesADay: 3, strikesAMonth: 20 });
    await run(world, world.nowMs + 20 * day);
    expect(await realRows()).toEqual(modelRows(world));
    expect(deeds).toBeGreaterThan(400);

    async function endow({ ledger }: World): Promise<void> {
      for (const [domain, account] of ledger.accountDomains)
        await rows(db, 'insert into account_domains (domain, account) values (:domain, :account)', { domain, account });
      for (const record of ledger.entitlements)
        await rows(
          db,
          `insert into entitlements (id, account, plan, product, starts_at, expires_at, incidents_left)
           values (:id, :account, :plan, :product, :startsAt, :expiresAt, :incidentsLeft)`,
          { ...record },
        );
    }
  });

  async function alsoDone({ desk, seed }: World, deed: Deed): Promise<void> {
    const { db } = database;
    const { now } = deed;
    const where = `seed ${seed}, at ${now.toString()}`;
    switch (deed.deed) {
      case 'store': {
        const { source, sourceKey, mailbox, raw, at } = deed;
        const arrival = { source, sourceKey, mailbox, raw, envelopeFrom: null, envelopeTo: [], receivedAt: at };
        await saveArrival(db, { ...arrival, ...tiesOf(raw) }, now);
        return;
      }
      case 'receive': {
        const received = await receiveNext({ db, desk, parser, now: () => now });
        const { row } = deed;
        const real = received && {
          id: received.inboundId,
          disposition: received.disposition,
          reason: received.decision.reason,
          because: received.decision.because,
          caseNumber: received.decision.caseNumber,
        };
        const { id, disposition, reason, because, caseNumber } = row ?? {};
        expect(real, where).toEqual(row && { id, disposition, reason, because, caseNumber });
        return;
      }
      case 'tick':
        expect(await tickOnce({ db, desk, sends: true }, now), where).toEqual(deed.done);
        return;
      case 'command': {
        const refused = await db.transaction(async (trx) => {
          const placed = await lockCase(trx, deed.caseNumber, now);
          if (!placed) throw new Error(`case ${deed.caseNumber} is not there`);
          const decided = decideOnRequest(deed.request, placed, { key: signingKey(desk) }, desk.policy, now);
          if ('refused' in decided) return decided.refused;
          const from = { inboundId: null, mailbox: placed.supportCase.mailbox };
          await carryOut(trx, desk, decided, from, now);
          return null;
        });
        expect(refused, where).toBe(deed.refused);
        return;
      }
      case 'post': {
        const [letter] = await claimLetters(db, { owner: 'gateway-1', limit: 1, leaseSeconds: 50 }, deed.claimedAt);
        expect(letter?.id, where).toBe(String(deed.row.id));
        if (!letter) return;
        const recorder = { db, log, signal: new AbortController().signal, sent: sentTogether(db) };
        await recordFate(recorder, letter, deed.outcome, () => now);
        return;
      }
      default:
        throw new Error(`deed ${(deed satisfies never as Deed).deed}: the real desk does not know it`);
    }
  }

  async function realRows(): Promise<unknown> {
    const { db } = database;
    return {
      cases: await rows(
        db,
        `select number, status, close_reason as "closeReason", severity, plan, owner, requester, line, linked_from as "linkedFrom",
           target_at as "targetAt", first_response_at as "firstResponseAt", submitted_at as "submittedAt", updated_at as "updatedAt",
           closed_at as "closedAt" from cases order by number`,
      ),
      due: await rows(
        db,
        `select id::text, case_number as "caseNumber", rule, step, anchor, due_at as "dueAt", created_at as "createdAt", planned_at as "plannedAt", state, because
         from due order by due.id`,
      ),
      letters: (
        await rows<{ raw: Buffer }>(
          db,
          `select id::text, key, message_id as "messageId", kind, recipient, reverse_path as "reversePath", state, attempts, proven,
             next_at as "nextAt", sent_at as "sentAt", trouble, raw from outbox order by outbox.id`,
        )
      ).map(({ raw, ...row }) => ({ ...row, digest: digestOf(raw) })),
      participants: await rows(
        db,
        `select case_number as "caseNumber", address, role, confirmed from participants order by case_number, added_at, address`,
      ),
      contacts: await rows(db, `select address, proven_at as "provenAt" from contacts order by address collate "C"`),
      suppressed: await rows(db, `select address, until from suppressed order by address collate "C"`),
      entitlements: await rows(db, `select id, incidents_left as "incidentsLeft" from entitlements order by id`),
    };
  }
});

function modelRows({ ledger }: World): unknown {
  const files = [...ledger.cases.values()];
  const byAddress = <Row>(map: Map<string, Row>) => [...map].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    cases: files.map(({ supportCase }) => {
      const { number, status, closeReason, severity, plan, owner, requester, line, linkedFrom } = supportCase;
      const { targetAt, firstResponseAt, submittedAt, updatedAt, closedAt } = supportCase;
      const times = { targetAt, firstResponseAt, submittedAt, updatedAt, closedAt };
      return { number, status, closeReason, severity, plan, owner, requester, line, linkedFrom, ...times };
    }),
    due: files
      .flatMap(({ due }) => due)
      .sort((one, other) => Number(one.id) - Number(other.id))
      .map(({ moved: _, ...row }) => row),
    letters: ledger.outbox.map((row) => {
      const { key, messageId, kind, recipient, reversePath, state, attempts, proven, nextAt, sentAt, trouble } = row;
      const seen = { key, messageId, kind, recipient, reversePath, state, attempts, proven, nextAt, sentAt, trouble };
      return { id: String(row.id), ...seen, digest: row.digest };
    }),
    participants: files.flatMap(({ supportCase, participants }) =>
      participants
        .toSorted(
          (one, other) =>
            Temporal.Instant.compare(one.addedAt, other.addedAt) || (one.address < other.address ? -1 : 1),
        )
        .map(({ address, role, confirmed }) => ({ caseNumber: supportCase.number, address, role, confirmed })),
    ),
    contacts: byAddress(ledger.contacts).map(([address, { provenAt }]) => ({ address, provenAt })),
    suppressed: byAddress(ledger.suppressed).map(([address, { until }]) => ({ address, until })),
    entitlements: ledger.entitlements
      .map(({ id, incidentsLeft }) => ({ id, incidentsLeft }))
      .sort((one, other) => (one.id < other.id ? -1 : 1)),
  };
}

function digestOf(raw: Buffer): string {
  return createHash('sha256').update(raw).digest('hex');
}
