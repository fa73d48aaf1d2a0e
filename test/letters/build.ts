// Builders for the letters' tests: the shipped templates, a sender, a request that is whole.
import type { LetterKind, LetterRequest } from '../../src/cases/decision.ts';
import type { Sender } from '../../src/letters/letter.ts';
import { loadTexts } from '../../src/letters/load.ts';
import { templatesOf, type Templates } from '../../src/letters/render.ts';
import { samples } from '../../src/letters/samples.ts';
import type { Texts } from '../../src/letters/texts.ts';

export const shippedFolder = 'templates/mail';

/** The shipped texts. */
export async function shippedTexts(): Promise<Texts> {
  const loaded = await loadTexts(shippedFolder, null);
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems, null, 2));
  return loaded.texts;
}

/** The shipped letters, nothing compiled yet. */
export async function shippedTemplates(): Promise<Templates> {
  return templatesOf(await shippedTexts());
}

/** Texts by `language/name`, as files of that name. */
export function textsOf(sources: Record<string, string>): Texts {
  const texts = new Map<string, Map<string, { file: string; source: string; version: null; before: null }>>();
  for (const [path, source] of Object.entries(sources)) {
    const [language = '', name = ''] = path.split('/');
    const all = texts.get(language) ?? new Map();
    texts.set(language, all.set(name, { file: path, source, version: null, before: null }));
  }
  return texts;
}

export const now = Temporal.Instant.from('2026-03-02T09:00:00Z');

export function aSender(changes: Partial<Sender> = {}, mailbox: Partial<Sender['mailbox']> = {}): Sender {
  return {
    mailbox: {
      id: 'support',
      address: 'support@help.example',
      name: 'Example Support',
      addressExtension: '+',
      ...mailbox,
    },
    company: 'Example',
    publicUrl: 'https://help.example/desk/',
    reversePath: 'verp',
    key: { id: 'a', secret: 'a secret for tests' },
    instance: 'tests',
    ...changes,
  };
}

/** A request with the fullest sample; `variables` are laid over it. */
export function aRequest(
  kind: LetterKind,
  changes: Partial<Omit<LetterRequest, 'kind' | 'variables'>> = {},
  variables: Record<string, unknown> = {},
): LetterRequest {
  const answer = kind === 'answer';
  return {
    kind,
    caseNumber: 7,
    to: { displayName: 'Ada Example', addrSpec: 'ada@customer.example' },
    language: 'en',
    automatic: answer ? null : kind === 'acknowledgment' ? 'auto-replied' : 'auto-generated',
    inReplyTo: 'request@customer.example',
    references: [],
    proven: true,
    heldBecause: null,
    because: 'a test wants it',
    variables: { ...samples(kind)[0], ...variables },
    key: `${kind}:7`,
    ...changes,
  };
}

/** The names and values of the header block as it stands, folded lines joined. */
export function headersOf(raw: Buffer): [string, string][] {
  const block = raw.toString('latin1').split('\r\n\r\n')[0] ?? '';
  return block
    .replaceAll(/\r\n[ \t]/g, ' ')
    .split('\r\n')
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]);
}
