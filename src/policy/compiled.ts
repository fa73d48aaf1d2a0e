// The policy's phrases made ready once per policy: one tree for all of them, so that a mail is walked once however many rules there are.
import type { ProductLine } from '../cases/support-case.ts';
import { addPhrase, findPhrases, noPhrases, phraseWords, phraseWordsMax } from './phrases.ts';
import type { Found, Phrases } from './phrases.ts';
import type { Policy } from './policy.ts';
import { wordsOf } from './words.ts';
import type { Words } from './words.ts';

/** The lists of phrases a rule can have. */
export const roles = ['any', 'and', 'unless', 'mentions', 'unlessMentions'] as const;
export type Role = (typeof roles)[number];

/** The kinds of rules that ask for phrases. */
export const parts = ['topics', 'severity', 'signs'] as const;
export type Part = (typeof parts)[number];

/** What a phrase found in a mail stands for. */
export type Meaning =
  | {
      readonly is: 'rule';
      readonly evenTakenBack: boolean;
      readonly part: Part;
      readonly rule: string;
      readonly role: Role;
    }
  | { readonly is: 'product'; readonly line: ProductLine; readonly product: string }
  | { readonly is: 'not-before' | 'not-after' | 'supposition' | 'clause-break' | 'version' | 'build' | 'foreign' }
  | { readonly is: 'known'; readonly ask: string }
  | { readonly is: 'suggestion'; readonly name: string };

/** A mail's words in the one spelling that the phrases have, and every phrase found in them. */
export interface Walked extends Words {
  readonly found: readonly Found<Meaning>[];
}

/** A policy's phrases, ready to be looked for. */
export interface Compiled {
  /** Walks a mail; what was walked last is remembered, since judging and acknowledging it ask for the same. */
  readonly walk: (subject: string, text: string) => Walked;
}

const compiledByPolicy = new WeakMap<Policy, Compiled>();

/** The phrases of a policy, compiled at the first use and kept as long as the policy is. */
export function compiled(policy: Policy): Compiled {
  const known = compiledByPolicy.get(policy);
  if (known !== undefined) return known;
  const made = compile(policy);
  compiledByPolicy.set(policy, made);
  return made;
}

/** The words by which a phrase is found: folded, in the spelling that mails are brought to, a trailing * kept. */
export function phrasesMatched(policy: Policy): (phrase: string) => string[] {
  const { rewriteWords } = spelling(policy);
  const known = new Map<string, string[]>();
  return (phrase) => {
    const words = known.get(phrase) ?? rewriteWords(phraseWords(phrase)).slice(0, phraseWordsMax);
    known.set(phrase, words);
    return words;
  };
}

function spelling(policy: Policy) {
  const spellings = noPhrases<string[]>();
  for (const [standard, variants] of Object.entries(policy.rules.spellings)) {
    for (const variant of variants) addPhrase(spellings, variant, phraseWords(standard), (words) => words);
  }
  const respell = (words: Words) => rewritten(words, spellings);
  const rewriteWords = (words: string[]) => {
    // A phrase's last word may be a beginning (`fail*`), which no spelling touches.
    const asWords = words.map((word) => ({ word, shown: word, sentence: 0, clause: 0, afterColon: false }));
    return respell({ words: asWords, subjectEnd: 0 }).words.map((word) => word.word);
  };
  return { respell, rewriteWords };
}

function compile(policy: Policy): Compiled {
  const { respell, rewriteWords } = spelling(policy);

  const phrases = noPhrases<Meaning>();
  const add = (list: readonly string[], meaning: Meaning) => {
    for (const phrase of list) addPhrase(phrases, phrase, meaning, rewriteWords);
  };
  for (const part of parts) {
    for (const [rule, condition] of policy.rules[part]) {
      for (const role of roles)
        add(condition[role], { is: 'rule', part, rule, role, evenTakenBack: condition.evenTakenBack });
    }
  }
  for (const line of ['corporate', 'mobility'] as const) {
    for (const [product, { aliases }] of policy.lines[line].products)
      add([product, ...aliases], { is: 'product', line, product });
  }
  add(policy.rules.negations.before, { is: 'not-before' });
  add(policy.rules.negations.after, { is: 'not-after' });
  add(policy.rules.suppositions, { is: 'supposition' });
  add(policy.rules.clauseBreaks, { is: 'clause-break' });
  add(policy.rules.versionWords, { is: 'version' });
  add(policy.rules.buildWords, { is: 'build' });
  add(policy.rules.foreignProducts, { is: 'foreign' });
  for (const [ask, { known }] of policy.acknowledgment.asks) add(known, { is: 'known', ask });
  for (const [name, { words }] of policy.acknowledgment.suggestions) add(words, { is: 'suggestion', name });
  let last: { read: Words; walked: Walked } | null = null;
  return {
    walk(subject, text) {
      const read = wordsOf(subject, text);
      if (last?.read === read) return last.walked;
      const words = respell(read);
      const walked = { ...words, found: findPhrases(phrases, words.words) };
      last = { read, walked };
      return walked;
    },
  };
}

/** The words with every other spelling replaced by the standard one, the longest first; what is shown stays as it was written. */
function rewritten(read: Words, spellings: Phrases<string[]>): Words {
  const longest = new Map<number, { to: number; meaning: string[] }>();
  for (const found of findPhrases(spellings, read.words)) {
    const known = longest.get(found.from);
    if (known === undefined || found.to > known.to) longest.set(found.from, found);
  }
  const words: Words['words'][number][] = [];
  let subjectEnd = read.subjectEnd;
  for (let at = 0; at < read.words.length;) {
    const here = read.words[at] as Words['words'][number];
    const other = longest.get(at);
    const before = words.length;
    if (other === undefined) {
      words.push(here);
      at += 1;
      continue;
    }
    const shown = read.words.slice(at, other.to).map((word) => word.shown);
    for (const [index, word] of other.meaning.entries()) {
      words.push({ ...here, word, shown: index === 0 ? shown.join(' ') : '' });
    }
    if (at < read.subjectEnd) subjectEnd += words.length - before - (other.to - at);
    at = other.to;
  }
  return { words, subjectEnd };
}
