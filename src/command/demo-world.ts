// The world around the demo's gateway: mail servers of customers and engineers that take every letter, and people who answer what they got
// with the bytes a mail program would send. Nothing here knows what the gateway will decide.
import { readFileSync } from 'node:fs';
import nodemailer from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import type { Instant } from '../clock.ts';
import { dateHeader } from '../letters/mime.ts';
import { readHeaderBlock } from '../mail/header-block.ts';
import { parseMail } from '../mail/parse.ts';

/** A letter that arrived somewhere. */
export interface Arrived {
  recipient: string;
  raw: Buffer;
  headers: Map<string, string>;
}

/** All mail servers of the world in one, on a loopback port. */
export interface World {
  port: number;
  arrived: Arrived[];
  /** The newest letter to an address whose subject or kind fits. */
  newestTo(recipient: string): Arrived;
  close(): Promise<void>;
}

/** Starts the world's mail servers. */
export async function startWorld(): Promise<World> {
  const arrived: Arrived[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData(stream, session, accepted) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks);
        const headers = new Map(readHeaderBlock(raw).headers.map(({ name, value }) => [name, value]));
        for (const { address } of session.envelope.rcptTo) arrived.push({ recipient: address, raw, headers });
        accepted();
      });
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the demo world has no port');
  return {
    port: address.port,
    arrived,
    newestTo(recipient) {
      const found = arrived.findLast((letter) => letter.recipient === recipient);
      if (!found) throw new Error(`no letter has arrived for ${recipient}`);
      return found;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A fixture as bytes. */
export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/demo/${name}`, import.meta.url));
}

/** The bytes of an answer to a letter, as a mail program writes it: above the quoted letter, to its reply address, under its subject. */
export async function answerTo(letter: Arrived, from: string, text: string, now: Instant): Promise<Buffer> {
  const header = (name: string) => letter.headers.get(name) ?? '';
  const messageId = header('message-id');
  const sender = /<([^>]+)>/.exec(from)?.[1] ?? from;
  const quoted = (await parseMail(letter.raw)).text
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\r\n');
  return Buffer.from(
    [
      `From: ${from}`,
      `To: ${header('reply-to') || header('from')}`,
      `Subject: ${/^re:/i.test(header('subject')) ? '' : 'Re: '}${header('subject')}`,
      `Date: ${dateHeader(now)}`,
      `Message-ID: <${now.epochMilliseconds}.${sender}>`,
      `In-Reply-To: ${messageId}`,
      `References: ${header('references')} ${messageId}`.trimEnd(),
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      '',
      text.replaceAll('\n', '\r\n'),
      `On ${dateHeader(now)}, ${header('from')} wrote:`,
      quoted,
      '',
    ].join('\r\n'),
  );
}

/** Hands bytes over to the gateway's own LMTP door; resolves when it has said 250. */
export async function deliver(raw: Buffer, to: string, port: number): Promise<void> {
  const { headers } = readHeaderBlock(raw);
  const from = /<([^>]+)>/.exec(headers.find(({ name }) => name === 'from')?.value ?? '')?.[1] ?? '';
  const transport = nodemailer.createTransport({ lmtp: true, host: '127.0.0.1', port, ignoreTLS: true });
  try {
    const result = await transport.sendMail({ raw, envelope: { from, to: [to] } });
    if (result.rejected.length > 0) throw new Error(`the gateway refused the mail for ${to}: ${result.response}`);
  } finally {
    transport.close();
  }
}
