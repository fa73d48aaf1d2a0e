// The shape of the policy: everything a rule of support decides is a value here, and nothing is accepted that no rule reads.
// Maps are keyed by the name people use, so that a file of one's own can state one entry without repeating the others; an entry set to null
// takes the shipped one away.
import * as z from 'zod';
import { defaultKeywordWords } from '../mail/keyword-words.ts';
import type { KeywordWords } from '../mail/keyword-words.ts';
import { calendarSchema, duration, entries, list, phrase, text, texts, wholeNumber } from './values.ts';
import { linesSchema, severities } from './line-schema.ts';
import { rulesSchema } from './rules-schema.ts';

const plan = z.strictObject({
  title: text,
  availability: z.enum(['business-hours', 'around-the-clock']),
  calendar: text,
  methods: list(z.enum(['email', 'chat', 'phone'])),
  /** First response by severity. */
  targets: z.strictObject({ A: duration, B: duration, C: duration, D: duration }),
  /** Whether it is enhanced support: 24 × 7 and priority for severity A. */
  enhanced: z.boolean(),
  /** Cases it carries: any number, only while a trial runs, or one for each incident bought. */
  scope: z.enum(['unlimited', 'trial', 'incident']),
  /** Severities for which a bought incident is spent while another valid plan would do; empty for other scopes. */
  spendFor: list(z.enum(severities)),
  /** Cases of an account in 30 days above which the escalation contact is told ("within reasonable limits"); null never tells. */
  warnAboveCases: wholeNumber(1, 1_000_000).nullable(),
});

/** `2026-03-02..2026-03-13`: from the first day to the last, both included. */
const daysAway = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}$/, { error: 'days away are written like 2026-03-02..2026-03-13' });

const engineer = z.strictObject({
  name: text,
  address: z
    .email({ error: 'an address is written like ada@example.com' })
    .transform((address) => address.toLowerCase()),
  lines: list(text),
  /** Product names as in `lines`; empty means every product of their lines. */
  products: list(text).default([]),
  /** Language codes such as en or de. */
  languages: list(text).default(['en']),
  away: z.boolean().default(false),
  daysAway: list(daysAway).default([]),
  /** The engineer who is told of their cases while they are away; null: they are themselves. */
  standIn: z
    .email({ error: 'an address is written like ada@example.com' })
    .transform((address) => address.toLowerCase())
    .nullable()
    .default(null),
  /** Working hours; null means those of the line. */
  calendar: text.nullable().default(null),
  maxOpen: wholeNumber(1, 10_000).nullable().default(null),
});

/** The caps that keep two machines from answering each other (TRUST 4.3.4), all counted in the transaction that writes the letter. */
const loops = z.strictObject({
  acknowledgmentsPerCase: wholeNumber(0, 10),
  lettersPerAddressIn10Minutes: wholeNumber(1, 1_000),
  lettersPerAddressIn3Hours: wholeNumber(1, 1_000),
  lettersPerAddressADay: wholeNumber(1, 1_000),
  lettersPerUnprovenAddressADay: wholeNumber(0, 1_000),
  /** Same sender and same subject or body so often in an hour: one storm case, no acknowledgment. */
  sameMailsAnHour: wholeNumber(1, 1_000),
  lettersPerDomainAnHour: wholeNumber(1, 100_000),
  breakerTimesWeeklyMean: wholeNumber(1, 1_000),
  breakerLettersAnHour: wholeNumber(1, 1_000_000),
  reopensPerCaseAnHour: wholeNumber(0, 1_000),
  /** Letters to engineers: about one case, to one engineer, and of those the ones that anybody who writes under the engineer's name causes. */
  noticesPerCaseAnHour: wholeNumber(1, 1_000),
  noticesPerEngineerAnHour: wholeNumber(1, 10_000),
  refusalsPerEngineerAnHour: wholeNumber(1, 10_000),
  followUpsPerCase: wholeNumber(0, 20),
  receivedHeadersMax: wholeNumber(10, 500),
  suppressedDays: wholeNumber(1, 3_650),
});

const acknowledgment = z.strictObject({
  /** What to ask for, unless one of the words in `known` shows that the mail already says it. */
  asks: entries(
    z.strictObject({
      lines: list(text),
      ask: texts,
      known: list(phrase),
      /** What else answers it: a product or version we know, an attachment. */
      knownBy: z.enum(['product', 'version', 'attachment']).nullable().default(null),
    }),
  ),
  asksMax: wholeNumber(0, 20),
  suggestions: entries(
    z.strictObject({
      lines: list(text),
      title: texts,
      url: z.url({ error: 'a url is written like https://example.com/page' }),
      words: list(phrase),
    }),
  ),
  suggestionsMax: wholeNumber(0, 3),
  /** How to register, renew or buy an incident, shown to those whose product is not registered. */
  howToRegister: texts,
  /** The same for those whose product is registered and has no valid plan; null shows them `howToRegister`. */
  howToRenew: texts.nullable().default(null),
});

const contactAddress = z.email({ error: 'an address is written like lead@example.com' });

/** Bugs of engineering that cases are on. Versions of the policy from before they were known have none of it. */
const bugs = z
  .strictObject({
    /** Where a bug is read, its id in place of `{id}`; null: ids only. */
    url: z
      .url({ error: 'a url is written like https://bugs.example.com/{id}' })
      .refine((url) => url.includes('{id}'), { error: 'the url of a bug has {id} where its id belongs' })
      .nullable(),
    /** Plans whose holders are on maintenance and told of releases; empty: everybody is. */
    maintenance: list(text),
  })
  .default({ url: null, maintenance: [] });

const wordChange = z
  .strictObject({ add: list(text).default([]), remove: list(text).default([]) })
  .default({ add: [], remove: [] });

/** Changes to the shipped words of an answer (RESOLVED, MORE TIME, thanks …), over all languages; mail/keyword.ts says how they are read. */
const keywords = z
  .strictObject(wordLists(() => wordChange))
  .transform((changes): KeywordWords => wordLists((name) => changed(defaultKeywordWords[name], changes[name])));

/** One value for each list that mail/keyword.ts reads, whichever those are. */
function wordLists<T>(of: (name: keyof KeywordWords) => T): Record<keyof KeywordWords, T> {
  const names = Object.keys(defaultKeywordWords) as (keyof KeywordWords)[];
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<keyof KeywordWords, T>;
}

function changed(shipped: readonly string[], change: { add: string[]; remove: string[] }): string[] {
  const removed = new Set(change.remove.map((word) => word.toLowerCase()));
  const kept = shipped.filter((word) => !removed.has(word));
  return [...new Set([...kept, ...change.add.map((word) => word.toLowerCase())])];
}

/** The whole policy; maps of named entries become Maps that keep the order of the file. */
export const policySchema = z.strictObject({
  company: text,
  /** Of letters to those of whom neither contact nor account nor their own mail tells it. */
  language: z
    .string()
    .regex(/^[a-z]{2,3}$/, { error: 'a language code is two or three small letters, like en or de' })
    .default('en'),
  authentication: z.enum(['when-present', 'required', 'off']),
  /** A reply to a case closed longer than this opens a linked case whatever the line says (TRUST 4.2 row 9). */
  linkAfterDays: wholeNumber(1, 3_650),
  holdRetentionDays: wholeNumber(1, 3_650),
  /** How long an engineer's token for a case is good (TRUST 4.2 row 10). */
  engineerTokenDays: wholeNumber(1, 365),
  /** A request older than this when it is read (a restored backup, a stopped gateway) is opened without an acknowledgment. */
  acknowledgeWithinDays: wholeNumber(1, 365),
  /** Shares of the first-response target at which the owner is warned. */
  warnAtPercent: list(wholeNumber(1, 100)),
  calendars: entries(calendarSchema),
  lines: linesSchema,
  plans: entries(plan),
  /** The plan of administrative requests, and of those that have no valid plan. */
  fallbackPlan: text,
  rules: rulesSchema,
  engineers: list(engineer),
  escalation: z
    .strictObject({
      address: contactAddress,
      /** The maintenance queue: told when an engineer passes a case to engineering; null tells nobody. */
      engineering: contactAddress.nullable().default(null),
    })
    .nullable(),
  bugs,
  acknowledgment,
  keywords,
  loops,
});

/** A policy as the schema gives it, calendars still without their names. */
export type PolicyValues = z.output<typeof policySchema>;
/** A plan as read; its id is the key it stands under. */
export type Plan = z.output<typeof plan>;
/** A support engineer as read; the address is in small letters and names them everywhere else. */
export type Engineer = z.output<typeof engineer>;
