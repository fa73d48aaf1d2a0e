// What a product line states: its follow-ups and reopening, its severities in words, and the products it supports.
import * as z from 'zod';
import type { Cadence } from '../schedule/follow-ups.ts';
import { duration, entries, list, phrase, text, texts, wholeNumber } from './values.ts';

/** The severities, the most urgent first (handbook "Severity Rating"). */
export const severities = ['A', 'B', 'C', 'D'] as const;

const product = z.strictObject({
  /** Other names people use, older ones included. */
  aliases: list(phrase),
  /** The supported versions (the current one and one back); null when unknown, and then no version is called old. */
  current: text.nullable(),
  previous: text.nullable(),
  /** The newest build of the current version; null when unknown, and then no build is called old. */
  latestBuild: wholeNumber(1, 1_000_000_000).nullable(),
});

const followUp = z
  .strictObject({
    steps: list(duration).max(20),
    after: z.enum(['stay-open', 'close']),
    closeAfter: duration.nullable(),
    /** Whether the customer may answer MORE TIME, which starts the clock again. */
    mayAskMoreTime: z.boolean(),
    holdToBusinessHours: z.boolean(),
  })
  .refine((value): value is typeof value & Cadence => (value.after === 'close') === (value.closeAfter !== null), {
    path: ['closeAfter'],
    error:
      'closeAfter and after disagree; write after: close with a duration such as 3d, or after: stay-open with closeAfter: null',
  });

const severityText = z.strictObject({ label: texts, description: texts });

const line = z.strictObject({
  title: text,
  calendar: text,
  registrationRequired: z.boolean(),
  followUp,
  /** Days in which a reply reopens a closed case; later, or for `never` always, it opens a linked one. */
  reopen: z.union([z.literal('never'), z.strictObject({ days: wholeNumber(1, 3_650) })], {
    error: 'write reopen: never, or reopen: { days: 14 } with 1 to 3650 days',
  }),
  severities: z.strictObject({ A: severityText, B: severityText, C: severityText, D: severityText }),
  /** The severity of a mail that nothing speaks of, and where weighing begins. */
  defaultSeverity: z.enum(severities),
  products: entries(product),
});

/** The two product lines as the policy states them. */
export const linesSchema = z.strictObject({ corporate: line, mobility: line });

/** A product line as read. */
export type Line = z.output<typeof line>;
/** A product as read; its name is the key it stands under. */
export type Product = z.output<typeof product>;
