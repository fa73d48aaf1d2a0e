// Whether a policy judges the pinned mails as their admin expects. They are looked at as first mails of somebody we know nothing of, so that only
// the policy decides: not who was busy, nor what an account holds.
import type { MailFacts } from './cases/facts.ts';
import { decideOnMail } from './cases/on-mail.ts';
import { compared, outcomeOf, type Outcome } from './cases/outcome.ts';
import type { Instant } from './clock.ts';
import type { Config } from './config.ts';
import type { Mail } from './mail/mail.ts';
import { createParser } from './mail/parser-pool.ts';
import type { Policy } from './policy/policy.ts';
import type { Db } from './store/db.ts';
import { goldenMails } from './store/golden.ts';

/** A pinned value that a policy would not give. */
export interface Break {
  name: string;
  what: (typeof compared)[number];
  expected: string | null;
  found: string | null;
  because: string;
}

/** What is pinned when nothing else is said: not the owner and the target, which change for good reasons. */
export const pinnedByDefault = ['disposition', 'line', 'product', 'severity', 'letters'] as const;

/** A mail to be judged by itself. */
export interface Judgeable {
  raw: Buffer;
  mailbox: string;
  receivedAt: Instant;
}

/** What of the pinned mails would be otherwise under `policy`; empty when all is as expected. */
export async function brokenGolden(db: Db, config: Config, policy: Policy): Promise<Break[]> {
  const pinned = await goldenMails(db);
  const judged = await judgeAlone(pinned, config, policy);
  return pinned.flatMap(({ name, expected }, index) => {
    const { outcome, because } = judged[index] as Judged;
    return compared
      .filter((what) => what in expected && expected[what] !== outcome[what])
      .map((what) => ({ name, what, expected: expected[what] ?? null, found: outcome[what], because }));
  });
}

/** One line for a person. */
export function breakText({ name, what, expected, found, because }: Break): string {
  return `golden mail "${name}": ${what} is pinned to ${expected ?? 'none'} and would be ${found ?? 'none'} (${because})`;
}

/** The outcome of a mail judged by itself, and why. */
export interface Judged {
  outcome: Outcome;
  because: string;
}

/** Judges mails by themselves, in their order. */
export async function judgeAlone(mails: Judgeable[], config: Config, policy: Policy): Promise<Judged[]> {
  if (mails.length === 0) return [];
  const parser = createParser();
  try {
    return await Promise.all(
      mails.map(async (one) => {
        const mail = await parser.parse(one.raw);
        const decision = decideOnMail(mail, factsAlone(one, mail, config), policy, one.receivedAt);
        return { outcome: outcomeOf(decision), because: decision.because };
      }),
    );
  } finally {
    await parser.close();
  }
}

/** Signs nothing that leaves: a decision about a pinned mail is never carried out. */
const noKey = { id: 'g', secret: 'a golden mail has no letters that leave' };

function factsAlone({ raw, mailbox, receivedAt }: Judgeable, mail: Mail, config: Config): MailFacts {
  const box = config.mailboxes.find(({ id }) => id === mailbox) ?? config.mailboxes[0];
  if (!box) throw new Error('the configuration has no mailbox');
  const nothingHad = { tenMinutes: 0, threeHours: 0, day: 0, domainHour: 0, unprovenHour: 0, unprovenWeek: 0 };
  const contact = { name: '', account: null, language: null, zone: null, proven: false };
  return {
    key: noKey,
    inboundId: '0',
    bytes: raw.length,
    receivedAt,
    recovered: false,
    envelopeFrom: null,
    mailbox: { id: box.id, address: box.address, line: box.line },
    ownAddresses: config.mailboxes.flatMap(({ address, aliases }) => [address, ...aliases]),
    load: {},
    noticesThisHour: {},
    copyOf: null,
    ownLetter: null,
    idSeenBefore: false,
    wordsSeenBefore: false,
    ownLetterAttached: null,
    place: mail.from && { place: 'new', because: 'it is judged by itself' },
    placed: null,
    freshNumber: 1,
    person: mail.from && {
      contact: { ...contact, address: mail.from.addrSpec },
      entitlements: [],
      serials: [],
      budget: { ...nothingHad, suppressed: null },
    },
    priorCases: [],
    storms: [],
    reopensThisHour: 0,
    authentication: { verdict: 'none', because: 'it is judged by itself' },
    reported: null,
  };
}
