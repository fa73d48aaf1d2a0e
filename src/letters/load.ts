// The edge of this room: the only file that reads templates from disk. One folder per language, one file per letter.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileTemplates } from './render.ts';
import type { Templates } from './render.ts';
import { readTemplate } from './template.ts';
import type { Problem, TemplateFile } from './template.ts';
import { letterKinds } from './variables.ts';

/** The languages read at most, and the files in each. */
export const folderLimits = { languagesMax: 100, filesMax: 100 } as const;

/**
 * Reads every language under `folder` (`templates/mail`): all templates, or every problem of the files at once. English must be whole,
 * for it stands in for what another language lacks. Rejects only when the folder itself can not be read.
 */
export async function loadTemplates(folder: string): Promise<{ templates: Templates } | { problems: Problem[] }> {
  const entries = await readdir(folder, { withFileTypes: true });
  const languages = entries.filter((entry) => entry.isDirectory()).slice(0, folderLimits.languagesMax);
  const problems: Problem[] = [];
  const files = new Map<string, Map<string, TemplateFile>>();
  for (const { name } of languages) files.set(name, await readLanguage(join(folder, name), problems));
  for (const kind of letterKinds) {
    const file = join(folder, 'en', `${kind}.hbs`);
    if (!files.get('en')?.has(kind) && !problems.some((problem) => problem.file === file)) {
      problems.push({ file, line: 1, column: 1, message: 'the file is missing; English must have every letter' });
    }
  }
  return problems.length > 0 ? { problems } : compileTemplates(files);
}

async function readLanguage(folder: string, problems: Problem[]): Promise<Map<string, TemplateFile>> {
  const templates = new Map<string, TemplateFile>();
  const names = (await readdir(folder)).filter((name) => name.endsWith('.hbs')).sort();
  for (const name of names.slice(0, folderLimits.filesMax)) {
    const file = join(folder, name);
    const word = name.slice(0, -'.hbs'.length);
    if (!word.startsWith('_') && !letterKinds.some((kind) => kind === word)) {
      const message = `"${word}" is no letter; letters are ${letterKinds.join(', ')}, and a partial starts with _`;
      problems.push({ file, line: 1, column: 1, message });
      continue;
    }
    const read = readTemplate(file, await readFile(file, 'utf8'), word.startsWith('_') ? 'partial' : 'letter');
    if (Array.isArray(read)) problems.push(...read);
    else templates.set(word, read);
  }
  return templates;
}
