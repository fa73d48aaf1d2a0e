// A real Postfix of our own for a test: the MX that hands mail for our domains to the gateway by LMTP or SMTP, and the relay that takes what
// the gateway sends. It has its own configuration, queue and port beside whatever Postfix the machine runs; master itself must be root.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import { type Guard, guardedFolder, logTail } from './guard.ts';
import { mainCf, masterCf } from './postfix-configuration.ts';
import { comesUp, freePorts, greets } from './ports.ts';
import { programPath } from './programs.ts';

const startSecondsMax = 30;
const queuePollMilliseconds = 100;
const run = promisify(execFile);

/** Where mail for a domain goes: by which protocol, to which port of 127.0.0.1. */
export type PostfixRoute = { protocol: 'lmtp' | 'smtp'; port: number };

/** `routes` by domain; `relayPort` takes all other mail by SMTP (without it such mail bounces: nothing ever leaves this machine). */
export type PostfixOptions = {
  routes: Record<string, PostfixRoute>;
  relayPort?: number;
  /** More main.cf parameters, which win over ours. */
  settings?: Record<string, string>;
};

/** A mail in the queue, as `postqueue -j` tells it, in short. */
export type QueuedMail = { id: string; queue: string; sender: string; recipients: string[]; reasons: string[] };

/** A running Postfix. */
export type Postfix = {
  port: number;
  folder: string;
  /** Submits a mail by SMTP; returns the answer with the queue id; throws on a refusal. */
  send(raw: string | Buffer, envelope: { reversePath: string; recipients: string[] }): Promise<string>;
  queue(): Promise<QueuedMail[]>;
  /** Tries everything in the queue now. */
  flush(): Promise<void>;
  /** Waits until nothing is queued; throws after `seconds` with what is left and why. */
  emptied(seconds?: number): Promise<void>;
  /** The mail log so far (its last part). */
  log(): Promise<string>;
  stop(): Promise<void>;
};

/** Starts a Postfix on a free port of 127.0.0.1; throws with the tail of its log when it does not come up. */
export async function startPostfix(options: PostfixOptions): Promise<Postfix> {
  const daemons = programPath('postfix');
  const guard = await guardedFolder('postfix');
  try {
    return await instanceIn(guard, daemons, options);
  } catch (error) {
    await guard.release();
    throw error;
  }
}

async function instanceIn(guard: Guard, daemons: string, options: PostfixOptions): Promise<Postfix> {
  const [port] = (await freePorts(1)) as [number];
  const etc = join(guard.folder, 'etc');
  await mkdir(etc);
  await mkdir(join(guard.folder, 'queue'));
  await mkdir(join(guard.folder, 'data'));
  await run('chown', ['root:root', guard.folder]);
  await run('chown', ['postfix', join(guard.folder, 'data')]);
  await writeFile(join(etc, 'main.cf'), mainCf(guard.folder, daemons, options));
  await writeFile(join(etc, 'master.cf'), masterCf(port));
  // Makes the queue's folders with the owners Postfix wants.
  await run('/usr/sbin/postfix', ['-c', etc, 'check']);
  const server = guard.start(join(daemons, 'master'), ['-c', etc, '-d'], { endSignal: 'SIGTERM', asRoot: true });
  const up = await comesUp(
    () => greets(port),
    () => server.running(),
    startSecondsMax,
  );
  const log = async () => `${await logTail(guard.folder)}\n${await logTail(guard.folder, 'postfix.log')}`;
  if (!up) throw new Error(`Postfix did not come up on 127.0.0.1:${port}; its log ends:\n${await log()}`);

  async function queue(): Promise<QueuedMail[]> {
    const { stdout } = await run('/usr/sbin/postqueue', ['-c', etc, '-j']);
    return stdout.split('\n').filter(Boolean).map(readQueued);
  }
  return {
    port,
    folder: guard.folder,
    log,
    queue,
    async send(raw, { reversePath, recipients }) {
      const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true });
      try {
        const sent = await transport.sendMail({ envelope: { from: reversePath, to: recipients }, raw });
        return sent.response;
      } finally {
        transport.close();
      }
    },
    flush: async () => void (await run('/usr/sbin/postqueue', ['-c', etc, '-f'])),
    async emptied(seconds = 10) {
      const deadline = performance.now() + seconds * 1000;
      for (;;) {
        const left = await queue();
        if (left.length === 0) return;
        if (performance.now() > deadline) {
          throw new Error(`Postfix still holds ${left.length} mails after ${seconds} s: ${JSON.stringify(left)}`);
        }
        await pause(queuePollMilliseconds);
      }
    },
    async stop() {
      await server.end('SIGTERM');
      await guard.release();
    },
  };
}

function readQueued(line: string): QueuedMail {
  const told = JSON.parse(line) as {
    queue_id: string;
    queue_name: string;
    sender: string;
    recipients: { address: string; delay_reason?: string }[];
  };
  return {
    id: told.queue_id,
    queue: told.queue_name,
    sender: told.sender,
    recipients: told.recipients.map((recipient) => recipient.address),
    reasons: told.recipients.flatMap((recipient) => recipient.delay_reason ?? []),
  };
}
