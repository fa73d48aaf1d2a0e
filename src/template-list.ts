// What there is to edit: every letter and partial in every language, whose words are in force, and what has become of the shipped ones.
import type { Instant } from './clock.ts';
import { docOf, titleOf } from './letters/letter-docs.ts';
import { findText, type TemplateName, type Texts } from './letters/texts.ts';
import { letterKinds } from './letters/variables.ts';
import type { Db } from './store/db.ts';
import { rulingTemplates, type TemplateVersion } from './store/templates.ts';
import { hashOf, type BaseTexts } from './templates.ts';

/** A text as the list tells of it. */
export interface TemplateRow extends TemplateName {
  title: string;
  doc: string;
  partial: boolean;
  /** shipped as it came; changed here; own: nothing was shipped; inherited: another language's stands in. */
  state: 'shipped' | 'changed' | 'own' | 'inherited';
  /** It is changed here, and what is shipped now is another text than the one that was changed. */
  shippedMoved: boolean;
  /** The newest version, from which an editor starts; null when it was never changed. */
  version: number | null;
  author: string;
  note: string;
  savedAt: Instant | null;
}

/** A text with its words. `source` is what rules, inherited or not. */
export interface TemplateShown extends TemplateRow {
  source: string;
  shipped: string | null;
}

/** Every text there is, or could be, in every language there is: letters in the order people meet them, then partials. */
export async function templateList(db: Db, { baseTexts: base }: BaseTexts): Promise<TemplateRow[]> {
  const newest = new Map((await rulingTemplates(db, 1)).map((one) => [`${one.language}/${one.name}`, one]));
  const own = [...newest.values()].map(({ language, name }) => ({ language, name }));
  const languages = [...new Set([...base.keys(), ...own.map(({ language }) => language)])].toSorted(englishFirst);
  const partials = [...base.values()].flatMap((texts) => [...texts.keys()]).concat(own.map(({ name }) => name));
  const names = [...letterKinds, ...new Set(partials.filter((name) => name.startsWith('_')).toSorted())];
  return languages.flatMap((language) =>
    names.flatMap((name) => stateOf(base, { language, name }, newest.get(`${language}/${name}`) ?? null) ?? []),
  );
}

/** One text with its words; null when there is no such letter or partial. */
export async function templateShown(
  db: Db,
  { baseTexts: base }: BaseTexts,
  { language, name }: TemplateName,
): Promise<TemplateShown | null> {
  const newest = (await rulingTemplates(db, 1)).filter((one) => one.name === name);
  const own = newest.find((one) => one.language === language) ?? null;
  const state = stateOf(base, { language, name }, own);
  if (!state) return null;
  const shipped = base.get(language)?.get(name)?.source ?? null;
  const changedEnglish = newest.find((one) => one.language === 'en')?.source ?? null;
  const inherited = changedEnglish ?? findText(base, language, name)?.text.source ?? '';
  return { ...state, source: own?.source ?? shipped ?? inherited, shipped };
}

function stateOf(base: Texts, { language, name }: TemplateName, newest: TemplateVersion | null): TemplateRow | null {
  const shipped = base.get(language)?.get(name)?.source ?? null;
  const source = newest?.source ?? shipped;
  if (source === null && !findText(base, language, name) && !newest) return null;
  const changed = newest !== null && newest.source !== null && newest.source !== shipped;
  const state = source === null ? 'inherited' : !changed ? 'shipped' : shipped === null ? 'own' : 'changed';
  return {
    language,
    name,
    title: titleOf(name),
    doc: docOf(name),
    partial: name.startsWith('_'),
    state,
    shippedMoved: changed && shipped !== null && newest.shipped !== hashOf(shipped),
    version: newest?.id ?? null,
    author: newest?.author ?? '',
    note: newest?.note ?? '',
    savedAt: newest?.savedAt ?? null,
  };
}

function englishFirst(one: string, other: string): number {
  return Number(other === 'en') - Number(one === 'en') || one.localeCompare(other);
}
