// Fills a letter in with every example and looks at what comes out, as its reader would get it: the case number, the word to answer with, links that are
// safe whatever a customer writes, a size that mail programs show whole.
import { Parser } from 'htmlparser2';
import type { LetterKind } from '../cases/decision.ts';
import { asksFor } from './asked-words.ts';
import type { CompiledLetter, Words } from './compiled.ts';
import { safeLink } from './html-place.ts';
import { problemOf } from './parse-problem.ts';
import { sampleAdded, samples } from './samples.ts';
import type { Problem } from './texts.ts';
import type { Common } from './variables.ts';

/** Gmail cuts a mail off at 102 kB of html and hides the rest. */
const htmlBytesMax = 100_000;
/** What somebody who means harm would write for a name or a subject. */
const hostile = `javascript:alert(1)"' onmouseover='x'><img src=x>\r\nBcc: a@b`;
/** Letters that are about no case: nobody is to answer them. */
const caseless: readonly LetterKind[] = ['engineer-away', 'sign-in'];
/** Letters that ask by themselves whether it is solved. */
const asking: readonly LetterKind[] = ['follow-up', 'more-time'];

const tags = new Set(
  'html head meta title style body table thead tbody tr td th p h1 h2 h3 h4 ul ol li a strong b em i u s small sub sup span br hr div center code pre blockquote'.split(
    ' ',
  ),
);

/** Everything wrong with what comes out, told of `file`. */
export function filledProblems(letter: CompiledLetter, kind: LetterKind, file: string): Problem[] {
  const problems: Problem[] = [];
  const say = (part: keyof Words, message: string) =>
    problems.push({ file, line: file === letter.file ? letter.lines[part] : 1, column: 1, message });
  const examples: Common[] = samples(kind);
  for (const sample of [...examples, ...examples.slice(0, 1).map(madeHostile)]) {
    try {
      const added = caseless.includes(kind) ? { ...sampleAdded, caseNumber: '', caseTag: '' } : sampleAdded;
      const words = letter.wordsFor({ ...added, ...sample });
      looked(words, { kind, sample }, say);
    } catch (error) {
      const problem = problemOf(error, file, { source: '', line: file === letter.file ? letter.lines.text : 1 });
      problems.push({ ...problem, message: `with one of the examples: ${problem.message}` });
    }
  }
  return problems;
}

function looked(
  words: Words,
  { kind, sample }: { kind: LetterKind; sample: object },
  say: (part: keyof Words, message: string) => void,
): void {
  const { subject, text, html } = words;
  if (!caseless.includes(kind) && !subject.includes(sampleAdded.caseTag)) {
    say('subject', 'the subject does not show {{caseTag}}; without it an answer may not find its case');
  }
  for (const word of wordsToAsk(kind, sample)) {
    const name = word === 'resolved' ? '{{resolvedWord}}' : '{{moreTimeWord}}';
    if (!asksFor(text, word)) say('text', `the text does not ask for ${name}, which the rules expect here`);
    if (!asksFor(html, word)) say('html', `the html does not ask for ${name}, which the rules expect here`);
  }
  const code = 'code' in sample ? String(sample.code) : '';
  if (kind === 'sign-in' && code !== hostile && !text.includes(code)) {
    say('text', 'the text does not show {{code}}, with which one signs in where the link can not be opened');
  }
  if (text.trim() === '') say('text', 'nothing is left to read in the text');
  const bytes = Buffer.byteLength(html);
  if (bytes > htmlBytesMax)
    say('html', `the html has ${bytes} bytes with an example; Gmail cuts a mail off at ${htmlBytesMax}`);
  for (const problem of markupProblems(html)) say('html', problem);
}

/** What the policy expects a letter to ask for, as its example has it: a word where a clock runs, or is begun. */
function wordsToAsk(kind: LetterKind, sample: object): ('resolved' | 'moreTime')[] {
  const runs = 'timeline' in sample && (sample.timeline as unknown[]).length > 0;
  if (!runs && !asking.includes(kind)) return [];
  return 'mayAskMoreTime' in sample && sample.mayAskMoreTime === true ? ['resolved', 'moreTime'] : ['resolved'];
}

/** The example with every free text replaced by a hostile one; instants, links, zones and the words that templates compare stay. */
function madeHostile<Sample extends object>(sample: Sample): Sample {
  const changed = (value: unknown, name: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => changed(item, ''));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, changed(inner, key)]));
    if (typeof value !== 'string' || name === 'zone' || value === '') return value;
    return safeLink.test(value) || /^\d{4}-\d\d-\d\dT/.test(value) || /^[a-z-]+$/.test(value) ? value : hostile;
  };
  return changed(sample, '') as Sample;
}

function markupProblems(html: string): string[] {
  const problems: string[] = [];
  const parser = new Parser({
    onopentag(name, attributes) {
      if (!tags.has(name))
        problems.push(`<${name}> is not shown by every mail program, or runs something; take it out`);
      for (const [attribute, value] of Object.entries(attributes)) {
        if (attribute === 'href' && !safeLink.test(value))
          problems.push(`a link leads to "${value.slice(0, 60)}", which is not safe`);
        else if (/^on|^src|^background$|^action$/.test(attribute)) {
          problems.push(`${attribute}="…" on <${name}> can load or run something; take it out`);
        }
      }
    },
  });
  parser.end(html);
  return problems;
}
