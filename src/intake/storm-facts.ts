// Storms of like mails, as the decision on one of them needs them: how many came, and the case that the first of them opened.
import type { Storm } from '../cases/facts.ts';
import { stormCap } from '../cases/storm.ts';
import type { Instant } from '../clock.ts';
import type { Desk } from '../desk.ts';
import type { Mail } from '../mail/mail.ts';
import { caseNumbers } from '../mail/subject.ts';
import { readCase, readCaseFacts, readParticipants } from '../store/cases.ts';
import type { Transaction } from '../store/db.ts';
import type { InboundFacts } from '../store/inbound.ts';
import { findStorms } from '../store/lately.ts';

/** Storms are read only from the cap on, and like texts only when they are long enough to be no greeting. */
export async function readStorms(
  trx: Transaction,
  { policy }: Desk,
  remembered: InboundFacts & { mailbox: string; mail: Mail },
  now: Instant,
): Promise<Storm[]> {
  const storms: Storm[] = [];
  const { mail, ...keys } = remembered;
  const short = mail.reply.length < stormBodyCharsMin ? { bodyKey: null, textKey: null } : {};
  const numbered = caseNumbers(mail.subject).length > 0;
  for (const { by, caseNumber, count } of await findStorms(trx, { ...keys, ...short, numbered }, now)) {
    if (count < stormCap(by, policy)) continue;
    const supportCase = await readCase(trx, caseNumber);
    if (!supportCase) continue;
    const placed = await readCaseFacts(trx, supportCase, await readParticipants(trx, [caseNumber]), now);
    storms.push({ by, count, placed });
  }
  return storms;
}

/** Two customers may send the same short words, and one customer short words with another number in them. */
const stormBodyCharsMin = 40;
