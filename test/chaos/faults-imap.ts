// Faults of the IMAP server and its mailboxes. Several of TRUST's faults are mails and stand in the plan of mails: duplicates F25, reused ids F26,
// backlog F27, poison F39, expunged at once F18, read by a person before us F19.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startLiar } from './liar.ts';
import { type Injector, onWires } from './injector.ts';

const movedBackMax = 5;
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
