// A morning on which many follow-ups are due at once: how fast they leave, whether any case gets two, how long a mail that arrives meanwhile waits for
// its acknowledgment, and what a minute costs on which nothing is due. The floor reads the very letters that were sent, hands them over and marks them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type Config, readConfig } from '../../src/config.ts';
import { openDesk } from '../../src/desk.ts';
import { openDatabase } from '../../src/store/db.ts';
import { tickOnce } from '../../src/tick.ts';
import { freePorts } from '../servers/ports.ts';
import { startPostgres, type Postgres } from '../servers/postgres.ts';
import { aDesk, type Desk } from '../story/desk.ts';
import { startCasepost } from '../story/program.ts';
import { senderOf } from './generated-mails.ts';
import { type Asked, seed, serverSettings, timed } from './growth-speed.ts';
import { floorProgram, policy } from './intake-speed.ts';
import { handOverByLmtp } from './lmtp-client.ts';
import { processorSeconds } from './processor-time.ts';
import { newMail } from './support-mails.ts';

/** The archive ends so long ago that the first pause of every case is over. */
const agedDays = 30;
const mailEveryMs = 3_000;
const quietSecondsMax = 100;

/** Letters a second and milliseconds of processor time a letter, ours and the floor's; `acknowledged` are the waits of mails meanwhile, in ms. */
export interface ScheduleSpeed {
  cases: number;
  letters: number;
  idleTick: Asked;
  lettersPerSecond: number;
  cpuMs: number;
  databaseMs: number;
  /** Cases that got more than one letter. */
  doubled: number;
  acknowledged: number[];
  floorLettersPerSecond: number;
  floorCpuMs: number;
}

/** Measures `letters` follow-ups due at once among `cases` open cases. */
export async function measureSchedule(cases: number, letters: number): Promise<ScheduleSpeed> {
  const postgres = await startPostgres({ settings: serverSettings });
  const [lmtpPort] = (await freePorts(1)) as [number];
  const databaseUrl = await postgres.createDatabase('schedule');
  const desk = await aDesk({ databaseUrl, policy, listen: `  lmtp: { port: ${lmtpPort} }`, imap: false });
  try {
    await seed(desk, { cases, now: Temporal.Now.instant().subtract({ hours: 24 * agedDays }), openEvery: 1 });
    // All of the seed were due weeks ago.

    await desk.rows(`update due set due_at = now() + interval '30 days'`);
    await desk.rows('vacuum analyze due');
    const idleTick = await measureIdleTick(desk);
    await desk.rows(`update due set due_at = now() - interval '1 hour' where case_number <= $1`, [letters]);
    const ours = await measureGateway(desk, { postgres, lmtpPort, letters });
    const floor = await measureFloor(desk, { postgres, letters });
    return { cases, letters, idleTick, ...ours, ...floor };
  } finally {
    await desk.stop();
    await postgres.stop();
  }
}

async function measureIdleTick({ config, databaseUrl }: Desk): Promise<Asked> {
  const { db, close } = await openDatabase(databaseUrl);
  try {
    const desk = await openDesk(readConfig(config, {}) as Config, db, Temporal.Now.instant());
    return await timed(db, (at) => tickOnce({ db: at, desk, sends: true }, Temporal.Now.instant()), 1);
  } finally {
    await close();
  }
}

interface Site {
  postgres: Postgres;
  letters: number;
}

async function measureGateway(desk: Desk, { postgres, lmtpPort, letters }: Site & { lmtpPort: number }) {
  const gateway = await startCasepost(['start', '-c', desk.config]);
  const used = () => [processorSeconds([gateway.pid]), processorSeconds([postgres.pid()])] as const;
  const before = used();
  let over = false;
  const waits = mailsMeanwhile(desk, lmtpPort, () => over);
  try {
    const { seconds, recipients } = await lettersSent(desk, 'writer', letters);
    const after = used();
    over = true;
    const acknowledged = await waits;
    const [oursMs, databaseMs] = [after[0] - before[0], after[1] - before[1]].map(
      (spent) => (spent * 1000) / letters,
    ) as [number, number];
    const doubled = recipients.length - new Set(recipients).size;
    return { lettersPerSecond: letters / seconds, cpuMs: oursMs + databaseMs, databaseMs, doubled, acknowledged };
  } finally {
    over = true;
    await gateway.stop();
  }
}

/** Hands a new mail over every few seconds until `over`; the milliseconds until each acknowledgment. */
async function mailsMeanwhile(desk: Desk, lmtpPort: number, over: () => boolean): Promise<number[]> {
  const waits: number[] = [];
  for (let index = 1; !over(); index += 1) {
    await pause(mailEveryMs);
    const from = senderOf(index);
    const began = performance.now();
    const first = desk.peer.letters.length;
    await handOverByLmtp(lmtpPort, [{ from, to: 'support@desk.test', raw: newMail(index) }], 1);
    for (let at = first; !over() || at < desk.peer.letters.length; at += 1) {
      while (at >= desk.peer.letters.length && !over()) await pause(5);
      if (desk.peer.letters[at]?.recipients[0] !== from) continue;
      waits.push(performance.now() - began);
      break;
    }
  }
  return waits;
}

async function measureFloor(desk: Desk, { postgres, letters }: Site) {
  await desk.rows(`create table floor_outbox as
    select row_number() over (order by id) as id, recipient, raw, cast(null as timestamptz) as sent_at from outbox where kind = 'follow-up'`);
  await desk.rows('alter table floor_outbox add primary key (id)');
  await desk.rows('vacuum analyze floor_outbox');
  const floor = spawn(process.execPath, [floorProgram, desk.databaseUrl, String(desk.peer.port), 'outbox', ''], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    await once(floor.stdout, 'data');
    const used = () => processorSeconds([floor.pid ?? 0, postgres.pid()]);
    const before = used();
    const { seconds } = await lettersSent(desk, 'writer', letters);
    return { floorLettersPerSecond: letters / seconds, floorCpuMs: ((used() - before) * 1000) / letters };
  } finally {
    floor.stdin.end();
    await once(floor, 'close');
  }
}

/** Waits for `count` more letters to recipients that begin so; seconds from now to the last of them. */
async function lettersSent(
  { peer }: Desk,
  start: string,
  count: number,
): Promise<{ seconds: number; recipients: string[] }> {
  const recipients: string[] = [];
  const began = performance.now();
  let last = began;
  for (let at = peer.letters.length; recipients.length < count;) {
    for (; at < peer.letters.length; at += 1) {
      const recipient = peer.letters[at]?.recipients[0] ?? '';
      if (!recipient.startsWith(start)) continue;
      recipients.push(recipient);
      last = performance.now();
    }
    if (performance.now() - last > quietSecondsMax * 1000)
      throw new Error(`${recipients.length} of ${count} letters came, and none for ${quietSecondsMax} s`);
    await pause(5);
  }
  return { seconds: (last - began) / 1000, recipients };
}
