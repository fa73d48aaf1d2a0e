// The names each letter knows, as an editor shows and completes them: path, type, what it is, how it looks. The names and types are read off the examples,
// so that none can be forgotten; the words stand in variable-docs.ts, and a test asks for each.
import type { LetterKind } from '../cases/decision.ts';
import { sampleAdded, samples } from './samples.ts';
import { docs, sampleTitles } from './variable-docs.ts';
import { manyLined } from './walk.ts';

export type VariableType = 'text' | 'long text' | 'number' | 'yes or no' | 'date' | 'link' | 'list' | 'group';

/** A name: `target.at` is within a group, `timeline[].at` within each item of a list. `optional`: it can be empty, so it stands within {{#if …}}. */
export interface VariableDoc {
  path: string;
  type: VariableType;
  optional: boolean;
  doc: string;
  sample: string;
}

const sampleCharsMax = 60;

/** Every name a letter knows, those of this letter first. */
export function variablesOf(letter: LetterKind): VariableDoc[] {
  const examples = samples(letter) as object[];
  const own = Object.keys(examples[0] ?? {}).filter((name) => name !== 'zone');
  return [
    ...own.flatMap((name) =>
      described(
        name,
        examples.map((example) => (example as Record<string, unknown>)[name]),
      ),
    ),
    ...Object.entries(sampleAdded).flatMap(([name, value]) => described(name, [value])),
  ];
}

function described(path: string, values: unknown[]): VariableDoc[] {
  const full = values.find((value) => value !== null && value !== undefined && value !== '') ?? '';
  const inner = Array.isArray(full) ? full[0] : full;
  const optional = values.some(
    (value) => value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0),
  );
  const row = {
    path,
    type: typeOf(path, full),
    optional,
    doc: docs[path] ?? '',
    sample: typeof full === 'object' ? '' : shortened(`${full as string | number | boolean}`),
  };
  if (typeof inner !== 'object' || inner === null) return [row];
  const prefix = Array.isArray(full) ? `${path}[].` : `${path}.`;
  const items = values.flatMap((value) => (Array.isArray(value) ? value : value === null ? [] : [value]));
  return [
    row,
    ...Object.keys(inner).flatMap((name) =>
      described(
        `${prefix}${name}`,
        items.map((item) => (item as Record<string, unknown>)[name]),
      ),
    ),
  ];
}

function typeOf(path: string, value: unknown): VariableType {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'object') return 'group';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'yes or no';
  const text = value as string;
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return 'date';
  if (/^(?:https?:\/\/|mailto:)\S+$/.test(text)) return 'link';
  return manyLined.has(path) ? 'long text' : 'text';
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > sampleCharsMax ? `${line.slice(0, sampleCharsMax - 1)}…` : line;
}

/** What the examples of a letter are called, the fullest first. */
export function sampleNames(letter: LetterKind): string[] {
  const titles = sampleTitles[letter] ?? ['everything filled in', 'as little as there can be'];
  return samples(letter).map((_, index) => titles[index] ?? `example ${index + 1}`);
}

/** The variables of an example; the fullest when no name is given or there is none of that name. */
export function sampleNamed(letter: LetterKind, name?: string): Record<string, unknown> {
  const all = samples(letter) as object[];
  const index = name === undefined ? 0 : Math.max(0, sampleNames(letter).indexOf(name));
  return { ...(all[index] as Record<string, unknown>) };
}

/** What may be called beside variables: our own words and those of Handlebars. */
export const helpersList: { name: string; doc: string; example: string }[] = [
  {
    name: 'if',
    doc: 'shows what is inside only when the value is there, is yes, or the list is not empty',
    example: '{{#if target}}…{{else}}…{{/if}}',
  },
  { name: 'unless', doc: 'the opposite of if', example: '{{#unless canReopen}}…{{/unless}}' },
  { name: 'each', doc: 'repeats what is inside for each item of a list', example: '{{#each asks}}- {{this}}{{/each}}' },
  {
    name: 'with',
    doc: 'steps into a group, so that its names can be written alone',
    example: '{{#with target}}{{longDate at}}{{/with}}',
  },
  { name: 'eq', doc: 'whether a value is exactly this', example: '{{#if (eq what "close")}}…{{/if}}' },
  {
    name: 'longDate',
    doc: 'a date with time and zone, in the language of the letter and the zone of its reader',
    example: '{{longDate target.at}}',
  },
  { name: 'day', doc: 'weekday, day and month, in the language of the letter', example: '{{day answeredOn}}' },
  { name: 'bytes', doc: 'a size like 48 kB', example: '{{bytes size}}' },
  {
    name: 'verbatim',
    doc: 'a person’s words in the text part, never broken into other lines',
    example: '{{verbatim bodyText}}',
  },
  {
    name: 'paragraphs',
    doc: 'a person’s words in the html part, with their paragraphs and links',
    example: '{{paragraphs bodyText}}',
  },
];
