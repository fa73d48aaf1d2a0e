// What another policy would have made of the stored mails: each mail that began a case is decided on twice, by the policy in force and by the
// other, and what differs is told. In one read-only transaction: nothing is written, and what comes in meanwhile is left out.
import type { Instant } from '../clock.ts';
import type { Desk } from '../desk.ts';
import type { Parser } from '../mail/parser-pool.ts';
import type { Policy } from '../policy/policy.ts';
import type { Db } from '../store/db.ts';
import { recordedAway } from '../store/engineers.ts';
import { readLoad } from '../store/evidence.ts';
import { begunCases, type BegunCase } from '../store/replay.ts';
import { differences, outcomeOf, type compared, type Difference } from '../cases/outcome.ts';
import { decideAgain, factsOfThen, type Replayed } from './replay.ts';

/** A mail that the other policy would have judged otherwise. */
export interface Changed {
  caseNumber: number;
  mail: string;
  subject: string;
  differences: Difference[];
}

/** What came out: mails that were decided on again, those that differ, how often each value does. */
export interface Totals {
  mails: number;
  changed: number;
  byValue: Partial<Record<(typeof compared)[number], number>>;
  /** Cases that people, or an older policy, have left otherwise than the policy in force would open them; these do not count as changed. */
  movedOn: number;
}

/** Mails in memory at a time: while some are decided on, the next are read. */
const pageMails = 100;

/** Runs through the stored mails, oldest first; `onChanged` is told of each that differs. */
export async function simulate(
  { db, desk, parser }: { db: Db; desk: Desk; parser: Parser },
  other: Policy,
  range: { since: Instant | null; mailsMax: number },
  onChanged: (changed: Changed) => void,
): Promise<Totals> {
  const totals: Totals = { mails: 0, changed: 0, byValue: {}, movedOn: 0 };
  const now = { ...desk };
  await db.transaction(async (trx) => {
    const known = { load: await readLoad(trx), away: await recordedAway(trx), policies: [now.policy, other] };
    const read = async (after: string): Promise<Replayed[]> => {
      const limit = Math.min(pageMails, range.mailsMax - totals.mails);
      const begun = limit < 1 ? [] : await begunCases(trx, { after, limit, since: range.since, caseNumber: null });
      return parsed(begun, (one, mail) => factsOfThen(trx, now, one, mail, known), parser);
    };
    let page = await read('0');
    while (page.length > 0) {
      totals.mails += page.length;
      const next = read(page.at(-1)?.begun.id ?? '0');
      for (const replayed of page) compareOn(replayed, { ruling: now.policy, other }, totals, onChanged);
      page = await next;
    }
  }, 'isolation level repeatable read read only');
  return totals;
}

async function parsed(
  begun: BegunCase[],
  withFacts: (one: BegunCase, mail: Replayed['mail']) => Promise<Replayed>,
  parser: Parser,
): Promise<Replayed[]> {
  return Promise.all(begun.map(async (one) => withFacts(one, await parser.parse(one.raw))));
}

function compareOn(
  replayed: Replayed,
  { ruling, other }: { ruling: Policy; other: Policy },
  totals: Totals,
  onChanged: (changed: Changed) => void,
): void {
  const before = decideAgain(replayed, ruling);
  const found = differences(before, decideAgain(replayed, other));
  const { begun, mail } = replayed;
  if (movedOn(begun, before)) totals.movedOn += 1;
  if (found.length === 0) return;
  totals.changed += 1;
  for (const { what } of found) totals.byValue[what] = (totals.byValue[what] ?? 0) + 1;
  onChanged({ caseNumber: begun.caseNumber, mail: begun.id, subject: mail.subject, differences: found });
}

function movedOn({ recorded }: BegunCase, decision: Parameters<typeof outcomeOf>[0]): boolean {
  const { severity, plan } = outcomeOf(decision);
  return severity !== recorded.severity || plan !== recorded.plan;
}
