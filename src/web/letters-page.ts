// A page that shows every letter the desk has written: by case, with the reason, and each as its reader gets it. For the demo and for
// whoever edits templates. It trusts nothing it shows: no script anywhere, the html part alone in a sandbox, nothing from outside.
import { readFile } from 'node:fs/promises';
import Handlebars from 'handlebars';
import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { caseNumberText } from '../cases/support-case.ts';
import type { LetterKind } from '../cases/decision.ts';
import { whenText } from './template-views.ts';

/** A letter as the page shows it. `at` is an ISO instant; `because` is the decision's sentence; `raw` are the bytes as sent. */
export interface ShownLetter {
  /** Letters, digits, `-` and `_`: it stands in the page's addresses. */
  id: string;
  at: string;
  kind: LetterKind;
  caseNumber: number;
  to: string;
  subject: string;
  because: string;
  text: string;
  html: string;
  raw: Buffer;
}

/** Letters on the first page; older ones are still found by their address. */
export const lettersShownMax = 500;

const pageTemplates = new URL('../../templates/page/', import.meta.url);

/** The page itself loads its style sheet and its own frame, and nothing else. */
const pagePolicy =
  "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** A letter's html may style itself and do nothing more, also when it is opened outside the frame. */
const bodyPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Serves the page until closed. `port` 0 takes a free one; `url` says which. Rejects when the port is taken or the templates can not be
 * read. Bound to loopback it answers only requests that name a loopback host, so no website can read it through the browser.
 */
export async function lettersPage(options: {
  letters: () => Promise<ShownLetter[]>;
  host: string;
  port: number;
}): Promise<{ url: string; close(): Promise<void> }> {
  const css = await readFile(new URL('letters.css', pageTemplates), 'utf8');
  const template = Handlebars.create().compile(await readFile(new URL('letters.hbs', pageTemplates), 'utf8'), {
    strict: true,
    knownHelpersOnly: true,
  });
  const server = fastify({ logger: false, bodyLimit: 1024, routerOptions: { maxParamLength: 200 } });
  const loopback = loopbackNames.includes(options.host) || options.host === '::1';
  server.addHook('onRequest', async (request, reply) => {
    const name = (request.headers.host ?? '').replace(/:[0-9]+$/, '').toLowerCase();
    if (loopback && !loopbackNames.includes(name)) {
      await reply.code(421).type('text/plain').send(`"${name}" is not this page; open it as ${options.host}.\n`);
      return;
    }
    void reply.headers({
      'content-security-policy': pagePolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
  });
  addRoutes(server, options.letters, (view) => template(view), css);
  const url = await server.listen({ host: options.host, port: options.port });
  return { url, close: () => server.close() };
}

function addRoutes(
  server: FastifyInstance,
  letters: () => Promise<ShownLetter[]>,
  page: (view: object) => string,
  css: string,
): void {
  const html = 'text/html; charset=utf-8';
  const missing = (reply: FastifyReply) =>
    reply.code(404).type('text/plain; charset=utf-8').send('There is no such letter. The list of all is at /\n');
  const find = async (id: string) => (await letters()).find((letter) => letter.id === id);

  server.setNotFoundHandler((_request, reply) => missing(reply));
  server.get('/letters.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(css));
  server.get('/', async (_request, reply) => reply.type(html).send(page(indexView(await letters()))));
  server.get<{ Params: { id: string } }>('/letters/:id', async (request, reply) => {
    const letter = await find(request.params.id);
    return letter ? reply.type(html).send(page({ letter: letterView(letter) })) : missing(reply);
  });
  server.get<{ Params: { id: string } }>('/letters/:id/body', async (request, reply) => {
    const letter = await find(request.params.id);
    if (!letter) return missing(reply);
    return reply.header('content-security-policy', bodyPolicy).type(html).send(letter.html);
  });
  server.get<{ Params: { id: string } }>('/letters/:id/source.eml', async (request, reply) => {
    const letter = await find(request.params.id);
    if (!letter) return missing(reply);
    const name = `case-${caseNumberText(letter.caseNumber)}-${letter.kind}.eml`;
    // A sandbox as well: some browsers show message/rfc822 themselves.
    return reply
      .headers({ 'content-security-policy': bodyPolicy, 'content-disposition': `attachment; filename="${name}"` })
      .type('message/rfc822')
      .send(letter.raw);
  });
}

function indexView(all: ShownLetter[]): object {
  const newestFirst = all.toSorted((left, right) => compareInstants(right.at, left.at));
  const shown = newestFirst.slice(0, lettersShownMax);
  // The case that was written in last stands first; within a case a conversation reads downwards.
  const byCase = Map.groupBy(shown, (letter) => letter.caseNumber);
  const cases = [...byCase].map(([number, letters]) => ({
    caseNumber: caseNumberText(number),
    letters: letters.toReversed().map(rowView),
  }));
  const rest = all.length > shown.length ? `, the newest ${shown.length} of ${all.length} are shown` : '';
  const count = (amount: number, word: string) => `${amount} ${word}${amount === 1 ? '' : 's'}`;
  const summary = `${count(all.length, 'letter')} in ${count(cases.length, 'case')}${rest}`;
  return { letter: null, cases, summary };
}

function rowView(letter: ShownLetter): object {
  const { id, at, to, subject, because } = letter;
  const inner = letter.kind.startsWith('engineer-');
  return {
    id,
    at,
    to,
    subject,
    because,
    inner,
    kind: letter.kind.replaceAll('-', ' '),
    when: whenText(Temporal.Instant.from(at)),
  };
}

function letterView(letter: ShownLetter): object {
  return {
    ...rowView(letter),
    caseNumber: caseNumberText(letter.caseNumber),
    text: letter.text,
    size: `${letter.raw.length.toLocaleString('en')} bytes`,
    headers: headersOf(letter.raw),
  };
}

/** The header block as it was sent, unfolded (RFC 5322 2.2.3), in its own order. */
export function headersOf(raw: Buffer): { name: string; value: string }[] {
  const end = raw.indexOf('\r\n\r\n');
  const block = raw.subarray(0, end < 0 ? raw.length : end).toString('utf8');
  return block
    .replaceAll(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
    .map((line) => {
      const colon = line.indexOf(':');
      return { name: line.slice(0, colon), value: line.slice(colon + 1).trim() };
    });
}

function compareInstants(left: string, right: string): number {
  return Temporal.Instant.compare(left, right);
}
