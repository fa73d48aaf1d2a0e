// A gateway in this process with a clock that stands until it is moved, on a real PostgreSQL, with a door for mail and a recording SMTP peer.
// An attack goes in as bytes; what came of it is read from the rows and, above all, from the bytes that left.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { simpleParser } from 'mailparser';
import type { Instant } from '../../src/clock.ts';
import { openSession, type Session } from '../../src/command/session.ts';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import { rows } from '../../src/store/db.ts';
import { sharedDatabase } from '../servers/shared-postgres.ts';
import { type SmtpLetter, type SmtpPeer, startSmtpPeer } from '../servers/smtp-peer.ts';

/** The people of every story: an engineer, and a customer whose mail server signs. */
export const ines = 'ines@engineers.test';
export const tom = 'tom@engineers.test';
export const grace = 'grace@northwind.test';
/** The receiving server whose Authentication-Results the desk believes. */
export const mx = 'mx.desk.test';

/** What became of a mail. */
export interface Row {
  id: string;
  disposition: string;
  reason: string;
  because: string;
  caseNumber: number | null;
  messageId: string | null;
  from: string | null;
}

/** What nobody outside may change: a case with its people and what of its history a customer may see. */
export interface CaseState {
  number: number;
  status: string;
  requester: string;
  owner: string | null;
  participants: { address: string; role: string; confirmed: boolean }[];
  visible: { author: string; text: string }[];
}

/** A letter at the peer, when it came, and everything a reader or a program finds in it. */
export interface Caught extends SmtpLetter {
  at: Instant;
}

/** `listen` is YAML below `listen:`; `domain` names the desk, so that two may face each other. */
export interface WorldOptions {
  listen?: string;
  policy?: string;
  reversePath?: 'verp';
  domain?: string;
  trustedAuthserv?: string | null;
  start?: string;
}

/** The world of one test file. */
export interface World {
  session: Session;
  gateway: Gateway;
  peer: SmtpPeer;
  address: string;
  now(): Instant;
  /** Moves the clock; nothing is ticked by that. */
  setClock(at: Instant): void;
  walk(duration: Temporal.DurationLike): void;
  /** Puts bytes into the door; resolves with the mail's id as soon as the door has taken it. */
  handOver(raw: string | Buffer, envelope?: Envelope): Promise<string>;
  /** Puts bytes into the door, waits until nothing is in hand any more, and gives the mail's row. */
  arrives(raw: string | Buffer, envelope?: Envelope): Promise<Row>;
  settled(): Promise<void>;
  tick(): Promise<void>;
  row(id: string): Promise<Row>;
  rows<Found>(sql: string, values?: unknown[]): Promise<Found[]>;
  caseState(number: number): Promise<CaseState>;
  /** Everything that left, or what left for one address. */
  caught(recipient?: string): Caught[];
  newestTo(recipient: string): Caught;
  stop(): Promise<void>;
}

export interface Envelope {
  to?: string;
  from?: string;
}

const settleSeconds = 30;
const pollMilliseconds = 4;
/** The clock goes on when something has waited for so long. */
const standsSeconds = 3;

/** Starts a world. */
export async function aWorld(options: WorldOptions = {}): Promise<World> {
  const domain = options.domain ?? 'desk.test';
  const database = await sharedDatabase('trust');
  const peer = await startSmtpPeer();
  const folder = await mkdtemp(join(tmpdir(), 'casepost-trust-'));
  const config = join(folder, 'casepost.yaml');
  await writeFile(
    join(folder, 'policy.yaml'),
    `engineers:
  - { name: Ines Castell, address: ${ines}, lines: [corporate] }
  - { name: Tom Okafor, address: ${tom}, lines: [mobility] }
${options.policy ?? ''}`,
  );
  const listen = options.listen ?? '  lmtp: { port: 0 }';
  const trusted = options.trustedAuthserv === undefined ? mx : options.trustedAuthserv;
  await writeFile(
    config,
    `company: Example Ltd
database: ${database.url}
policy: ./policy.yaml
mailboxes:
  - { id: support, address: support@${domain}, name: Example Support, line: corporate, addressExtension: + }
  - { id: mobility, address: mobility@${domain}, name: Example Mobility, line: mobility, addressExtension: + }
listen:
${listen}
${trusted === null ? '' : `trustedAuthserv: ${trusted}\n`}smtp: { host: 127.0.0.1, port: ${peer.port}, security: none${options.reversePath ? `, reversePath: ${options.reversePath}` : ''} }
`,
  );
  const session = await openSession({ config }, {});
  let at = Temporal.Instant.from(options.start ?? '2026-03-02T08:00Z');
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const { desk, database: opened } = session;
  const gateway = await startGateway({ desk, database: opened, now: () => at, log, ticks: 'when-told' });
  const [door] = gateway.doors;
  if (!door) throw new Error('the gateway of this world has no door');
  const address = `support@${domain}`;
  const lmtp = listen.includes('lmtp');
  const mailServer = courier(door.port, lmtp);
  const leftAt: Instant[] = [];

  async function query<Found>(sql: string, values: unknown[] = []): Promise<Found[]> {
    const names = values.keys().toArray();
    const named = sql.replaceAll('?', () => `:v${names.shift()}`);
    return rows(session.database.db, named, Object.fromEntries(values.map((value, at) => [`v${at}`, value])));
  }
  function note(): void {
    while (leftAt.length < peer.letters.length) leftAt.push(at);
  }
  async function settled(): Promise<void> {
    const deadline = performance.now() + settleSeconds * 1000;
    let stands = performance.now() + standsSeconds * 1000;
    for (;;) {
      const left = await query<{ what: string }>(
        `select 'mail ' || id || ': ' || coalesce(last_error, 'no error') as what from inbound where disposition is null
         union all select 'letter ' || id || ' to ' || recipient || ': ' || coalesce(last_error, 'no error') from outbox where state = 'waiting'`,
      );
      if (left.length === 0) break;
      if (performance.now() > deadline)
        throw new Error(
          `after ${settleSeconds} s the gateway still has in hand ${left.map(({ what }) => what).join('; ')}`,
        );
      // Two that met put one of them off for a second, which does not pass by itself here.
      if (performance.now() > stands) {
        at = at.add({ seconds: standsSeconds });
        stands += standsSeconds * 1000;
      }
      await pause(pollMilliseconds);
    }
    note();
  }
  async function row(id: string): Promise<Row> {
    const [found] = await query<Row>(
      `select id::text, disposition, reason, because, case_number::int as "caseNumber", message_id as "messageId", from_address as "from"
       from inbound where id = ? and disposition is not null`,
      [id],
    );
    if (!found) throw new Error(`mail ${id} has no row with a disposition`);
    return found;
  }
  async function handOver(raw: string | Buffer, envelope: Envelope = {}): Promise<string> {
    const bytes = Buffer.from(raw);
    const said = await mailServer.bring(bytes, {
      from: envelope.from ?? 'bounces@mail.peer.test',
      to: envelope.to ?? address,
    });
    const id = /stored as (\d+)/.exec(said)?.[1];
    if (!id) throw new Error(`the door did not take the mail: ${said}`);
    return id;
  }
  function caught(recipient?: string): Caught[] {
    note();
    return peer.letters.flatMap((letter, index) =>
      recipient === undefined || letter.recipients.includes(recipient) ? [{ ...letter, at: leftAt[index] ?? at }] : [],
    );
  }
  return {
    session,
    gateway,
    peer,
    address,
    now: () => at,
    setClock: (to) => void (at = to),
    walk: (duration) => void (at = at.add(duration)),
    handOver,
    async arrives(raw, envelope) {
      const id = await handOver(raw, envelope);
      await settled();
      return row(id);
    },
    settled,
    async tick() {
      await gateway.tick();
      await settled();
    },
    row,
    rows: query,
    async caseState(number) {
      const [found] = await query<Omit<CaseState, 'participants' | 'visible'>>(
        'select number::int, status, requester, owner from cases where number = ?',
        [number],
      );
      if (!found) throw new Error(`there is no case ${number}`);
      const participants = await query<CaseState['participants'][number]>(
        'select address, role, confirmed from participants where case_number = ? order by address',
        [number],
      );
      const visible = await query<CaseState['visible'][number]>(
        `select author, text from entries where case_number = ? and visibility = 'public' order by id`,
        [number],
      );
      return { ...found, participants, visible };
    },
    caught,
    newestTo(recipient) {
      const newest = caught(recipient).at(-1);
      if (!newest) throw new Error(`nothing left for ${recipient}`);
      return newest;
    },
    async stop() {
      mailServer.leave();
      await gateway.stop();
      await session.close();
      await peer.stop();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Everything that stands in letters: the raw bytes, and subject, texts and file names decoded by mailparser. */
export async function everythingIn(letters: { raw: Buffer }[]): Promise<string> {
  const found = await Promise.all(
    letters.map(async ({ raw }) => {
      const read = await simpleParser(raw);
      const files = read.attachments.map(({ filename, content }) => `${filename} ${content.toString('latin1')}`);
      return [raw.toString('latin1'), read.subject, read.text, read.html || '', ...files].join('\n');
    }),
  );
  return found.join('\n');
}

/** A header as our receiving server writes it on top. */
export function results(verdict: 'pass' | 'fail' | 'none', domain: string, server = mx): string {
  return `Authentication-Results: ${server}; dmarc=${verdict} header.from=${domain}`;
}

/** A mail with lines put on top, as a receiving server does. */
export function onTop(raw: string, ...lines: string[]): string {
  return [...lines, raw].join('\r\n');
}

/** A mail server beside the door: one connection for all its mails (the door lets each new one wait a moment), which come as the bytes they are. */
interface Courier {
  /** Hands one mail over; gives the last reply, which is a refusal or the one to the final dot. */
  bring(raw: Buffer, envelope: { from: string; to: string }): Promise<string>;
  leave(): void;
}

function courier(port: number, lmtp: boolean): Courier {
  let line: Line | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  async function bring(raw: Buffer, { from, to }: { from: string; to: string }): Promise<string> {
    if (!line?.open()) {
      line = await call(port);
      await line.says(`${lmtp ? 'LHLO' : 'EHLO'} mail.peer.test\r\n`);
    }
    const text = raw.toString('latin1').replaceAll(/(^|\r\n)\./g, '$1..');
    const body = `${text}${text.endsWith('\r\n') ? '' : '\r\n'}.\r\n`;
    let reply = '';
    for (const step of ['RSET\r\n', `MAIL FROM:<${from}>\r\n`, `RCPT TO:<${to}>\r\n`, 'DATA\r\n', body]) {
      reply = await line.says(step);
      if (/^[45]/m.test(reply)) return reply;
    }
    return reply;
  }
  return {
    bring(raw, envelope) {
      const brought = turn.then(() => bring(raw, envelope));
      turn = brought.catch(() => {});
      return brought;
    },
    leave: () => line?.hangUp(),
  };
}

/** A connection on which each thing said has one reply. */
interface Line {
  says(bytes: string): Promise<string>;
  open(): boolean;
  hangUp(): void;
}

async function call(port: number): Promise<Line> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let heard = '';
  let awaiting: { done: (reply: string) => void; failed: (error: Error) => void } | null = null;
  const ended = (error?: Error) => awaiting?.failed(error ?? new Error(`the door hung up after "${heard}"`));
  const reply = () => new Promise<string>((done, failed) => void (awaiting = { done, failed }));
  socket.on('error', ended);
  socket.on('close', () => ended());
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
    const end = /^\d{3} .*\r\n/m.exec(heard);
    if (!end) return;
    const said = heard.slice(0, end.index + end[0].length);
    heard = heard.slice(said.length);
    awaiting?.done(said);
  });
  await reply();
  return {
    says(bytes) {
      const answer = reply();
      socket.write(Buffer.from(bytes, 'latin1'));
      return answer;
    },
    open: () => !socket.destroyed && socket.writable,
    hangUp: () => void socket.destroy(),
  };
}

/** The letters among these in which `words` stand, as "recipient: subject"; an empty list is what a test wants to see. */
export async function lettersWith(letters: SmtpLetter[], words: RegExp): Promise<string[]> {
  const found = await Promise.all(
    letters.map(async (letter) => {
      const match = words.exec(await everythingIn([letter]));
      return match ? [`to ${letter.recipients.join(', ')}: ${match[0]}`] : [];
    }),
  );
  return found.flat();
}
