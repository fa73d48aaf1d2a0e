// The other end of our outgoing mail: an SMTP server that records every envelope and every byte in order, and misbehaves by script at any
// verb. It is our own and not smtp-server, so that the oracle of the delivery tests shares no code with what it judges.
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Certificate } from './certificate.ts';
import { type SmtpWire, smtpWire } from './smtp-wire.ts';

const waitMillisecondsDefault = 10_000;

/** Where a script may answer. CONNECT is the greeting, DOT the reply after the whole body was read. */
export type SmtpVerb = 'CONNECT' | 'EHLO' | 'STARTTLS' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'DOT' | 'RSET' | 'QUIT';

/** What the peer knows when it is to answer. `session` counts connections from 1; `raw` is set at DOT only. */
export type SmtpMoment = {
  verb: SmtpVerb;
  argument: string;
  session: number;
  reversePath: string;
  recipients: string[];
  raw?: Buffer;
};

/** A whole reply line ("451 4.3.0 try later"), or: `cut` drops the connection unanswered, `stall` never answers; undefined is the usual reply. */
export type SmtpAnswer = string | undefined;
/** Decides the reply at each moment; may wait, and the client then waits with it. */
export type SmtpScript = (moment: SmtpMoment) => SmtpAnswer | Promise<SmtpAnswer>;

/** A mail that reached the dot. `raw` is what the client sent, without transparency dots. `answer` is our reply, `cut` or `stall`. */
export type SmtpLetter = {
  session: number;
  reversePath: string;
  recipients: string[];
  raw: Buffer;
  secure: boolean;
  user: string | undefined;
  answer: string;
};

/** A running peer. `letters` and `commands` (client lines, passwords included) grow in order of arrival. */
export type SmtpPeer = {
  port: number;
  letters: SmtpLetter[];
  commands: string[];
  /** The letters answered with 2xx. */
  accepted(): SmtpLetter[];
  /** Changes the script from the next verb on; undefined: behaves well. */
  behave(script?: SmtpScript): void;
  /** Resolves with all matching letters once there are `count`; rejects after `ms` (10 s) with what came instead. */
  waitFor(
    matches: (letter: SmtpLetter) => boolean,
    options?: { count?: number; ms?: number },
  ): Promise<[SmtpLetter, ...SmtpLetter[]]>;
  stop(): Promise<void>;
};

/** `certificate` offers STARTTLS; `users` (name to password or access token) asks for AUTH PLAIN, LOGIN or XOAUTH2 before MAIL. */
export type SmtpPeerOptions = {
  script?: SmtpScript;
  certificate?: Certificate;
  users?: Record<string, string>;
  port?: number;
  host?: string;
};

/** Starts a peer on a free port (or `port`, to come back where a stopped one was) of 127.0.0.1, or of `host`. */
export async function startSmtpPeer(options: SmtpPeerOptions = {}): Promise<SmtpPeer> {
  const letters: SmtpLetter[] = [];
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const watchers = new Set<() => void>();
  const desk: Desk = { options, script: options.script, commands, record };
  let sessions = 0;

  function record(letter: SmtpLetter): void {
    letters.push(letter);
    for (const look of watchers) look();
  }
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    sessions += 1;
    void converse(smtpWire(socket), sessions, desk);
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', listening);
  });
  return {
    port: (server.address() as AddressInfo).port,
    letters,
    commands,
    accepted: () => letters.filter((letter) => letter.answer.startsWith('2')),
    behave: (script) => void (desk.script = script),
    waitFor(matches, { count = 1, ms = waitMillisecondsDefault } = {}) {
      return new Promise((found, failed) => {
        const late = setTimeout(() => {
          watchers.delete(look);
          const seen = letters.map((letter) => `<${letter.recipients.join(', ')}> ${letter.answer}`).join('; ');
          failed(new Error(`waited ${ms} ms for ${count} matching letters; ${letters.length} came: ${seen || 'none'}`));
        }, ms);
        function look(): void {
          const matching = letters.filter(matches);
          if (matching.length < count) return;
          clearTimeout(late);
          watchers.delete(look);
          found(matching as [SmtpLetter, ...SmtpLetter[]]);
        }
        watchers.add(look);
        look();
      });
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

type Desk = {
  options: SmtpPeerOptions;
  script: SmtpScript | undefined;
  commands: string[];
  record: (letter: SmtpLetter) => void;
};

async function converse(wire: SmtpWire, session: number, desk: Desk): Promise<void> {
  let user: string | undefined;
  let reversePath = '';
  let recipients: string[] = [];

  /** Says the script's answer or else the usual one; true when the client may take it as success. */
  async function answer(verb: SmtpVerb, argument: string, usual: string[], raw?: Buffer): Promise<string> {
    const moment = { verb, argument, session, reversePath, recipients, ...(raw ? { raw } : {}) };
    const given = (await desk.script?.(moment)) ?? usual.at(-1)!;
    // Recorded before the client hears of it: a test that saw the send succeed must find the letter here.
    if (raw) desk.record({ session, reversePath, recipients, raw, secure: wire.secure(), user, answer: given });
    if (given === 'cut') wire.cut();
    else if (given !== 'stall') for (const line of given === usual.at(-1) ? usual : [given]) wire.say(line);
    return given;
  }

  await answer('CONNECT', '', ['220 peer.test ESMTP']);
  for (;;) {
    const line = await wire.line();
    if (line === undefined) return;
    desk.commands.push(line);
    const [word = '', ...rest] = line.split(' ');
    const verb = word.toUpperCase();
    const argument = rest.join(' ');
    if (verb === 'EHLO' || verb === 'HELO') await answer('EHLO', argument, greeting(desk.options, wire.secure()));
    else if (verb === 'STARTTLS' && desk.options.certificate) {
      const given = await answer(verb, argument, ['220 go ahead']);
      if (given.startsWith('2')) await wire.upgrade(desk.options.certificate);
    } else if (verb === 'AUTH') {
      const name = await signIn(wire, argument, desk.options.users ?? {});
      const given = await answer(verb, argument, [name ? '235 2.7.0 welcome' : '535 5.7.8 wrong user or password']);
      if (given.startsWith('2')) user = name;
    } else if (verb === 'MAIL') {
      reversePath = pathOf(argument);
      recipients = [];
      await answer(verb, argument, [desk.options.users && !user ? '530 5.7.0 sign in first' : '250 2.1.0 ok']);
    } else if (verb === 'RCPT') {
      const given = await answer(verb, argument, ['250 2.1.5 ok']);
      if (given.startsWith('2')) recipients = [...recipients, pathOf(argument)];
    } else if (verb === 'DATA') {
      const usual = recipients.length ? '354 end with a dot' : '503 5.5.1 no recipients';
      if (!(await answer(verb, argument, [usual])).startsWith('3')) continue;
      const raw = await wire.body();
      if (!raw) return;
      await answer('DOT', '', ['250 2.0.0 taken'], raw);
      recipients = [];
    } else if (verb === 'RSET') {
      recipients = [];
      await answer(verb, argument, ['250 2.0.0 ok']);
    } else if (verb === 'QUIT') {
      await answer(verb, argument, ['221 2.0.0 bye']);
      return wire.end();
    } else wire.say(verb === 'NOOP' ? '250 2.0.0 ok' : '502 5.5.1 not known here');
  }
}

function greeting(options: SmtpPeerOptions, secure: boolean): string[] {
  const words = ['peer.test', 'PIPELINING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'];
  if (options.certificate && !secure) words.push('STARTTLS');
  if (options.users) words.push('AUTH PLAIN LOGIN XOAUTH2');
  return words.map((word, at) => `250${at === words.length - 1 ? ' ' : '-'}${word}`);
}

function pathOf(argument: string): string {
  return /<([^>]*)>/.exec(argument)?.[1] ?? '';
}

async function signIn(wire: SmtpWire, argument: string, users: Record<string, string>): Promise<string | undefined> {
  const [method = '', initial] = argument.split(' ');
  async function ask(challenge: string): Promise<string> {
    wire.say(`334 ${Buffer.from(challenge).toString('base64')}`);
    return decoded((await wire.line()) ?? '');
  }
  let name = '';
  let secret = '';
  if (method.toUpperCase() === 'LOGIN') {
    name = initial ? decoded(initial) : await ask('Username:');
    secret = await ask('Password:');
  } else {
    const token = initial ? decoded(initial) : await ask('');
    if (method.toUpperCase() === 'PLAIN') [, name = '', secret = ''] = token.split('\0');
    else [, name = '', secret = ''] = /^user=(.*?)\x01auth=Bearer (.*?)\x01/.exec(token) ?? [];
  }
  return name in users && users[name] === secret ? name : undefined;
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
