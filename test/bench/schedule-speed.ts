// A morning on which many follow-ups are due at once: how fast they leave, whether any case gets two, how long a mail that arrives meanwhile waits for
// its acknowledgment, and what a minute costs on which nothing is due. The floor reads the very letters that were sent, hands them over and marks them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type Config, readConfig } from '../../src/config.ts';
import { openDesk } from '../../src/desk.ts';
import { openDatabase } from '../../src/store/db.ts';
import { rowsPerRunMax, tickOnce } from '../../src/tick.ts';
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

/** Letters a second, and milliseconds of processor time a letter with those of PostgreSQL. */
export interface Pace {
  perSecond: number;
  cpuMs: number;
  databaseMs: number;
}

/** Half of the letters decided first and then sent, half of them both at once; `acknowledged` are the waits of mails meanwhile, in ms. */
export interface ScheduleSpeed {
  cases: number;
  letters: number;
  idleTick: Asked;
  decided: Pace;
  sent: Pace;
  floor: Pace;
  both: Pace;
  /** Cases that got more than one letter. */
  doubled: number;
  acknowledged: number[];
}

/** Measures `letters` follow-ups due at once among `cases` open cases, an even number. */
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
    const half = letters / 2;
    const due = (from: number) =>
      desk.rows(
        `update due set due_at = now() - interval '1 hour' where state = 'waiting' and case_number > $1 and case_number <= $2`,
        [from, from + half],
      );
    await due(0);
    const decided = await paced({ postgres, letters: half }, process.pid, () => decideAll(desk));
    const site = { postgres, lmtpPort, letters: half };
    const first = await measureGateway(desk, site, 0);
    await due(half);
    const second = await measureGateway(desk, site, 1);
    const floor = await measureFloor(desk, { postgres, letters: half });
    const acknowledged = [...first.acknowledged, ...second.acknowledged];
    const recipients = [...first.recipients, ...second.recipients];
    const doubled = recipients.length - new Set(recipients).size;
    return { cases, letters, idleTick, decided, sent: first.pace, both: second.pace, floor, doubled, acknowledged };
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

/** Decides on all that is due and sends nothing; seconds. */
async function decideAll({ config, databaseUrl }: Desk): Promise<number> {
  const { db, close } = await openDatabase(databaseUrl);
  try {
    const desk = await openDesk(readConfig(config, {}) as Config, db, Temporal.Now.instant());
    const began = performance.now();
    for (;;) {
      const done = await tickOnce({ db, desk, sends: true }, Temporal.Now.instant());
      if (done.length < rowsPerRunMax) return (performance.now() - began) / 1000;
    }
  } finally {
    await close();
  }
}

interface Site {
  postgres: Postgres;
  letters: number;
}

/** What `work`, which takes the seconds it gives, costs the process `pid` and PostgreSQL. */
async function paced({ postgres, letters }: Site, pid: number, work: () => Promise<number>): Promise<Pace> {
  const used = () => [ownSeconds(pid), processorSeconds([postgres.pid()])] as const;
  const before = used();
  const seconds = await work();
  const after = used();
  const databaseMs = ((after[1] - before[1]) * 1000) / letters;
  return { perSecond: letters / seconds, cpuMs: ((after[0] - before[0]) * 1000) / letters + databaseMs, databaseMs };
}

/** This process has servers below it, which are not meant. */
function ownSeconds(pid: number): number {
  if (pid !== process.pid) return processorSeconds([pid]);
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

async function measureGateway(desk: Desk, { postgres, lmtpPort, letters }: Site & { lmtpPort: number }, turn: number) {
  const gateway = await startCasepost(['start', '-c', desk.config]);
  let over = false;
  const waits = mailsMeanwhile(desk, lmtpPort, { first: 1 + turn * letters, over: () => over });
  let recipients: string[] = [];
  try {
    const pace = await paced({ postgres, letters }, gateway.pid, async () => {
      const sent = await lettersSent(desk, 'writer', letters);
      recipients = sent.recipients;
      return sent.seconds;
    });
    over = true;
    return { pace, recipients, acknowledged: await waits };
  } finally {
    over = true;
    await gateway.stop();
  }
}

/** Hands a new mail over every few seconds until `over`, mail number `first` being the first; the milliseconds until each acknowledgment. */
async function mailsMeanwhile(
  desk: Desk,
  lmtpPort: number,
  { first: firstMail, over }: { first: number; over: () => boolean },
): Promise<number[]> {
  const waits: number[] = [];
  for (let index = firstMail; !over(); index += 1) {
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

async function measureFloor(desk: Desk, { postgres, letters }: Site): Promise<Pace> {
  await desk.rows(`create table floor_outbox as
    select row_number() over (order by id) as id, recipient, raw, cast(null as timestamptz) as sent_at from outbox where kind = 'follow-up' order by outbox.id limit ${letters}`);
  await desk.rows('alter table floor_outbox add primary key (id)');
  await desk.rows('vacuum analyze floor_outbox');
  const floor = spawn(process.execPath, [floorProgram, desk.databaseUrl, String(desk.peer.port), 'outbox', ''], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    await once(floor.stdout, 'data');
    return await paced(
      { postgres, letters },
      floor.pid ?? 0,
      async () => (await lettersSent(desk, 'writer', letters)).seconds,
    );
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
