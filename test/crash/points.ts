// The numbered list of crash points: two sides of every await on the way of a mail, a letter and a due step. The checked-in list makes a new
// await visible in review; `node test/crash/points.ts --write` writes it anew.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readRootFile } from '../house/sources.ts';
import { instrumented, pathAwaits } from './awaits.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const listFile = 'test/crash/points.json';

/** The names of all awaits as the source has them now, in the order of their numbers. */
export function currentNames(): string[] {
  return pathAwaits().flatMap(({ awaits }) => awaits.map(({ name }) => name));
}

/** The names in the checked-in list. */
export function listedNames(): string[] {
  return JSON.parse(readRootFile(listFile)) as string[];
}

/** Writes the rewritten sources for `preload.ts`; gives the file and the points' names, `… before` and `… after`, by number. */
export function armSources(): { file: string; points: string[] } {
  const parsed = pathAwaits();
  const names = parsed.flatMap(({ awaits }) => awaits.map(({ name }) => name));
  const numbers = new Map(names.map((name, number) => [name, number]));
  const sources = parsed.map(({ file, awaits }) => [
    pathToFileURL(join(root, file.path)).href,
    stripTypeScriptTypes(instrumented(file, awaits, (name) => numbers.get(name) ?? -1)),
  ]);
  const file = join(mkdtempSync(join(tmpdir(), 'casepost-points-')), 'sources.json');
  writeFileSync(file, JSON.stringify(Object.fromEntries(sources)));
  return { file, points: names.flatMap((name) => [`${name} before`, `${name} after`]) };
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv.includes('--write')) {
  writeFileSync(join(root, listFile), `${JSON.stringify(currentNames(), null, 2)}\n`);
}
