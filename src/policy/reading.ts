// Reads a mail once for all rules: where each phrase stands, and which of them the writer takes back ("no data loss"), only supposes ("to avoid
// data loss") or tells of the past. What is taken back counts for nothing.
import type { Meaning, Part, Role, Walked } from './compiled.ts';
import type { Found } from './phrases.ts';
import type { Policy } from './policy.ts';
import type { Word } from './words.ts';

/** What one rule found in the mail. */
export interface RuleMatch {
  /**
   * The words of the first sentence in which `any` stands (with `and`, when asked) and no `unless`, as a reason for people;
   * null when there is none.
   */
  inOneSentence(needsAnd: boolean, where: 'anywhere' | 'subject'): string | null;
  /** The words of `mentions` that stand first, as a reason for people; null when none stands anywhere. */
  mentioned: string | null;
  /** Whether one of `unlessMentions` stands anywhere. */
  ruledOut: boolean;
}

/** A mail after one walk: its words, every phrase found in them, and what each rule found. */
export interface Reading {
  readonly words: readonly Word[];
  readonly subjectEnd: number;
  readonly found: readonly Found<Meaning>[];
  readonly rules: Readonly<Record<Part, ReadonlyMap<string, RuleMatch>>>;
}

type BySentence = Map<number, Partial<Record<Role, Found<Meaning>>>>;

/** What the phrases found in a mail come to for each rule. */
export function readMail(read: Walked, policy: Policy): Reading {
  const { found } = read;
  const clauses = clausesOf(read.words, found);
  const taken = takenBack(read.words, clauses, found, policy.rules.negations.reach);
  const rules: Record<Part, Map<string, BySentence>> = { topics: new Map(), severity: new Map(), signs: new Map() };
  // Many rules share a phrase, and what is found of it comes in a row: whether it is taken back is asked once.
  let place = { from: -1, to: -1, supposed: false, negated: false };
  for (const one of found) {
    if (one.meaning.is !== 'rule') continue;
    if (one.from !== place.from || one.to !== place.to)
      place = { from: one.from, to: one.to, supposed: taken.supposed(one), negated: taken.negated(one) };
    const { part, rule, role, evenTakenBack } = one.meaning;
    const supposed = !evenTakenBack && place.supposed;
    const negated = !evenTakenBack && place.negated;
    // "No backups are running": a negated subject of a sentence still is its subject, so only suppositions take an `and` back.
    if (role === 'any' && (supposed || negated)) continue;
    if (role === 'and' && supposed) continue;
    const sentences = rules[part].get(rule) ?? new Map<number, Partial<Record<Role, Found<Meaning>>>>();
    rules[part].set(rule, sentences);
    const sentence = read.words[one.from]?.sentence ?? 0;
    const roles = sentences.get(sentence) ?? {};
    sentences.set(sentence, roles);
    const known = roles[role];
    if (known === undefined || known.to - known.from < one.to - one.from) roles[role] = one;
  }
  const matches = (part: Part) =>
    new Map([...rules[part]].map(([rule, sentences]) => [rule, ruleMatch(sentences, read)]));
  return {
    words: read.words,
    subjectEnd: read.subjectEnd,
    found,
    rules: { topics: matches('topics'), severity: matches('severity'), signs: matches('signs') },
  };
}

/** The words as written, for a reason: `"lost all our files"`. */
export function shownWords(words: readonly Word[], found: { from: number; to: number }): string {
  const shown = words.slice(found.from, found.to).map((word) => word.shown);
  return `"${shown.filter((word) => word !== '').join(' ')}"`;
}

function ruleMatch(sentences: BySentence, read: Walked): RuleMatch {
  const all = [...sentences.values()];
  // What the subject names, every sentence of the mail is about: "Recovery" over "it stops at 80 %".
  const underSubject = all.find(({ and }) => and !== undefined && and.from < read.subjectEnd)?.and;
  const mention = all.find((roles) => roles.mentions !== undefined)?.mentions;
  return {
    mentioned:
      mention === undefined ? null : placeText(shownWords(read.words, mention), mention.from < read.subjectEnd),
    ruledOut: all.some((roles) => roles.unlessMentions !== undefined),
    inOneSentence(needsAnd, where) {
      for (const { any, unless, and = underSubject } of all) {
        if (any === undefined || unless !== undefined || (needsAnd && and === undefined)) continue;
        const inSubject = any.from < read.subjectEnd;
        if (where === 'subject' && !inSubject) continue;
        const shown = [any, ...(needsAnd && and !== undefined ? [and] : [])].map((one) => shownWords(read.words, one));
        return placeText([...new Set(shown)].join(' with '), inSubject);
      }
      return null;
    },
  };
}

function placeText(words: string, inSubject: boolean): string {
  return `${words} in the ${inSubject ? 'subject' : 'text'}`;
}

/** The clause of each word, with the words that begin a new one ("but", "and") counted in. */
function clausesOf(words: readonly Word[], found: readonly Found<Meaning>[]): number[] {
  const breaks = new Set(found.filter((one) => one.meaning.is === 'clause-break').map((one) => one.from));
  let extra = 0;
  return words.map((word, index) => {
    if (breaks.has(index)) extra += 1;
    return word.clause + extra;
  });
}

function takenBack(
  words: readonly Word[],
  clauses: readonly number[],
  found: readonly Found<Meaning>[],
  reach: number,
) {
  const negationEnds = new Map<number, number>();
  const negationStarts = new Map<number, number>();
  const suppositions = new Map<number, Found<Meaning>>();
  for (const one of found) {
    if (one.meaning.is === 'not-before') negationEnds.set(one.to, one.from);
    if (one.meaning.is === 'not-after') negationStarts.set(one.from, one.to);
    if (one.meaning.is === 'supposition') suppositions.set(clauses[one.from] ?? -1, one);
  }
  const sameClause = (a: number, b: number) => words[a] !== undefined && clauses[a] === clauses[b];
  const negatedFrom = (one: Found<Meaning>, distance: number) => {
    const start = negationEnds.get(one.from - distance);
    return start !== undefined && sameClause(start, one.from);
  };
  // A negation behind ends its clause ("Datenverlust gab es nicht.") or answers a form ("data loss: none"); "data loss no backup" does neither.
  const negatedBehind = (one: Found<Meaning>, distance: number) => {
    const start = one.to + distance;
    const end = negationStarts.get(start);
    if (end === undefined || sameClause(end, start)) return false;
    return sameClause(start, one.to - 1) || (distance === 0 && words[start]?.afterColon === true);
  };
  return {
    negated(one: Found<Meaning>): boolean {
      for (let distance = 0; distance < reach; distance += 1) {
        if (negatedFrom(one, distance) || negatedBehind(one, distance)) return true;
      }
      return false;
    },
    supposed(one: Found<Meaning>): boolean {
      return suppositions.has(clauses[one.from] ?? -1);
    },
  };
}
