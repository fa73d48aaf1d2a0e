// Reads our own source as text for the house rules: which files there are, what of a file is code, and what it imports. A small scanner
// instead of a parser: it must tell comments and strings from code, and nothing else.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A file of the repository; `path` from its root with forward slashes. */
export type SourceFile = { path: string; text: string };

/** One import of a file; `target` is the path of ours it leads to, undefined for a package or node's own module. */
export type Import = { specifier: string; typeOnly: boolean; target: string | undefined };

/** All files below the given folders whose names end in one of `endings`, sorted by path; a folder that is not there has none. */
export function readSources(folders: string[], endings: string[]): SourceFile[] {
  return folders
    .flatMap(pathsBelow)
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** The text of one file from the repository's root. */
export function readRootFile(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** The paths of all files below a folder. */
export function pathsBelow(folder: string): string[] {
  try {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    return entries.flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      return entry.isDirectory() ? pathsBelow(path) : [path];
    });
  } catch {
    return [];
  }
}

/** The text with comments blanked out, and with `strings: false` the contents of strings and regular expressions too; lines stay where they are. */
export function codeOf(text: string, { strings = false } = {}): string {
  let code = '';
  let at = 0;
  while (at < text.length) {
    const [kind, end] = tokenAt(text, at, code);
    const token = text.slice(at, end);
    const keep = kind === 'code' || (kind === 'string' && strings);
    code += keep ? token : token.replace(/[^\n]/g, ' ');
    at = end;
  }
  return code;
}

type Token = ['code' | 'comment' | 'string', number];

function tokenAt(text: string, at: number, before: string): Token {
  const pair = text.slice(at, at + 2);
  if (pair === '//') return ['comment', endAt(text, text.indexOf('\n', at))];
  if (pair === '/*') return ['comment', endAt(text, text.indexOf('*/', at + 2) + 2)];
  const sign = text[at]!;
  if (sign === "'" || sign === '"') return ['string', closing(text, at + 1, sign)];
  // What stands in ${} is read as part of the template: a clock or a door hidden there would be found by eye.
  if (sign === '`') return ['string', closing(text, at + 1, sign)];
  if (sign === '/' && regexMayStart(before)) return ['string', regexEnd(text, at + 1)];
  return ['code', at + 1];
}

function endAt(text: string, end: number): number {
  return end < 2 ? text.length : end;
}

function closing(text: string, from: number, quote: string): number {
  let at = from;
  while (at < text.length && text[at] !== quote) {
    if (text[at] === '\\') at += 1;
    else if (quote === '`' && text.startsWith('${', at)) at = placeholderEnd(text, at + 2) - 1;
    at += 1;
  }
  return at + 1;
}

function placeholderEnd(text: string, from: number): number {
  let depth = 1;
  let at = from;
  while (at < text.length && depth > 0) {
    const sign = text[at]!;
    if (sign === "'" || sign === '"' || sign === '`') at = closing(text, at + 1, sign) - 1;
    else if (sign === '{') depth += 1;
    else if (sign === '}') depth -= 1;
    at += 1;
  }
  return at;
}

function regexMayStart(before: string): boolean {
  const last = before.trimEnd();
  return last === '' || /[(,=:[!&|?{};+*%<>~^-]$/.test(last) || /\b(return|typeof|case|in|of|await)$/.test(last);
}

function regexEnd(text: string, from: number): number {
  let inClass = false;
  let at = from;
  while (at < text.length && text[at] !== '\n' && (inClass || text[at] !== '/')) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '[') inClass = true;
    else if (text[at] === ']') inClass = false;
    at += 1;
  }
  return at + 1;
}

const statement = /^[ \t]*(?:import|export)\s+(type\s+)?((?:[\w$*,\s]|\{[^}]*\})*?)\s*from\s*['"]([^'"]+)['"]/gm;
const bare = /^[ \t]*import\s*['"]([^'"]+)['"]/gm;
const atRunTime = /\bimport\(\s*['"]([^'"]+)['"]|\bnew URL\(\s*['"]([^'"]+\.ts)['"]/g;

/** What a file imports: statements, re-exports, `import()` and worker files named by `new URL('….ts', …)`. */
export function importsOf(file: SourceFile): Import[] {
  const code = codeOf(file.text, { strings: true });
  const found: Import[] = [];
  const add = (specifier: string, typeOnly: boolean) =>
    found.push({ specifier, typeOnly, target: targetOf(file.path, specifier) });
  for (const [, type, names = '', specifier] of code.matchAll(statement)) {
    const inBraces = /^\{([^}]*)\}$/
      .exec(names.trim())?.[1]
      ?.split(',')
      .filter((name) => name.trim());
    add(specifier!, type !== undefined || (inBraces?.every((name) => /^\s*type\s/.test(name)) ?? false));
  }
  for (const [, specifier] of code.matchAll(bare)) add(specifier!, false);
  for (const [, specifier, worker] of code.matchAll(atRunTime)) add((specifier ?? worker)!, false);
  return found;
}

function targetOf(path: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
}
