// What the pages of letters show, as the page templates want it: rows grouped for people, versions with their names, comparisons. Pure.
import type { Instant } from '../clock.ts';
import type { TemplateName } from '../letters/texts.ts';
import type { TemplateRow } from '../template-list.ts';
import type { VersionRow } from '../templates.ts';
import { diffOf, type DiffLine } from './template-diff.ts';

/** Where the pages of a text begin. */
export function hrefOf({ language, name }: TemplateName): string {
  return `/templates/${language}/${name}`;
}

/** `de` as people call it: `German`. */
export function languageName(language: string): string {
  return new Intl.DisplayNames(['en'], { type: 'language' }).of(language) ?? language;
}

/** `3 Mar 2026, 09:00 UTC`. */
export function whenText(at: Instant): string {
  const options = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' } as const;
  return `${new Intl.DateTimeFormat('en-GB', options).format(at.epochMilliseconds)} UTC`;
}

const groups = [
  {
    id: 'customers',
    title: 'To customers',
    doc: '',
    has: (row: TemplateRow) => !row.partial && !/^(engineer-|sign-in)/.test(row.name),
  },
  {
    id: 'engineers',
    title: 'To engineers and colleagues',
    doc: '',
    has: (row: TemplateRow) => /^(engineer-|sign-in)/.test(row.name),
  },
  {
    id: 'partials',
    title: 'Pieces that letters share',
    doc: 'A change here shows in every letter that uses the piece; all of them are tried before it is published.',
    has: (row: TemplateRow) => row.partial,
  },
];

/** The list of all texts: those changed here first, then every letter with its languages. */
export function listView(rows: TemplateRow[]): object {
  const changed = rows
    .filter((row) => row.state === 'changed' || row.state === 'own')
    .toSorted((left, right) => (right.savedAt?.epochMilliseconds ?? 0) - (left.savedAt?.epochMilliseconds ?? 0));
  return {
    changed: changed.map((row) => ({
      ...row,
      ...savedView(row),
      href: hrefOf(row),
      languageName: languageName(row.language),
    })),
    groups: groups.map(({ has, ...group }) => ({
      ...group,
      letters: [...Map.groupBy(rows.filter(has), ({ name }) => name).values()].map((letter) => ({
        title: letter[0]?.title ?? '',
        doc: letter[0]?.doc ?? '',
        languages: letter.map((row) => ({
          language: row.language,
          languageName: languageName(row.language),
          href: hrefOf(row),
          state: row.state,
          says: { shipped: '', changed: 'changed', own: 'own text', inherited: 'as in English' }[row.state],
        })),
      })),
    })),
  };
}

/** One sentence on what rules now. */
export function standingText(row: TemplateRow): string {
  if (row.state === 'inherited') return 'There is no text of its own in this language; the English one is in force.';
  if (row.version === null) return 'The shipped text is in force.';
  const saved = row.savedAt ? `, ${whenText(row.savedAt)}` : '';
  return `In force: version ${row.version} by ${row.author}${saved}.`;
}

/** The versions of a text, newest first, each with what it can be compared with. */
export function historyView(versions: VersionRow[]): object[] {
  return versions.map((version, index) => {
    const before = versions[index + 1];
    return {
      key: keyOf(version),
      name: versionName(version),
      ruling: index === 0,
      before: before ? keyOf(before) : null,
      author: version.author,
      note: version.note,
      ...savedView(version),
      sent: `${version.sent} ${version.sent === 1 ? 'mail' : 'mails'} sent`,
    };
  });
}

function savedView({ savedAt }: { savedAt: Instant | null }): { at: string; when: string } {
  return savedAt ? { at: savedAt.toString(), when: whenText(savedAt) } : { at: '', when: '' };
}

/** A version in an address: its number, or `shipped`. */
export function keyOf({ version }: { version: number | null }): string {
  return version === null ? 'shipped' : String(version);
}

/** A version for people. */
export function versionName({ version }: { version: number | null }): string {
  return version === null ? 'the shipped text' : `version ${version}`;
}

/** A comparison for its page. */
export function diffView(before: string, after: string): object[] {
  const words = { same: ['', ''], out: ['−', 'taken out: '], in: ['+', 'put in: '] } as const;
  const shown = (line: DiffLine) =>
    line.kind === 'fold'
      ? { fold: line.lines, kind: '', sign: '', says: '', parts: [] }
      : { fold: 0, kind: line.kind, sign: words[line.kind][0], says: words[line.kind][1], parts: line.parts };
  return diffOf(before, after).map(shown);
}
