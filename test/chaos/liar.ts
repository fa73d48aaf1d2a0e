// A server in the place of Dovecot that speaks IMAP and means us no good, or has no room for us. It never hands out a whole mail: what it says
// must leave no trace in the rows.
import { type AddressInfo, createServer, type Socket } from 'node:net';

const floodLines = 20_000;

/** Starts a liar; `dice` (0 to 1) chooses what it does. */
export async function startLiar(
  manner: 'hostile' | 'refusing',
  dice: number,
): Promise<{ port: number; words: string; stop(): Promise<void> }> {
  const choices = Object.keys(manner === 'hostile' ? hostile : refusing);
  const words = choices[Math.floor(dice * choices.length)]!;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    if (words === 'BYE at the greeting') {
      socket.end('* BYE too many connections from your address\r\n');
      return;
    }
    socket.write('* OK [CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE] here\r\n');
    let pending = '';
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      const lines = pending.split('\r\n');
      pending = lines.pop() ?? '';
      for (const line of lines) answer(socket, line, words);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    words,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** What it says to SEARCH and FETCH, tag aside; the folder it shows has one mail. */
const hostile: Record<string, (tag: string) => string> = {
  'a literal of 10 GB': () => '* 1 FETCH (UID 1 BODY[] {10737418240}\r\n',
  'an endless line': () => `* SEARCH ${'1 '.repeat(200_000)}`,
  'a flood of EXISTS': () => '* 1 EXISTS\r\n* 2 EXISTS\r\n'.repeat(floodLines),
  'UIDs nobody asked for': (tag) =>
    `* SEARCH 4294967295 0\r\n* 7 FETCH (UID 4000000000 RFC822.SIZE 10)\r\n${tag} OK done\r\n`,
  'answers to other tags': () => 'Z99 OK done\r\n* OK [CAPABILITY STARTTLS LOGINDISABLED] changed\r\n',
};

const refusing: Record<string, string> = {
  'BYE at the greeting': '',
  AUTHENTICATIONFAILED: 'NO [AUTHENTICATIONFAILED] no such user',
  UNAVAILABLE: 'NO [UNAVAILABLE] try again later',
};

function answer(socket: Socket, line: string, words: string): void {
  const [tag = '', verb = '', next = ''] = line.split(' ');
  const command = `${verb} ${next}`.toUpperCase();
  if (/^(LOGIN|AUTHENTICATE)/.test(command)) {
    socket.write(`${tag} ${refusing[words] ?? 'OK signed in'}\r\n`);
  } else if (/^(SELECT|EXAMINE)/.test(command)) {
    socket.write(
      `* 1 EXISTS\r\n* OK [UIDVALIDITY 1] valid\r\n* OK [UIDNEXT 2] next\r\n${tag} OK [READ-WRITE] open\r\n`,
    );
  } else if (command.startsWith('CAPABILITY')) {
    socket.write(`* CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE\r\n${tag} OK done\r\n`);
  } else if (/SEARCH|FETCH|IDLE|STATUS|NOOP/.test(command) && hostile[words]) {
    socket.write(hostile[words](tag));
  } else {
    socket.write(`${tag} OK done\r\n`);
  }
}
