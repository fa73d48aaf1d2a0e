// One SMTP connection as seen by the server: lines in, lines out, a body up to the dot, TLS when asked. It keeps every byte of a body as it
// came (only the transparency dots of RFC 5321 section 4.5.2 are taken out), because the tests compare bytes.
import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Certificate } from './certificate.ts';

const dot = Buffer.from('\r\n.\r\n');

/** The server's side of a connection. Reads answer undefined once the client is gone. */
export type SmtpWire = {
  secure(): boolean;
  /** The next line without its CRLF. */
  line(): Promise<string | undefined>;
  /** The body up to the dot alone on its line, with its last CRLF, transparency dots removed. */
  body(): Promise<Buffer | undefined>;
  /** Writes one line of text. */
  say(line: string): void;
  /** Ends the connection at once, without a word (RST where the system allows). */
  cut(): void;
  /** Ends the connection after what was said has been written. */
  end(): void;
  /** Goes on inside TLS; what the client sent in clear text after STARTTLS is thrown away. */
  upgrade(certificate: Certificate): Promise<void>;
};

/** Wraps an accepted socket. */
export function smtpWire(accepted: Socket): SmtpWire {
  let socket = accepted;
  let pending: Buffer = Buffer.alloc(0);
  let gone = false;
  let wake = () => {};

  function listen(): void {
    socket.on('data', (chunk: Buffer) => {
      pending = pending.length ? Buffer.concat([pending, chunk]) : chunk;
      wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      gone = true;
      wake();
    });
  }
  listen();

  /** Waits until `find` sees its end in what has come (the number of bytes to take), and takes that much. */
  async function take(find: (bytes: Buffer) => number): Promise<Buffer | undefined> {
    for (;;) {
      const length = find(pending);
      if (length >= 0) {
        const taken = pending.subarray(0, length);
        pending = pending.subarray(length);
        return taken;
      }
      if (gone) return undefined;
      await new Promise<void>((more) => (wake = more));
    }
  }

  return {
    secure: () => socket instanceof TLSSocket,
    async line() {
      const taken = await take((bytes) => {
        const at = bytes.indexOf('\n');
        return at < 0 ? -1 : at + 1;
      });
      return taken?.toString('utf8').replace(/\r?\n$/, '');
    },
    async body() {
      // The search resumes where the last one ended: a large body comes in hundreds of pieces.
      let searched = 0;
      const taken = await take((bytes) => {
        if (bytes.subarray(0, 3).equals(dot.subarray(2))) return 3;
        const at = bytes.indexOf(dot, searched);
        searched = Math.max(0, bytes.length - dot.length);
        return at < 0 ? -1 : at + dot.length;
      });
      return taken && withoutTransparency(taken.subarray(0, taken.length - 3));
    },
    say: (line) => void (gone || socket.write(`${line}\r\n`)),
    cut: () => accepted.resetAndDestroy(),
    end: () => void socket.end(),
    async upgrade(certificate) {
      socket.removeAllListeners('data');
      socket.removeAllListeners('close');
      pending = Buffer.alloc(0);
      const inner = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(certificate) });
      socket = inner;
      listen();
      await new Promise<void>((ready) => {
        inner.once('secure', () => ready());
        inner.once('close', () => ready());
      });
    },
  };
}

function withoutTransparency(body: Buffer): Buffer {
  const text = body.toString('latin1');
  return Buffer.from(text.replace(/^\.\./, '.').replaceAll('\r\n..', '\r\n.'), 'latin1');
}
