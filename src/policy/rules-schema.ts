// The closed vocabulary in which rules about a mail are written: phrases, in the same sentence, unless other phrases. Rules are looked at in
// the order they stand; rules of one's own stand before the shipped ones.
import * as z from 'zod';
import { severities } from './line-schema.ts';
import { entries, list, phrase, text, wholeNumber } from './values.ts';

/** What a rule can ask of a mail. All that are given must hold; an empty list asks nothing. */
const condition = {
  lines: list(text).default([]),
  /** Product names as in `lines`. */
  products: list(text).default([]),
  /** Domains of the sender, themselves or a subdomain. */
  senderDomains: list(text).default([]),
  /** One of these phrases … */
  any: list(phrase).default([]),
  /** … and, in the same sentence, one of these … */
  and: list(phrase).default([]),
  /** … and none of these in that sentence. */
  unless: list(phrase).default([]),
  /** One of these anywhere in the mail. */
  mentions: list(phrase).default([]),
  /** None of these anywhere in the mail. */
  unlessMentions: list(phrase).default([]),
  where: z.enum(['anywhere', 'subject']).default('anywhere'),
};

const severityRule = z.strictObject({
  severity: z.enum(severities),
  ...condition,
  /** Names of topics, one of which the mail must be about. */
  topics: list(text).default([]),
  /** Whether words count that are negated or only supposed: "I do not know how to …" is a question all the same. */
  evenTakenBack: z.boolean().default(false),
});

const topicRule = z.strictObject({
  kind: z.enum(['administrative', 'out-of-scope', 'feedback']),
  ...condition,
  /** Shipped true: "I can not find my serial number" is about the serial number. */
  evenTakenBack: z.boolean().default(true),
});

/** The rules about a mail as the policy states them. */
export const rulesSchema = z.strictObject({
  /** Ways to write the same words: the key stands for every entry, in mails and in phrases (`can not: [cannot, can't]`). */
  spellings: z.record(phrase, list(phrase)),
  /** Phrases that take the next phrase back when they stand up to `reach` words before it in the same clause: "no data loss". */
  negations: z.strictObject({ reach: wholeNumber(1, 20), before: list(phrase), after: list(phrase) }),
  /** Phrases that make a whole clause a supposition or the past: "to avoid data loss", "last year". */
  suppositions: list(phrase),
  /** Phrases that end a clause, besides punctuation: "but". */
  clauseBreaks: list(phrase),
  /** Words before a version or a build number. */
  versionWords: list(phrase),
  buildWords: list(phrase),
  /** Products of other makers, whose versions are not ours ("Windows Server version 2019"). */
  foreignProducts: list(phrase),
  topics: entries(topicRule),
  severity: entries(severityRule),
});

/** A severity rule as read. */
export type SeverityRule = z.output<typeof severityRule>;
/** A topic rule as read. */
export type TopicRule = z.output<typeof topicRule>;
