// The edge of this room: the only file that reads templates from disk. One folder per language, one file per letter or partial. A folder of one's own
// is laid over the shipped one, file by file.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkTexts, missingLetters } from './lint.ts';
import { withText, type Problem, type Texts } from './texts.ts';

/** The languages read at most, and the files in each. */
export const folderLimits = { languagesMax: 100, filesMax: 200 } as const;

/** A file of a folder of templates. */
export interface FolderText {
  language: string;
  name: string;
  /** Its path. */
  file: string;
  source: string;
}

/** Every .hbs file under the language folders of `folder`. Rejects when the folder itself can not be read. */
export async function readFolder(folder: string): Promise<FolderText[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const languages = entries.filter((entry) => entry.isDirectory()).slice(0, folderLimits.languagesMax);
  const found: FolderText[] = [];
  for (const { name: language } of languages) {
    const names = (await readdir(join(folder, language))).filter((name) => name.endsWith('.hbs')).toSorted();
    for (const name of names.slice(0, folderLimits.filesMax)) {
      const file = join(folder, language, name);
      const source = await readFile(file, 'utf8');
      found.push({ language: language.toLowerCase(), name: name.slice(0, -'.hbs'.length), file, source });
    }
  }
  return found;
}

/**
 * The texts of `shipped`, and over them those of `own` (null: none), which are checked as strictly as what is edited here; every problem of them instead.
 * What is shipped is not checked at each start: the tests do, and `casepost check`.
 */
export async function loadTexts(
  shipped: string,
  own: string | null,
): Promise<{ texts: Texts } | { problems: Problem[] }> {
  const base = laidOver(new Map(), await readFolder(shipped));
  if (own === null) return { texts: base };
  const texts = laidOver(base, await readFolder(own));
  const problems = await checkTexts(texts);
  return problems.length > 0 ? { problems } : { texts };
}

/** Every problem of the texts of `folder` by themselves. */
export async function checkFolder(folder: string): Promise<Problem[]> {
  const texts = laidOver(new Map(), await readFolder(folder));
  return [...missingLetters(texts), ...(await checkTexts(texts))];
}

function laidOver(under: Texts, files: FolderText[]): Texts {
  return files.reduce(
    (texts, { file, source, ...name }) => withText(texts, name, { file, source, version: null, before: null }),
    under,
  );
}
