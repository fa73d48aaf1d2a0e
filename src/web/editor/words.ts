// What the server tells the editor about a letter, and what stands around a place in it: the names that may be written there. The page carries it
// as JSON in a data attribute, for an inline script is not allowed.

/** A variable of a letter; `inside` are the names of a list's entry or of an object. */
export interface Variable {
  name: string;
  type: string;
  doc: string;
  sample: string;
  inside: Variable[];
}

/** Every name a letter may use. */
export interface Words {
  variables: Variable[];
  /** A block helper opens with `{{#` and is closed again. */
  helpers: { name: string; doc: string; block: boolean }[];
  partials: { name: string; doc: string }[];
}

/** Reads the data attribute; throws when the page carries something else. */
export function readWords(json: string): Words {
  return JSON.parse(json) as Words;
}

/** The variables that can be written after `before`, innermost first: inside `{{#each timeline}}` those of its entries come before the letter's. */
export function variablesAt(words: Words, before: string): Variable[] {
  const scopes = [words.variables];
  for (const [, mark = '', helper = '', name = ''] of before.matchAll(/\{\{~?([#/])\s*(\w[\w-]*)\s*([\w.]*)/g)) {
    if (helper !== 'each' && helper !== 'with') continue;
    if (mark === '/' && scopes.length > 1) scopes.shift();
    else if (mark === '#') scopes.unshift(variableNamed(scopes, name)?.inside ?? []);
  }
  const [own = []] = scopes;
  // Only the innermost is reached by its bare name; the letter's own names are reached with ../ and are not offered there.
  return own.length > 0 ? own : words.variables;
}

/** The variable a dotted name means, looked for from the innermost scope outwards. */
export function variableNamed(scopes: Variable[][], name: string): Variable | undefined {
  const [first = '', ...rest] = name.split('.');
  const found = scopes.flat().find((variable) => variable.name === first);
  if (found === undefined || rest.length === 0) return found;
  return variableNamed([found.inside], rest.join('.'));
}
