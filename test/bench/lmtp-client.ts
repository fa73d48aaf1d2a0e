// Hands mails to an LMTP door as a mail server does, several connections at once; by hand, so that the sender takes as little of the machine as can be.
import { once } from 'node:events';
import { connect } from 'node:net';

/** A mail and its one recipient. */
export interface Handed {
  from: string;
  to: string;
  raw: Buffer;
}

/** Hands all of them over on `connections` connections, each mail taken by whichever is free. Rejects when one is refused. */
export async function handOverByLmtp(port: number, mails: readonly Handed[], connections: number): Promise<void> {
  const waiting = mails.values();
  await Promise.all(Array.from({ length: connections }, () => work(port, waiting)));
}

async function work(port: number, mails: Iterator<Handed>): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let text = '';
  let heard: (() => void) | null = null;
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    heard?.();
  });
  const failed = once(socket, 'error').then(([error]) => {
    throw error;
  });
  failed.catch(() => {});
  /** The last line of the next reply. */
  const reply = async (good: string): Promise<void> => {
    for (;;) {
      const found = /^(?:\d{3}-[^\n]*\n)*(\d{3}) [^\n]*\n/.exec(text);
      if (found) {
        text = text.slice(found[0].length);
        if (found[1] !== good) throw new Error(`the LMTP door said ${found[0].trim()}, not ${good}`);
        return;
      }
      await Promise.race([failed, new Promise<void>((resolve) => (heard = resolve))]);
    }
  };
  const say = async (line: string, good: string) => {
    socket.write(line);
    await reply(good);
  };
  await reply('220');
  await say('LHLO bench.test\r\n', '250');
  for (let next = mails.next(); !next.done; next = mails.next()) {
    const { from, to, raw } = next.value;
    await say(`MAIL FROM:<${from}>\r\n`, '250');
    await say(`RCPT TO:<${to}>\r\n`, '250');
    await say('DATA\r\n', '354');
    socket.write(raw.toString('latin1').replaceAll(/^\./gm, '..'), 'latin1');
    await say('\r\n.\r\n', '250');
  }
  socket.end('QUIT\r\n');
}
