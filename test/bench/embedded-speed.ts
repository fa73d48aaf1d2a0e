// The embedded database, honestly: mails by LMTP into a desk without a server. It never calls fsync, so that no floor stands beside it.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../servers/ports.ts';
import { aDesk } from '../story/desk.ts';
import { startCasepost } from '../story/program.ts';
import { senderOf } from './generated-mails.ts';
import { lettersAfter, policy } from './intake-speed.ts';
import { handOverByLmtp } from './lmtp-client.ts';
import { peakMb, processorSeconds } from './processor-time.ts';
import { newMail } from './support-mails.ts';

const connections = 16;

/** Mails a second, processor time a mail in ms (the database is within the gateway), its most memory in MB, bytes on the disk a mail. */
export interface EmbeddedSpeed {
  mails: number;
  mailsPerSecond: number;
  cpuMs: number;
  rssMb: number;
  diskBytesPerMail: number;
}

/** Measures `mails` new mails. */
export async function measureEmbedded(mails: number): Promise<EmbeddedSpeed> {
  const [lmtpPort] = (await freePorts(1)) as [number];
  const folder = await mkdtemp(join(tmpdir(), 'casepost-embedded-'));
  const desk = await aDesk({ databaseUrl: folder, policy, listen: `  lmtp: { port: ${lmtpPort} }`, imap: false });
  try {
    const gateway = await startCasepost(['start', '-c', desk.config]);
    try {
      const corpus = Array.from({ length: mails }, (_, at) => ({
        from: senderOf(at + 1),
        to: 'support@desk.test',
        raw: newMail(at + 1),
      }));
      const [used, stored] = [processorSeconds([gateway.pid]), await bytesIn(folder)];
      const seconds = await lettersAfter(desk, () => handOverByLmtp(lmtpPort, corpus, connections), mails);
      const cpuMs = ((processorSeconds([gateway.pid]) - used) * 1000) / mails;
      const diskBytesPerMail = ((await bytesIn(folder)) - stored) / mails;
      return { mails, mailsPerSecond: mails / seconds, cpuMs, rssMb: peakMb(gateway.pid), diskBytesPerMail };
    } finally {
      await gateway.stop();
    }
  } finally {
    await desk.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder, { recursive: true })) {
    // A file may go while we look.
    const found = await stat(join(folder, name)).catch(() => null);
    if (found?.isFile()) bytes += found.size;
  }
  return bytes;
}
