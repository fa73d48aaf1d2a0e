// The habits of the house that a text search can keep: how large a file is, how it is named and opened, who asks for the time, for chance and
// for the environment, and that no fixture lies about unused.
import { basename } from 'node:path';
import { roomOf } from './arrows.ts';
import { codeOf, type SourceFile } from './sources.ts';

const linesMax = 250;
const bannedWords = [
  'util',
  'utils',
  'helper',
  'helpers',
  'service',
  'services',
  'manager',
  'managers',
  'common',
  'misc',
];
const pure = ['mail', 'schedule', 'policy', 'cases', 'letters'];

/** Files of more than 250 lines: two words, not one. */
export function longFiles(files: SourceFile[]): string[] {
  return files
    .map((file) => ({ path: file.path, lines: file.text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > linesMax)
    .map(({ path, lines }) => `${path} has ${lines} lines, allowed are ${linesMax}; it is two words`);
}

/** Files whose name says nothing (utils, helpers, …) or is not kebab-case. */
export function badNames(paths: string[]): string[] {
  return paths.flatMap((path) =>
    path.split('/').flatMap((segment) => {
      const stem = segment.replace(/\.(test\.)?[a-z]+$/, '');
      if (stem.split('-').some((word) => bannedWords.includes(word)))
        return [`${path}: "${stem}" names no word of the domain`];
      return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem) ? [] : [`${path}: "${stem}" is not kebab-case`];
    }),
  );
}

/** Files that do not open with a comment that says what they decide. */
export function unopened(files: SourceFile[]): string[] {
  return files
    .filter((file) => !/^(\/\/|\/\*)\s*\S/.test(file.text))
    .map((file) => `${file.path} does not open with what it decides and why`);
}

/** Default exports and barrels: a name is exported where it is made. */
export function facelessExports(files: SourceFile[]): string[] {
  return found(files, /^\s*export (default\b|\*)/gm, 'exports without a name');
}

/** Reading the clock outside src/clock.ts: time is handed in as `now`. */
export function strayClocks(files: SourceFile[]): string[] {
  const others = files.filter((file) => file.path !== 'src/clock.ts');
  const asking =
    /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bTemporal\.Now\b|\bperformance\.now\b|\bprocess\.hrtime\b/g;
  return found(others, asking, 'asks for the time');
}

/** Chance in a pure room: ids and secrets are facts, handed in. */
export function strayChance(files: SourceFile[]): string[] {
  const inPure = files.filter((file) => pure.includes(roomOf(file.path).room));
  return found(inPure, /\bMath\.random\b|\brandom(Bytes|UUID|Int|FillSync|Fill)\b|\bgetRandomValues\b/g, 'rolls dice');
}

/** The environment outside src/config.ts and src/main.ts. */
export function strayEnvironment(files: SourceFile[]): string[] {
  const others = files.filter((file) => !['src/config.ts', 'src/main.ts'].includes(file.path));
  return found(others, /\bprocess\.env\b|\bimport\s*\{[^}]*\benv\b[^}]*\}/g, 'reads the environment');
}

function found(files: SourceFile[], pattern: RegExp, complaint: string): string[] {
  return files.flatMap((file) => {
    const code = codeOf(file.text);
    return [...code.matchAll(pattern)].map((match) => {
      const line = code.slice(0, match.index).split('\n').length + (match[0].startsWith('\n') ? 1 : 0);
      return `${file.path}:${line} ${complaint} (${match[0].trim()})`;
    });
  });
}

/**
 * Fixtures nobody uses. A fixture is used when a reader (test or source) names the file or its stem, or reads its whole folder: it holds the
 * folder's path and a directory listing.
 */
export function unusedFixtures(fixtures: string[], readers: SourceFile[]): string[] {
  return fixtures
    .filter((path) => {
      const folder = path.slice(0, path.lastIndexOf('/'));
      const stem = basename(path).replace(/\.[a-z]+$/, '');
      const named = new RegExp(`(^|[^\\w.-])${RegExp.escape(stem)}(?![\\w-])`);
      return !readers.some(
        ({ text }) => named.test(text) || (text.includes(folder) && /\breaddir(Sync)?\b|\bmailFiles\b/.test(text)),
      );
    })
    .map((path) => `${path} is used by no test`);
}
