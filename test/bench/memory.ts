// The memory of a gateway: after a start, with mails of the largest size that is read, and idle over hundreds of mailboxes.
import { setTimeout as pause } from 'node:timers/promises';
import { startDovecot } from '../servers/dovecot.ts';
import { startPostgres, type Postgres } from '../servers/postgres.ts';
import { aDesk } from '../story/desk.ts';
import { startCasepost } from '../story/program.ts';
import { serverSettings } from './growth-speed.ts';
import { policy } from './intake-speed.ts';
import { type Large, measureLarge } from './large-mails.ts';
import { peakMb, processorSeconds, residentMb } from './processor-time.ts';

/** Megabytes, and the share of one core that rest costs. */
export interface Memory {
  largeByLmtp: Large;
  largeByImap: Large;
  idle: { mailboxes: number; mb: number; peakMb: number; processorShare: number };
}

/** Measures `large` mails of 25 MB by LMTP and as many by IMAP, and `mailboxes` mailboxes that are idle for so many seconds. */
export async function measureMemory(large: number, mailboxes: number, seconds: number): Promise<Memory> {
  const postgres = await startPostgres({ settings: serverSettings });
  try {
    const largeByLmtp = await measureLarge(postgres, large, 'lmtp');
    const largeByImap = await measureLarge(postgres, large, 'imap');
    return { largeByLmtp, largeByImap, idle: await withMailboxes(postgres, mailboxes, seconds) };
  } finally {
    await postgres.stop();
  }
}

async function withMailboxes(postgres: Postgres, mailboxes: number, seconds: number): Promise<Memory['idle']> {
  const names = Array.from({ length: Math.max(0, mailboxes - 2) }, (_, at) => `box${at + 1}`);
  const users = Object.fromEntries(['support', 'mobility', ...names].map((name) => [name, 'secret']));
  const limits = 'default_process_limit = 1000\ndefault_client_limit = 4000';
  const dovecot = await startDovecot({ users, extra: limits });
  const more = names.map(
    (name) =>
      `  - { id: ${name}, address: ${name}@desk.test, line: corporate, imap: { host: 127.0.0.1, port: ${dovecot.ports.imap}, security: none, user: ${name}, password: secret } }\n`,
  );
  const databaseUrl = await postgres.createDatabase('idle');
  const desk = await aDesk({ databaseUrl, policy, imapPort: dovecot.ports.imap, more: more.join('') });
  const gateway = await startCasepost(['start', '-c', desk.config]);
  try {
    // As long again before: all folders are read, and their connections rest in IDLE.
    await pause(seconds * 1000);
    const before = processorSeconds([gateway.pid]);
    await pause(seconds * 1000);
    const processorShare = (processorSeconds([gateway.pid]) - before) / seconds;
    return { mailboxes, mb: residentMb(gateway.pid), peakMb: peakMb(gateway.pid), processorShare };
  } finally {
    await gateway.stop();
    await desk.stop();
    await dovecot.stop();
  }
}
