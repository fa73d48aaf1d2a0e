// The words templates may use beside Handlebars' own `if`, `unless`, `each` and `with`: dates in the reader's language and zone, people's
// own words kept as they are, sizes. A closed list: a template that calls anything else is refused when it is compiled.
import Handlebars from 'handlebars';
import type { HelperOptions } from 'handlebars';
import { verbatim } from './plain-text.ts';

/** Built-in helpers a template may use; `log` and `lookup` are not among them. */
export const builtInHelpers = ['if', 'unless', 'each', 'with'] as const;
/** Our own helpers. */
export const ownHelpers = ['longDate', 'day', 'verbatim', 'paragraphs', 'bytes', 'eq'] as const;

/** What `render` hands to the helpers beside the variables. */
export interface FormattingData {
  language: string;
  zone: string;
}

/** Registers `ownHelpers` in an environment of templates; `html` tells which part of a letter it renders. */
export function registerHelpers(environment: typeof Handlebars, part: 'text' | 'html'): void {
  // Every call of a template copies what is registered: what none may call is not there.
  for (const name of Object.keys(environment.helpers)) {
    if (!builtInHelpers.some((one) => one === name)) environment.unregisterHelper(name);
  }
  environment.registerHelper({
    longDate: (at: unknown, options: HelperOptions) => longDate(at, options.data as FormattingData),
    day: (at: unknown, options: HelperOptions) => day(at, options.data as FormattingData),
    verbatim: (text: unknown) => verbatim(String(text)),
    paragraphs: (text: unknown) =>
      part === 'html' ? new Handlebars.SafeString(paragraphs(String(text))) : verbatim(String(text)),
    bytes: (size: unknown, options: HelperOptions) => bytes(Number(size), (options.data as FormattingData).language),
    eq: (left: unknown, right: unknown) => left === right,
  });
}

/** `Monday 2 March 2026 at 10:00 (GMT+1, Europe/Berlin)` for an ISO instant. */
export function longDate(at: unknown, reader: FormattingData): string {
  const instant = instantOf(at);
  const written = dateFormat(reader, 'long').format(instant.epochMilliseconds);
  const offset = dateFormat(reader, 'offset')
    .formatToParts(instant.epochMilliseconds)
    .find((part) => part.type === 'timeZoneName')?.value;
  if (/^[+-]/.test(reader.zone)) return `${written} (${offset?.replace('GMT', 'UTC')})`;
  return reader.zone === 'UTC' ? `${written} (UTC)` : `${written} (${offset}, ${reader.zone.replaceAll('_', ' ')})`;
}

/** `Monday 2 March` for an ISO instant, in the reader's zone. */
export function day(at: unknown, reader: FormattingData): string {
  return dateFormat(reader, 'day').format(instantOf(at).epochMilliseconds);
}

/** How dates are written. */
const dateStyles = {
  long: { dateStyle: 'full', timeStyle: 'short' },
  offset: { timeZoneName: 'shortOffset' },
  day: { weekday: 'long', day: 'numeric', month: 'long' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** Formats made so far, by style, language and zone: making one costs more than all the rest of a letter. */
const dateFormats = new Map<string, Intl.DateTimeFormat>();
/** Far more than the languages and zones of one desk; beyond it they are made anew. */
const dateFormatsMax = 500;

function dateFormat(reader: FormattingData, style: keyof typeof dateStyles): Intl.DateTimeFormat {
  const name = `${style} ${reader.language} ${reader.zone}`;
  const known = dateFormats.get(name);
  if (known) return known;
  const made = new Intl.DateTimeFormat(locale(reader.language), { ...dateStyles[style], timeZone: reader.zone });
  if (dateFormats.size < dateFormatsMax) dateFormats.set(name, made);
  return made;
}

/** `14 kB`, `3.2 MB`: decimal units, as mail programs show them. */
export function bytes(size: number, language: string): string {
  const unit = size < 1000 ? 'byte' : size < 1_000_000 ? 'kilobyte' : 'megabyte';
  const scaled = unit === 'byte' ? size : unit === 'kilobyte' ? size / 1000 : size / 1_000_000;
  const format = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: scaled < 10 ? 1 : 0 } as const;
  return new Intl.NumberFormat(locale(language), format).format(scaled);
}

const paragraphStyle = 'margin:0 0 14px;overflow-wrap:anywhere';
const commandStyle = `${paragraphStyle};font-family:ui-monospace,Menlo,Consolas,monospace;font-size:14px`;

/**
 * Somebody's words as html: escaped, a blank line starts a paragraph, a line break stays one, web links can be followed, and a paragraph
 * whose every line is indented is a command or a log and keeps its columns.
 */
export function paragraphs(text: string): string {
  return text
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd()
    .split(/\n(?:[ \t]*\n)+/)
    .map((paragraph) => {
      const lines = paragraph.replaceAll('\t', '    ').split('\n');
      const style = lines.every((line) => /^ {2}/.test(line)) ? commandStyle : paragraphStyle;
      return `<p style="${style}">${lines.map(indented).join('<br>\n')}</p>`;
    })
    .join('\n');
}

function indented(line: string): string {
  const words = line.trimStart();
  return '&nbsp;'.repeat(line.length - words.length) + linked(words);
}

function linked(line: string): string {
  // Only what is plainly a web address, and never the full stop or bracket that ends the sentence around it.
  return line
    .split(/(https?:\/\/[^\s<>"'`]{1,500}[^\s<>"'`.,;:!?)\]}])/)
    .map((piece, index) => {
      const safe = Handlebars.escapeExpression(piece);
      return index % 2 === 1
        ? `<a href="${safe}" rel="noopener noreferrer" class="link" style="color:#0b57a4">${safe}</a>`
        : safe;
    })
    .join('');
}

function instantOf(at: unknown): Temporal.Instant {
  if (typeof at === 'string') return Temporal.Instant.from(at);
  throw new TypeError(`letters: ${JSON.stringify(at)} is no instant; write it like 2026-03-02T09:00Z`);
}

/** English without a country is written day before month, so that no reader takes 3 April for 4 March. */
function locale(language: string): string {
  return language === 'en' ? 'en-GB' : language;
}
