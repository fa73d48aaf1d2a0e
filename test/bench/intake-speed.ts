// From the mailbox to the acknowledgment accepted by the SMTP peer: how many mails a second, and how much processor time a mail takes in all our
// processes and PostgreSQL together; by IMAP and by LMTP, ours and the floor's. Three in ten mails are answers to cases of the same run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../servers/ports.ts';
import { startPostgres, type Postgres } from '../servers/postgres.ts';
import { aDesk, type Desk } from '../story/desk.ts';
import { startCasepost } from '../story/program.ts';
import { senderOf } from './generated-mails.ts';
import { handOverByLmtp, type Handed } from './lmtp-client.ts';
import { peakMb, processorSeconds } from './processor-time.ts';
import { answerTo, newMail } from './support-mails.ts';

/** What stands beside our figures, as a program. */
export const floorProgram = fileURLToPath(new URL('floor-program.ts', import.meta.url));
const connections = 16;
const runSecondsMax = 600;
/** Every writer is new and of a domain of his own: without this the breaker would rightly hold their acknowledgments. */
export const policy = 'loops: { breakerLettersAnHour: 1000000 }\n';

/** One way in: mails a second, milliseconds of processor time a mail (`databaseMs` of them PostgreSQL's), and the most memory of the gateway in MB. */
export interface Speed {
  mailsPerSecond: number;
  cpuMs: number;
  databaseMs: number;
  rssMb: number;
}

/** Both ways in; the load of the machine stands beside each, since it is not ours alone. */
export interface IntakeSpeed {
  mails: number;
  bytesPerMail: number;
  imap: Speed;
  lmtp: Speed;
  floorImap: Speed;
  floorLmtp: Speed;
}

/** `profile`: a folder that the gateway writes its processor profiles to. */
export async function measureIntake(mails: number, profile: string | null = null): Promise<IntakeSpeed> {
  const postgres = await startPostgres({ settings: { max_wal_size: '2GB' } });
  const [lmtpPort] = (await freePorts(1)) as [number];
  const databaseUrl = await postgres.createDatabase('intake');
  const desk = await aDesk({ databaseUrl, policy, listen: `  lmtp: { port: ${lmtpPort} }` });
  try {
    const ours = await measureGateway({ desk, postgres, lmtpPort, mails, profile });
    const floorImap = await measureFloor({ desk, postgres, mails, way: 'imap', corpus: ours.corpus });
    const floorLmtp = await measureFloor({ desk, postgres, mails, way: 'lmtp', corpus: ours.corpus });
    const bytesPerMail = Math.round(ours.corpus.reduce((sum, { raw }) => sum + raw.length, 0) / mails);
    return { mails, bytesPerMail, imap: ours.imap, lmtp: ours.lmtp, floorImap, floorLmtp };
  } finally {
    await desk.stop();
    await postgres.stop();
  }
}

interface Site {
  desk: Desk;
  postgres: Postgres;
  mails: number;
}

/** Both ways in, one after the other, on a gateway of its own; the mails of the first are given back. */
export async function measureGateway(
  site: Site & { lmtpPort: number; profile: string | null },
): Promise<{ imap: Speed; lmtp: Speed; corpus: Handed[] }> {
  const { desk, lmtpPort, mails, profile } = site;
  const env = profile === null ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` };
  const gateway = await startCasepost(['start', '-c', desk.config], { env });
  try {
    const answered = Math.round(mails * 0.3);
    const opened = mails - answered;
    /** `answered` cases are opened first and their acknowledgments answered among the `opened` new ones. */
    const corpus = async (first: number): Promise<Handed[]> => {
      const before = Array.from({ length: answered }, (_, at) => handed(first + at, newMail(first + at)));
      await settled(desk, () => handOverByLmtp(lmtpPort, before, connections), answered);
      const letters = new Map(desk.peer.letters.map((letter) => [letter.recipients[0] ?? '', letter.raw]));
      return Array.from({ length: mails }, (_, at) => {
        const number = first + at;
        // Spread among the new ones.
        const answer = Math.floor(((at + 1) * answered) / mails) > Math.floor((at * answered) / mails);
        if (!answer) return handed(number + mails, newMail(number + mails));
        const writer = first + Math.floor((at * answered) / mails);
        return handed(writer, answerTo(letters.get(senderOf(writer)) ?? Buffer.alloc(0), writer));
      });
    };
    const byImap = await corpus(1);
    const appear = await laidBeside(desk, byImap);
    const imap = await measured(site, gateway.pid, () => settled(desk, appear, opened));
    const byLmtp = await corpus(1 + 3 * mails);
    const lmtp = await measured(site, gateway.pid, () =>
      settled(desk, () => handOverByLmtp(lmtpPort, byLmtp, connections), opened),
    );
    return { imap, lmtp, corpus: byImap };
  } finally {
    await gateway.stop();
  }
}

async function measureFloor({
  desk,
  postgres,
  mails,
  way,
  corpus,
}: Site & { way: 'imap' | 'lmtp'; corpus: Handed[] }): Promise<Speed> {
  const [lmtpPort] = (await freePorts(1)) as [number];
  const port = way === 'imap' ? desk.dovecot.ports.imap : lmtpPort;
  if (way === 'imap') await emptied(desk);
  const floor = spawn(
    process.execPath,
    [floorProgram, await postgres.createDatabase(`floor-${way}`), String(desk.peer.port), way, String(port)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  try {
    await once(floor.stdout, 'data');
    const put = way === 'imap' ? await laidBeside(desk, corpus) : () => handOverByLmtp(lmtpPort, corpus, connections);
    return await measured({ desk, postgres, mails }, floor.pid ?? 0, () => lettersAfter(desk, put, mails));
  } finally {
    floor.stdin.end();
    await once(floor, 'close');
  }
}

function handed(index: number, raw: Buffer): Handed {
  return { from: senderOf(index), to: 'support@desk.test', raw };
}

/** Lays the mails beside the folder; the function it gives makes all of them appear in it at once, as after a weekend. */
export async function laidBeside(
  { dovecot }: Desk,
  corpus: Handed[],
  user: string = 'support',
): Promise<() => Promise<void>> {
  const folder = dovecot.maildir(user);
  const names = corpus.map((_, at) => `${1_700_000_000 + at}.M${at}P1.bench`);
  await mkdir(join(folder, 'tmp'), { recursive: true });
  for (const [at, { raw }] of corpus.entries()) {
    const text = raw.toString('latin1').replaceAll('\r\n', '\n');
    await writeFile(join(folder, 'tmp', names[at] ?? ''), text, { encoding: 'latin1', mode: 0o666 });
  }
  return async () => {
    for (const name of names) await rename(join(folder, 'tmp', name), join(folder, 'new', name));
  };
}

async function emptied({ dovecot }: Desk): Promise<void> {
  const client = await dovecot.client();
  await client.mailboxOpen('INBOX');
  await client.messageDelete('1:*').catch(() => false);
  await client.logout();
}

async function measured({ postgres, mails }: Site, pid: number, work: () => Promise<number>): Promise<Speed> {
  const [ours, database] = [processorSeconds([pid]), processorSeconds([postgres.pid()])];
  const seconds = await work();
  const [oursMs, databaseMs] = [processorSeconds([pid]) - ours, processorSeconds([postgres.pid()]) - database].map(
    (spent) => (spent * 1000) / mails,
  ) as [number, number];
  return { mailsPerSecond: mails / seconds, cpuMs: oursMs + databaseMs, databaseMs, rssMb: peakMb(pid) };
}

/** Seconds from the first mail until `acknowledged` of their writers have a letter and nothing is left to decide or to send. */
async function settled(desk: Desk, put: () => Promise<void>, acknowledged: number): Promise<number> {
  const seconds = await lettersAfter(desk, put, acknowledged);
  const began = performance.now();
  for (;;) {
    const [left] = await desk.rows<{ left: string }>(
      `select (select count(*) from inbound where disposition is null) + (select count(*) from outbox where state = 'waiting') as left`,
    );
    if (Number(left?.left) === 0) return seconds + (performance.now() - began) / 1000;
    await pause(20);
  }
}

/** Seconds until the peer has accepted `count` more letters to writers of the corpus. */
export async function lettersAfter({ peer }: Desk, put: () => Promise<void>, count: number): Promise<number> {
  const began = performance.now();
  const already = peer.letters.length;
  let at = already;
  let got = 0;
  const putting = put();
  while (got < count) {
    for (; at < peer.letters.length; at += 1) if (peer.letters[at]?.recipients[0]?.startsWith('person')) got += 1;
    if (performance.now() - began > runSecondsMax * 1000)
      throw new Error(`only ${got} of ${count} letters came in ${runSecondsMax} s`);
    await pause(5);
  }
  await putting;
  return (performance.now() - began) / 1000;
}
