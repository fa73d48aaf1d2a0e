// `npm run bench:what-if`: how long it takes to decide on stored mails once more under a changed policy. The floor reads the same rows and parses
// the same mails in as many threads, and decides nothing. The mails are written by SQL: how they came in is measured elsewhere.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { defaultConfig, type Config } from '../../src/config.ts';
import { monotonicMs, systemClock } from '../../src/clock.ts';
import { openDesk } from '../../src/desk.ts';
import { createParser, type Parser } from '../../src/mail/parser-pool.ts';
import { openDatabase, rows, type Db } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { simulate } from '../../src/what-if/simulate.ts';
import { aPolicy } from '../builders.ts';
import { startPostgres } from '../servers/postgres.ts';
import { generatedMail, senderOf } from './generated-mails.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, mails: { type: 'string', default: '10000' } },
});
const mails = Number(values.mails);
const changedPolicy = `
rules: { severity: { slow restores: { severity: A, any: [restoring a folder] } } }
plans: { customer-service: { targets: { B: 2 business days } } }
`;

const postgres = await startPostgres();
const database = await openDatabase(await postgres.createDatabase('whatif'));
const parser = createParser({ threads: 2 });
try {
  const { db } = database;
  await migrate(db);
  const desk = await openDesk(defaultConfig({}) as Config, db, systemClock());
  for (let index = 0; index < mails; index += 1) await storeDecided(db, index);
  const load = Number((loadavg()[0] ?? 0).toFixed(1));
  const floorSeconds = await seconds(() => readAndParse(db, parser));
  let changed = 0;
  const range = { since: null, mailsMax: mails };
  const oursSeconds = await seconds(async () => {
    ({ changed } = await simulate({ db, desk, parser }, aPolicy(changedPolicy), range, () => {}));
  });
  const figures = {
    mails,
    changed,
    seconds: oursSeconds,
    mailsPerSecond: mails / oursSeconds,
    floorSeconds,
    ratio: floorSeconds / oursSeconds,
  };
  const machine = { processor: cpus()[0]?.model, cores: cpus().length, node: process.version, load };
  console.log(
    values.json
      ? JSON.stringify({ machine, ...figures })
      : `${machine.cores} x ${machine.processor}, Node ${machine.node}, load ${machine.load} before\n` +
          `${mails} stored mails under a changed policy (${changed} differ): ${oursSeconds.toFixed(1)} s, ${figures.mailsPerSecond.toFixed(0)} mails/s; ` +
          `floor (read and parse): ${floorSeconds.toFixed(1)} s, ratio ${figures.ratio.toFixed(2)}`,
  );
} finally {
  await parser.close();
  await database.close();
  await postgres.stop();
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const began = monotonicMs();
  await work();
  return (monotonicMs() - began) / 1000;
}

async function storeDecided(db: Db, index: number): Promise<void> {
  const number = index + 1;
  await rows(
    db,
    `with opened as (
       insert into cases (number, mailbox, line, subject, status, severity, severity_by, severity_because, plan, plan_because, requester,
         requester_name, owner_because, language, target_because, submitted_at, updated_at)
       values (:number, 'support@localhost', 'corporate', 'x', 'new', 'C', 'rule', 'x', 'customer-service', 'x', :from, '', 'x', 'en', 'x', :at, :at))
     insert into inbound (source, source_key, mailbox, raw, sha256, bytes, envelope_to, received_at, stored_at, next_at, decided_at, disposition,
       reason, because, policy_version, case_number, from_address)
     values ('bench', :number, 'support@localhost', :raw, sha256(:raw), length(:raw), '{}', :at, :at, :at, :at, 'opened', 'new-request', 'x', 'x',
       :number, :from)`,
    { number, from: senderOf(index), raw: generatedMail(index), at: Temporal.Instant.from('2026-03-02T09:00Z') },
  );
}

async function readAndParse(db: Db, threads: Parser): Promise<void> {
  const page = 100;
  for (let after = '0'; ;) {
    const found = await rows<{ id: string; raw: Buffer }>(
      db,
      'select id::text, raw from inbound where id > cast(:after as bigint) order by inbound.id limit :page',
      { after, page },
    );
    await Promise.all(found.map(({ raw }) => threads.parse(raw)));
    if (found.length < page) return;
    after = found.at(-1)?.id ?? after;
  }
}
