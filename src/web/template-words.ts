// The names of a letter as its editor is told them: the flat, documented list of the letters room as a tree, so that what stands inside a list is offered
// inside that list's block.
import type { Variable, Words } from './editor/words.ts';

/** A variable as the letters room lists it: `target.at`, `timeline[].what`. */
export interface ListedVariable {
  path: string;
  type: string;
  optional: boolean;
  doc: string;
  sample: string;
}

/** The tree of the variables, with helpers and partials beside it. */
export function wordsOf(
  listed: ListedVariable[],
  helpers: readonly { name: string; doc: string; example: string }[],
  partials: { name: string; doc: string }[],
): Words {
  const variables: Variable[] = [];
  for (const { path, type, optional, doc, sample } of listed) {
    const names = path.replaceAll('[]', '').split('.');
    const name = names.pop() ?? path;
    const parent = names.reduce<Variable[]>(
      (level, word) => level.find((each) => each.name === word)?.inside ?? level,
      variables,
    );
    const entry: Variable = { name, type: optional ? `${type}, may be missing` : type, doc, sample, inside: [] };
    parent.push(entry);
  }
  return {
    variables,
    helpers: helpers.map(({ name, doc, example }) => ({
      name,
      doc: `${doc}\n${example}`,
      block: example.startsWith(`{{#${name}`),
    })),
    // A partial's name starts with _ in its file, and is written without.
    partials: partials.map(({ name, doc }) => ({ name: name.slice(1), doc })),
  };
}
