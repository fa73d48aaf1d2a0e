// A scripted IMAP server, for words and lies that no real one can be brought to say, and a watcher of its folder.
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { type Clock, systemClock } from '../../src/clock.ts';
import type { ImapAccount } from '../../src/config.ts';
import { type Watch, watchMailbox } from '../../src/intake/imap.ts';
import { type LargeMails, largeMails } from '../../src/intake/large.ts';
import { secretOf } from '../../src/secret.ts';
import type { Db } from '../../src/store/db.ts';

/**
 * What the server says to a command (without its tag), before "OK"; undefined: what servers usually say; null: nothing at all, not even "OK".
 * Where it says TAG itself, no "OK" is added. The command "greeting" is its first word.
 */
export type Script = (command: string) => string | null | undefined;

export interface ScriptedServer {
  port: number;
  connections(): number;
  stop(): Promise<void>;
}

const capabilities = 'IMAP4rev1 IDLE UIDPLUS MOVE';

/** Starts a server that answers by `script`: unless it says otherwise one folder, UIDVALIDITY 7, with one mail of UID 1. */
export async function startScriptedImap(script: Script): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    const greeting = script('greeting');
    if (greeting !== null) socket.write(greeting ?? `* OK [CAPABILITY ${capabilities}] here\r\n`);
    let idleTag = '';
    const answer = (line: string): void => {
      if (line === 'DONE') return void socket.write(`${idleTag} OK done\r\n`);
      const [tag = '', ...words] = line.split(' ');
      const given = script(words.join(' '));
      const [verb = ''] = words;
      if (given === null) return;
      if (given?.includes('TAG')) return void socket.write(given.replaceAll('TAG', tag));
      if (verb.toUpperCase() === 'IDLE') {
        idleTag = tag;
        return void socket.write('+ idling\r\n');
      }
      socket.write(`${given ?? usual[verb.toUpperCase()] ?? ''}${tag} OK done\r\n`);
    };
    let pending = '';
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      const lines = pending.split('\r\n');
      pending = lines.pop() ?? '';
      lines.forEach(answer);
    });
  });
  await new Promise<void>((open) => server.listen(0, '127.0.0.1', open));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => accepted,
    async stop() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

const usual: Record<string, string> = {
  SELECT: '* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 2] x\r\n* FLAGS (\\Seen)\r\n',
  LIST: '* LIST () "/" INBOX\r\n',
  CAPABILITY: `* CAPABILITY ${capabilities}\r\n`,
};

/** A server with these mails, by UID; `also` goes before. Searches are answered by their UID ranges alone. */
export function holding(mails: Map<number, string>, also: Script = () => undefined): Script {
  return (command) => {
    const said = also(command);
    if (said !== undefined) return said;
    const range = /^UID (?:SEARCH UID|FETCH) (\S+)/.exec(command)?.[1];
    if (range === undefined) return undefined;
    const uids = [...mails.keys()].filter((uid) => inSet(uid, range, Math.max(...mails.keys())));
    if (command.includes('SEARCH')) return `* SEARCH${uids.map((uid) => ` ${uid}`).join('')}\r\n`;
    return uids.map((uid) => fetched(uid, mails.get(uid) ?? '', command.includes('BODY'))).join('');
  };
}

/** A FETCH answer with a mail's size, or with all of it. */
export function fetched(uid: number, mail: string, whole: boolean): string {
  const what = whole
    ? `INTERNALDATE "01-Mar-2026 10:00:00 +0000" BODY[] {${mail.length}}\r\n${mail}`
    : `RFC822.SIZE ${mail.length}`;
  return `* 1 FETCH (UID ${uid} ${what})\r\n`;
}

function inSet(uid: number, set: string, last: number): boolean {
  return set.split(',').some((part) => {
    const [from = 0, to = from] = part.split(':').map((end) => (end === '*' ? last : Number(end)));
    return uid >= Math.min(from, to) && uid <= Math.max(from, to);
  });
}

export interface ScriptedWatch extends Watch {
  /** What was logged as a warning or an error. */
  said: string[];
  stop(): Promise<void>;
}

/** Watches a scripted server's folder, for the mailbox `help` unless another is named. */
export function watchScripted(
  db: Db,
  port: number,
  changes: Partial<ImapAccount> & { now?: Clock; source?: string; mailbox?: string; large?: LargeMails } = {},
): ScriptedWatch {
  const { now = systemClock, source = 'imap:scripted', mailbox = 'help', large = largeMails(), ...account } = changes;
  const ending = new AbortController();
  const said: string[] = [];
  const watch = watchMailbox({
    account: {
      host: '127.0.0.1',
      port,
      security: 'none',
      user: 'u',
      password: secretOf('p'),
      folder: 'INBOX',
      processedFolder: null,
      since: 'beginning',
      pollSeconds: 1,
      ca: null,
      ...account,
    },
    mailbox,
    source,
    db,
    large,
    onStored() {},
    log: {
      debug() {},
      info() {},
      warn: (_: object, text: string) => said.push(text),
      error: (_: object, text: string) => said.push(text),
    },
    now,
    signal: ending.signal,
  });
  return {
    ...watch,
    said,
    async stop() {
      ending.abort();
      await watch.stopped;
    },
  };
}
