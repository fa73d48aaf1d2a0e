// The texts of letters that are in force: what is shipped, over it the folder of casepost.yaml, over that what was changed here, version by version.
// What is broken is never saved; every change is kept; two who change one text at once are told of each other.
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Instant } from './clock.ts';
import type { Config } from './config.ts';
import type { Checker } from './letters/checker.ts';
import type { Draft } from './letters/lint.ts';
import { loadTexts } from './letters/load.ts';
import { problemText, withText, type Problem, type TemplateName, type Text, type Texts } from './letters/texts.ts';
import type { Db, Transaction } from './store/db.ts';
import {
  insertTemplate,
  lockTemplates,
  newestTemplateId,
  rulingTemplates,
  sentAsShipped,
  templateHistory,
  type TemplateVersion,
} from './store/templates.ts';

/** The folder of the texts that come with the program. */
export const shippedTemplates = fileURLToPath(new URL('../templates/mail', import.meta.url));

/** What a desk has to lend: the texts without anything of the database. */
export interface BaseTexts {
  baseTexts: Texts;
}

/** How many versions of a text are kept at hand, should the newest turn out to be broken. */
const atHandMax = 5;
const historyMax = 200;
/** How often a save is checked anew because another text was changed meanwhile. */
const savesMax = 3;

/** The texts of a configuration without its database, or every problem of its folder. */
export async function loadLetters(
  config: Pick<Config, 'templates'>,
): Promise<{ texts: Texts } | { problems: string[] }> {
  const loaded = await loadTexts(shippedTemplates, config.templates);
  return 'problems' in loaded ? { problems: loaded.problems.map(problemText) } : loaded;
}

/** The texts in force: `base` with the versions of the database over it, and the id of the newest of them. */
export async function textsInForce(db: Db, base: Texts): Promise<{ texts: Texts; newest: number }> {
  const versions = await rulingTemplates(db, atHandMax);
  const byName = Map.groupBy(versions, ({ language, name }) => `${language}/${name}`);
  let texts = base;
  for (const newestFirst of byName.values()) {
    const [{ language, name }] = newestFirst as [TemplateVersion, ...TemplateVersion[]];
    texts = withText(texts, { language, name }, ruling(newestFirst, base.get(language)?.get(name) ?? null));
  }
  return { texts, newest: versions[0]?.id ?? 0 };
}

function ruling(newestFirst: TemplateVersion[], shipped: Text | null): Text | null {
  return newestFirst.toReversed().reduce<Text | null>((before, { id, language, name, source }) => {
    if (source === null) return shipped;
    return { file: `${language}/${name}.hbs, version ${id}`, source, version: id, before };
  }, shipped);
}

/** What may be done with a text: who does it, why, and from which version (`TemplateRow.version`) the editor started. */
export interface Change extends TemplateName {
  base: number | null;
  author: string;
  note: string;
}

/** What comes of saving. `conflict`: somebody else has saved meanwhile, and theirs rules. */
export type Saved =
  | { saved: number; unchanged: boolean }
  | { problems: Problem[] }
  | { conflict: { version: number | null; source: string; author: string; savedAt: Instant | null } };

/** Saves a text, which rules at once. Nothing is written when it has problems or `base` is no longer the newest. */
export async function saveTemplate(
  db: Db,
  desk: BaseTexts,
  checker: Checker,
  change: Change & { source: string },
  now: Instant,
): Promise<Saved> {
  const { language, name, source } = change;
  return written(db, desk, checker, { change, source, draft: { language, name, source } }, now);
}

/** Lets an earlier version rule again, as a new one; `to` null is the shipped text, from then on whatever a later program ships. */
export async function restoreTemplate(
  db: Db,
  desk: BaseTexts,
  checker: Checker,
  change: Change & { to: number | null },
  now: Instant,
): Promise<Saved> {
  const { language, name, to } = change;
  const source =
    to === null ? null : ((await templateHistory(db, change, historyMax)).find(({ id }) => id === to)?.source ?? null);
  if (to !== null && source === null) {
    const message = `version ${to} is not in its history; nothing was restored`;
    return { problems: [{ file: `${language}/${name}.hbs`, line: 1, column: 1, message }] };
  }
  const shipped = desk.baseTexts.get(language)?.get(name)?.source ?? null;
  const text = source ?? shipped;
  const note = change.note === '' ? (to === null ? 'back to the shipped text' : `back to version ${to}`) : change.note;
  const draft = text === null ? null : { language, name, source: text };
  return written(db, desk, checker, { change: { ...change, note }, source, draft }, now);
}

async function written(
  db: Db,
  desk: BaseTexts,
  checker: Checker,
  { change, source, draft }: { change: Change; source: string | null; draft: Draft | null },
  now: Instant,
): Promise<Saved> {
  for (let tries = 0; tries < savesMax; tries += 1) {
    const { texts, newest } = await textsInForce(db, desk.baseTexts);
    const problems = draft ? await checker.check(texts, [draft]) : [];
    if (problems.length > 0) return { problems };
    const saved = await db.transaction(async (trx) => {
      await lockTemplates(trx);
      // What it was checked with may have been changed meanwhile: a partial it includes, or the letter it is part of.
      return (await newestTemplateId(trx)) === newest ? saveChecked(trx, desk, { change, source }, now) : null;
    });
    if (saved) return saved;
  }
  const message = 'other texts are being changed at this moment; nothing was saved, try again';
  return { problems: [{ file: `${change.language}/${change.name}.hbs`, line: 1, column: 1, message }] };
}

async function saveChecked(
  trx: Transaction,
  desk: BaseTexts,
  { change, source }: { change: Change; source: string | null },
  now: Instant,
): Promise<Saved> {
  const { language, name, author, note } = change;
  const shipped = desk.baseTexts.get(language)?.get(name)?.source ?? null;
  const [newest] = await templateHistory(trx, change, 1);
  const version = newest?.id ?? null;
  const inForce = newest ? (newest.source ?? shipped) : shipped;
  if (version !== change.base) {
    const theirs = { version, source: inForce ?? '', author: newest?.author ?? '', savedAt: newest?.savedAt ?? null };
    return { conflict: theirs };
  }
  const nothingNew = source === null ? (newest?.source ?? null) === null : source === inForce;
  if (nothingNew && version !== null) return { saved: version, unchanged: true };
  if (nothingNew) return { saved: 0, unchanged: true };
  const row = { language, name, source, shipped: shipped === null ? null : hashOf(shipped), author, note };
  return { saved: await insertTemplate(trx, row, now), unchanged: false };
}

/** The alarm of a text that can not be used: its key, and its words with what is wrong. */
export function alarmOf({ language, name }: TemplateName): { key: string; told: (problem: string) => string } {
  return {
    key: `template:${language}/${name}`,
    told: (problem) =>
      `the changed text "${name}" (${language}) can not be used: ${problem}. Letters go out with the text before it. Mend it on the page of letters, or with "casepost template restore ${language}/${name}"`,
  };
}

/** What comes of an import: all of it or nothing. */
export type Imported = { saved: TemplateName[]; unchanged: number } | { problems: Problem[] };

/** Saves many texts at once, checked together; one that is broken keeps all out. Who changed something meanwhile is overruled: the files are the truth. */
export async function importTemplates(
  db: Db,
  desk: BaseTexts,
  checker: Checker,
  { drafts, author, note }: { drafts: Draft[]; author: string; note: string },
  now: Instant,
): Promise<Imported> {
  for (let tries = 0; tries < savesMax; tries += 1) {
    const { texts, newest } = await textsInForce(db, desk.baseTexts);
    const fresh = drafts.filter(({ language, name, source }) => texts.get(language)?.get(name)?.source !== source);
    const problems = await checker.check(texts, fresh);
    if (problems.length > 0) return { problems };
    const saved = await db.transaction(async (trx) => {
      await lockTemplates(trx);
      if ((await newestTemplateId(trx)) !== newest) return false;
      for (const { language, name, source } of fresh) {
        const [before] = await templateHistory(trx, { language, name }, 1);
        const change = { language, name, author, note, base: before?.id ?? null };
        await saveChecked(trx, desk, { change, source }, now);
      }
      return true;
    });
    if (saved) {
      return {
        saved: fresh.map(({ language, name }) => ({ language, name })),
        unchanged: drafts.length - fresh.length,
      };
    }
  }
  throw new Error('other texts are being changed at this moment; nothing was imported, try again');
}

/** A version as its history tells it; `version` null is the shipped text. */
export interface VersionRow {
  version: number | null;
  source: string;
  author: string;
  note: string;
  savedAt: Instant | null;
  /** Mails that left with it. */
  sent: number;
}

/** The newest versions of a text, newest first, and last the shipped one; empty when there is no such text. */
export async function templateVersions(db: Db, desk: BaseTexts, name: TemplateName): Promise<VersionRow[]> {
  const shipped = desk.baseTexts.get(name.language)?.get(name.name)?.source ?? null;
  const versions = (await templateHistory(db, name, historyMax)).map(
    ({ id, source, author, note, savedAt, sent }): VersionRow => ({
      version: id,
      source: source ?? shipped ?? '',
      author,
      note,
      savedAt,
      sent,
    }),
  );
  if (shipped === null) return versions;
  const sent = await sentAsShipped(db, name);
  return [...versions, { version: null, source: shipped, author: '', note: '', savedAt: null, sent }];
}

/** Whether two texts are the same is asked by this. */
export function hashOf(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}
