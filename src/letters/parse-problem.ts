// What Handlebars says of a template it can not read, as a sentence for whoever edits it, at the line of the file.
import { builtInHelpers, ownHelpers } from './formatting.ts';
import { nearest } from './nearest.ts';
import type { TemplatePart } from './template.ts';
import type { Problem } from './texts.ts';

/** A Handlebars error as a problem of a file: its line counts from the part, ours from the file. */
export function problemOf(error: unknown, file: string, part: TemplatePart): Problem {
  const { message, lineNumber, column } = error as Error & { lineNumber?: number; column?: number };
  // The parser says the line only in its text; the compiler has it as a property and adds it to the text once more.
  const line = lineNumber ?? Number(/^(?:Parse|Lexical) error on line ([0-9]+)/.exec(message)?.[1] ?? 1);
  const unknown = /used the unknown helper (\S+)/.exec(message)?.[1];
  const plain = (message.split('\n').at(-1) ?? message).replace(/ - [0-9]+:[0-9]+$/, '');
  const said =
    unknown === undefined
      ? plain.replace(
          /^Expecting .*$/,
          'what stands in {{ … }} here is not complete, or has something in it that does not belong there',
        )
      : `there is no helper "${unknown}"${nearest(unknown, [...builtInHelpers, ...ownHelpers])}`;
  return { file, line: part.line + line - 1, column: (column ?? 0) + 1, message: said };
}

/** The block that is never closed, closed twice or closed by another name, when that is what is wrong. */
export function blockProblem(file: string, part: TemplatePart): Problem | null {
  const open: { word: string; at: number }[] = [];
  const problem = (at: number, message: string, found: string): Problem => {
    const before = part.source.slice(0, at).split('\n');
    return {
      file,
      line: part.line + before.length - 1,
      column: (before.at(-1)?.length ?? 0) + 1,
      message,
      found,
    };
  };
  for (const tag of part.source.matchAll(/\{\{~?(?:!--[\s\S]*?--|![^}]*|([#/])(>?)\s*([^\s}~]+)[^}]*)\}\}/g)) {
    const [, sign, partial, word = ''] = tag;
    if (sign === '#') open.push({ word, at: tag.index });
    if (sign !== '/') continue;
    const last = open.pop();
    if (!last) return problem(tag.index, `{{/${word}}} closes a block that was never opened`, word);
    if (last.word !== word) {
      const line = part.line + part.source.slice(0, last.at).split('\n').length - 1;
      const message = `{{/${word}}} stands where the block {{#${partial}${last.word} …}} of line ${line} has to be closed with {{/${last.word}}}`;
      return problem(tag.index, message, word);
    }
  }
  const last = open.at(-1);
  return last
    ? problem(
        last.at,
        `the block {{#${last.word} …}} is never closed; write {{/${last.word}}} where it ends`,
        last.word,
      )
    : null;
}
