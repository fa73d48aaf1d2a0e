// Faults of the IMAP server and its mailboxes, and of the mail server that takes our letters. Several of TRUST's faults are mails and stand in
// the plan of mails: duplicates F25, reused ids F26, backlog F27, poison F39, expunged at once F18, read by a person before us F19.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SmtpVerb } from '../servers/smtp-peer.ts';
import { startLiar } from './liar.ts';
import { gatewayBy, onWires, type Injector } from './injector.ts';

const movedBackMax = 5;
const verbs: SmtpVerb[] = ['CONNECT', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'DOT'];
const users = ['support', 'mobility'];

export const imapFaults: Injector[] = [
  {
    fault: 'F14',
    what: 'Dovecot restarts, in order or by SIGKILL',
    heal: 'it comes up again',
    touches: ['imap-server'],
    seconds: [1, 10],
    doubles: false,
    async strike({ dovecot }, { dice }) {
      if ((dice[0] ?? 0) < 0.5) {
        await dovecot.restart();
        return undefined;
      }
      await dovecot.kill9();
      return () => dovecot.start();
    },
  },
  {
    fault: 'F15',
    what: 'connections are cut after so many bytes, in the middle of a mail',
    heal: 'they live on',
    touches: ['imap-wire'],
    seconds: [3, 10],
    doubles: false,
    strike: ({ wires }, { dice }) =>
      onWires([wires.imap], { cut: { direction: 'down', bytes: 300 + Math.floor(30_000 * (dice[0] ?? 0)) } }),
  },
  {
    fault: 'F16',
    what: 'the answer to STORE or MOVE is lost',
    heal: 'answers come again',
    touches: ['imap-wire'],
    seconds: [3, 10],
    doubles: false,
    strike: ({ wires }, { dice }) =>
      onWires([wires.imap], { cutAfter: { direction: 'up', text: (dice[0] ?? 0) < 0.5 ? 'UID MOVE' : 'UID STORE' } }),
  },
  {
    fault: 'F17',
    what: 'UIDVALIDITY of both mailboxes changes',
    heal: 'there is nothing to heal',
    touches: ['imap-server', 'mailboxes'],
    seconds: [1, 2],
    doubles: false,
    async strike({ dovecot }) {
      await dovecot.kill9();
      for (const user of users) {
        const folder = dovecot.maildir(user);
        const names = await readdir(folder).catch(() => []);
        for (const name of names.filter((one) => /^dovecot(-uidlist|\.index)/.test(one))) await rm(join(folder, name));
      }
      await dovecot.start();
    },
  },
  {
    fault: 'F20',
    what: 'a person moves decided mails back to INBOX',
    heal: 'there is nothing to heal',
    touches: ['mailboxes'],
    seconds: [1, 2],
    doubles: false,
    async strike({ dovecot }, { dice }) {
      const client = await dovecot.client(users[Math.round(dice[0] ?? 0)]);
      try {
        await client.mailboxOpen('Processed');
        const uids = (await client.search({ all: true }, { uid: true })) || [];
        const from = Math.floor((dice[1] ?? 0) * uids.length);
        const moved = uids.slice(from, from + movedBackMax);
        if (moved.length > 0) await client.messageMove(moved, 'INBOX', { uid: true });
        return () => `${moved.length} mails`;
      } finally {
        await client.logout();
      }
    },
  },
  {
    fault: 'F21',
    what: 'IMAP comes byte by byte, a second apart',
    heal: 'it comes at once again',
    touches: ['imap-wire'],
    seconds: [10, 90],
    doubles: false,
    strike: ({ wires }) => onWires([wires.imap], { pieceBytes: 1, pieceDelayMs: 1000 }),
  },
  {
    fault: 'F22',
    what: 'IDLE dies without a word: connections that stand are forgotten',
    heal: 'they are reset; new ones were never touched',
    touches: ['imap-wire'],
    seconds: [10, 150],
    doubles: false,
    strike({ wires }) {
      const reset = wires.imap.strandAll();
      return () => reset();
    },
  },
  {
    fault: 'F23',
    what: 'a hostile server answers in the place of Dovecot: endless lines, literals of 10 GB, floods of EXISTS',
    heal: 'Dovecot answers again',
    touches: ['imap-wire'],
    seconds: [3, 15],
    doubles: false,
    strike: async (world, { dice }) => liar(world, dice[0] ?? 0, 'hostile'),
  },
  {
    fault: 'F24',
    what: 'logins are refused, or the server has no room for us: [AUTHENTICATIONFAILED], [UNAVAILABLE], BYE',
    heal: 'Dovecot answers again',
    touches: ['imap-wire'],
    seconds: [3, 20],
    doubles: false,
    strike: async (world, { dice }) => liar(world, dice[0] ?? 0, 'refusing'),
  },
  {
    fault: 'F41i',
    what: 'nobody can reach IMAP: packets vanish',
    heal: 'the way is open again',
    touches: ['imap-wire'],
    seconds: [5, 75],
    doubles: false,
    strike: ({ wires }) => onWires([wires.imap], { blackhole: ['up', 'down'] }),
  },
  {
    fault: 'F47i',
    what: 'IMAP is two seconds away, its bytes come one by one',
    heal: 'it is near again',
    touches: ['imap-wire'],
    seconds: [4, 30],
    doubles: false,
    strike: ({ wires }) => onWires([wires.imap], { delayMs: 2000, pieceBytes: 1 }),
  },
];

export const smtpFaults: Injector[] = [
  answering('F31', 'the peer says 4xx at a verb', (verb) =>
    verb === 'CONNECT' || verb === 'EHLO' ? '421 4.3.2 later' : '451 4.3.0 later',
  ),
  answering('F32', 'the peer says 5xx at a verb to customers', (verb, argument, recipients) =>
    /^(RCPT|DATA|DOT)$/.test(verb) && /ada@/.test(`${argument} ${recipients.join(' ')}`)
      ? '550 5.1.1 nobody here'
      : undefined,
  ),
  {
    fault: 'F33',
    what: 'after the final dot the peer is silent, or cuts',
    heal: 'it answers again',
    touches: ['smtp-script'],
    seconds: [2, 20],
    doubles: true,
    strike: ({ peer, wires }, { dice: [which = 0, share = 0] }) => {
      let count = 0;
      peer.behave(({ verb }) => {
        if (verb !== 'DOT') return undefined;
        count += 1;
        return count % (1 + Math.floor(share * 4)) === 0 ? (which < 0.5 ? 'cut' : 'stall') : undefined;
      });
      return () => {
        peer.behave();
        // Who waits for an answer that will never come waits for minutes.
        for (const wire of wires.smtp) wire.cutAll();
      };
    },
  },
  {
    fault: 'F34',
    what: 'recipients are answered by turns 250, 550 and 451',
    heal: 'all are taken again',
    touches: ['smtp-script'],
    seconds: [3, 10],
    doubles: false,
    strike({ peer }) {
      let count = 0;
      peer.behave(({ verb, argument }) => {
        if (verb !== 'RCPT' || !argument.includes('ada@')) return undefined;
        count += 1;
        return [undefined, '550 5.1.1 nobody here', '451 4.2.0 busy'][count % 3];
      });
      return () => peer.behave();
    },
  },
  {
    fault: 'F33c',
    what: 'connections to the peer are cut, open ones too',
    heal: 'they live on',
    touches: ['smtp-wire'],
    seconds: [1, 10],
    doubles: true,
    strike({ wires }) {
      for (const wire of wires.smtp) wire.cutAll();
      return onWires(wires.smtp, { refuse: true });
    },
  },
  {
    fault: 'F41s',
    what: 'one gateway can not reach the peer: its packets vanish',
    heal: 'the way is open again',
    touches: ['smtp-wire'],
    seconds: [5, 75],
    doubles: true,
    strike: (world, { dice }) =>
      onWires([world.wires.smtp[gatewayBy(world, dice[0]).index]!], { blackhole: ['up', 'down'] }),
  },
  {
    fault: 'F47s',
    what: 'the peer is two seconds away, its bytes come one by one',
    heal: 'it is near again',
    touches: ['smtp-wire'],
    seconds: [4, 30],
    doubles: true,
    strike: ({ wires }) => onWires(wires.smtp, { delayMs: 2000, pieceBytes: 1 }),
  },
];

function answering(
  fault: string,
  what: string,
  answer: (verb: SmtpVerb, argument: string, recipients: string[]) => string | undefined,
): Injector {
  return {
    fault,
    what,
    heal: 'it behaves well again',
    touches: ['smtp-script'],
    seconds: [2, 15],
    doubles: false,
    strike({ peer }, { dice: [which = 0, share = 0] }) {
      const at =
        fault === 'F32' ? (['RCPT', 'DOT'] as const)[Math.round(which)] : verbs[Math.floor(which * verbs.length)];
      let count = 0;
      peer.behave(({ verb, argument, recipients }) => {
        if (verb !== at) return undefined;
        count += 1;
        return count % (1 + Math.floor(share * 3)) === 0 ? answer(verb, argument, recipients) : undefined;
      });
      return () => peer.behave();
    },
  };
}

async function liar(
  { wires, dovecot }: Parameters<Injector['strike']>[0],
  dice: number,
  manner: 'hostile' | 'refusing',
) {
  const server = await startLiar(manner, dice);
  wires.imap.repoint(server.port);
  wires.imap.cutAll();
  return async () => {
    wires.imap.repoint(dovecot.ports.imap);
    wires.imap.cutAll();
    await server.stop();
    return server.words;
  };
}
