// The closed vocabulary in which rules about a mail are written: phrases, in the same sentence, unless other phrases. Rules are looked at in
// the order they stand; rules of one's own stand before the shipped ones. What no rule decides is weighed by its signs.
import * as z from 'zod';
import { mailLanguages } from './language-words.ts';
import { severities } from './line-schema.ts';
import { entries, list, phrase, text, wholeNumber } from './values.ts';

/** Most earlier cases of a sender that are counted, and the days they are counted over. */
export const priorCasesMax = 100;
const priorDaysMax = 3_650;

/** The days a rule can ask for, Monday first. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const version = text.regex(/^(old|\d{1,6}(\.\d{1,6}){0,3})$/, {
  error: "write a version like 11 or '11.5', or old for one before the previous (numbers in quotes)",
});

const attachment = text.regex(/^(any|none|\.[^\s/]+|[a-z0-9.+-]+\/([a-z0-9.+-]+|\*))$/, {
  error: 'write any, none, an ending like .log, or a type like image/*, in small letters',
});

const priorCases = z
  .strictObject({
    days: wholeNumber(1, priorDaysMax),
    atLeast: wholeNumber(0, priorCasesMax).default(0),
    atMost: wholeNumber(0, priorCasesMax - 1)
      .nullable()
      .default(null),
  })
  .refine(({ atLeast, atMost }) => atLeast > 0 || atMost !== null, {
    error: 'asks nothing; give it atLeast: or atMost:',
  })
  .refine(({ atLeast, atMost }) => atMost === null || atLeast <= atMost, {
    error: 'atLeast is more than atMost, so that it could never hold',
  });

/** What a rule can ask of a mail. All that are given must hold; an empty list asks nothing. */
const condition = {
  lines: list(text).default([]),
  /** Product names as in `lines`. */
  products: list(text).default([]),
  /** Domains of the sender, themselves or a subdomain. */
  senderDomains: list(text).default([]),
  /** Versions the mail names, as far as written (`11` is any 11), or `old`: older than the product's previous one. */
  versions: list(version).default([]),
  /** Accounts of the sender, as imported. */
  accounts: list(text).default([]),
  /** Plans of which one is valid for the sender's account; which of them serves the case is decided after its severity. */
  plans: list(text).default([]),
  /** Ids of mailboxes, as in casepost.yaml. */
  mailboxes: list(text).default([]),
  /** What the mail is written in; none when it is too short to tell. */
  languages: list(z.enum(mailLanguages)).default([]),
  /** Something attached that is so: `any`, `none`, an ending of the name (`.log`) or a type (`image/*`). */
  attachments: list(attachment).default([]),
  /** Whether the calendar of the mail's line is open when it comes. */
  desk: z.enum(['open', 'closed']).nullable().default(null),
  /** Days on which it comes, by the clock of that calendar. */
  weekdays: list(z.enum(weekdays)).default([]),
  /** How many cases the sender had in so many days before. */
  priorCases: priorCases.nullable().default(null),
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

/** Points of one sign; more would let a single word decide whatever else a mail says. */
const pointsMax = 15;
const points = wholeNumber(-pointsMax, pointsMax).default(0);

const signRule = z.strictObject({
  /** Points for each severity, or against it. */
  weigh: z.strictObject({ A: points, B: points, C: points, D: points }),
  ...condition,
  /** Names of topics, one of which the mail must be about. */
  topics: list(text).default([]),
  /** Whether words count that are negated or only supposed. */
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
  /** The first that holds decides. */
  severity: entries(severityRule),
  /** Where no rule of `severity` holds, the points of all signs that a mail shows decide; a tie is the graver severity's. */
  signs: entries(signRule),
  /** Points with which the line's `defaultSeverity` begins, when signs are weighed. */
  headStart: wholeNumber(0, pointsMax),
});

/** What both kinds of rules ask, as read. */
export type Condition = Omit<z.output<typeof topicRule>, 'kind'>;
/** A severity rule as read. */
export type SeverityRule = z.output<typeof severityRule>;
/** A sign as read. */
export type SignRule = z.output<typeof signRule>;
/** A topic rule as read. */
export type TopicRule = z.output<typeof topicRule>;
