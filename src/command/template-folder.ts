// `casepost template check|export|import`: the words of letters as a folder of files, to be kept in git. What is imported passes the same lint as on the
// page, all of it together; one text that is wrong keeps all out.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { checkTexts, missingLetters } from '../letters/lint.ts';
import { readFolder } from '../letters/load.ts';
import { problemText, type Problem } from '../letters/texts.ts';
import { templateList, templateShown } from '../template-list.ts';
import { importTemplates } from '../templates.ts';
import { ProblemsFound } from './ending.ts';
import { print, withSession, type CommonOptions } from './session.ts';
import { withChecker } from './template.ts';

/** `template check [FOLDER]`: with a folder what an import of it would say, else every text in force. */
export async function checkCommand(
  folder: string | undefined,
  options: CommonOptions,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await withChecker(options, env, async ({ desk }, checker) => {
    const { texts } = desk.templates;
    const drafts = folder === undefined ? null : await readFolder(folder);
    const problems = drafts
      ? told(await checker.check(texts, drafts), drafts)
      : [...missingLetters(texts), ...(await checkTexts(texts))].map(problemText);
    if (problems.length > 0) throw new ProblemsFound(problems.join('\n'));
    const count = drafts ? drafts.length : [...texts.values()].reduce((sum, { size }) => sum + size, 0);
    print(options, { texts: count, problems: [] }, `${count} texts are sound`);
  });
}

/** `template export FOLDER`: one file a text, in a folder a language; a file that is there is written over. */
export async function exportCommand(
  folder: string,
  options: CommonOptions & { changed?: boolean },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await withSession(options, env, async ({ database: { db }, desk }) => {
    const rows = (await templateList(db, desk)).filter(({ state }) =>
      options.changed ? state === 'changed' || state === 'own' : state !== 'inherited',
    );
    for (const row of rows) {
      const shown = await templateShown(db, desk, row);
      const path = join(folder, row.language, `${row.name}.hbs`);
      mkdirSync(join(folder, row.language), { recursive: true });
      if (shown && shown.source !== readIf(path)) writeFileSync(path, shown.source);
    }
    print(options, { folder, texts: rows.length }, `${rows.length} texts are in ${folder}`);
  });
}

/** `template import FOLDER`: every text of it that differs, all or none. */
export async function importCommand(
  folder: string,
  options: CommonOptions & { note?: string; as?: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const drafts = await readFolder(folder);
  if (drafts.length === 0) throw new ProblemsFound(`${folder} holds no texts; they are files like de/follow-up.hbs`);
  await withChecker(options, env, async ({ database: { db }, desk, now }, checker) => {
    const by = { drafts, author: options.as ?? userInfo().username, note: options.note ?? `imported from ${folder}` };
    const imported = await importTemplates(db, desk, checker, by, now());
    if ('problems' in imported) {
      throw new ProblemsFound(
        [...told(imported.problems, drafts), 'nothing was imported; the texts in force stay'].join('\n'),
      );
    }
    const names = imported.saved.map(({ language, name }) => `${language}/${name}`);
    const taken =
      names.length === 0
        ? 'nothing differs'
        : `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} in force; running gateways take them within seconds`;
    print(options, imported, `${taken} (${imported.unchanged} unchanged)`);
  });
}

/** Problems under the paths of the files they are in. */
function told(problems: Problem[], drafts: { language: string; name: string; file: string }[]): string[] {
  return problems.map((problem) => {
    const draft = drafts.find(({ language, name }) => problem.file === `${language}/${name}.hbs`);
    return problemText(draft ? { ...problem, file: draft.file } : problem);
  });
}

function readIf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
