// A stored mail becomes a committed decision, in one transaction: claim, read, decide, compose, commit. Nothing is told to the mail server
// before that, and whatever fails leaves the row waiting.
import { decideOnMail } from '../cases/on-mail.ts';
import { openUnanswered } from '../cases/on-new-request.ts';
import type { Decision, Disposition } from '../cases/decision.ts';
import type { Clock, Instant } from '../clock.ts';
import { carryOut, type Desk } from '../desk.ts';
import { emptyMail, type Mail } from '../mail/mail.ts';
import { NoThread, type Parser } from '../mail/parser-pool.ts';
import { StaleFacts } from '../store/commit.ts';
import { sqlState, worldFailed, type Db, type Transaction } from '../store/db.ts';
import {
  awaitDecisions,
  claimMail,
  postponeMail,
  recordAttempt,
  recordDecision,
  type InboundMail,
} from '../store/inbound.ts';
import { largeLimits, type LargeMails } from './large.ts';
import { readMailFacts, readParkFacts } from './mail-facts.ts';

/** What was decided on one mail, for whoever asked. */
export interface Received {
  inboundId: string;
  disposition: Disposition;
  decision: Decision;
}

export interface ReceiveOptions {
  db: Db;
  desk: Desk;
  parser: Parser;
  now: Clock;
  /** Shared with those who decide at the same time; left out where nobody does. */
  large?: LargeMails;
  /** Only this mail; else the oldest that waits. */
  inboundId?: string;
}

/** Attempts of ours at one mail before it is parked as `unparsed` with a case for a person. */
export const attemptsMax = 3;
const retrySeconds = 5;
/** Times a decision is made anew because its facts changed under it (two gateways, one conversation). */
const conflictsMax = 5;
/** A mail that waits for an earlier one is looked at again so long after that one is due. */
const behindSeconds = 1;
/** Earlier mails that are decided on the way to a named one. */
const earlierMax = 50;

/**
 * Decides on one waiting mail and commits; null when none waits (or the one named has to wait). Throws only when the world failed (database
 * away): the mail waits on. A fault of ours is counted on the mail's row, and the third time the mail is parked for a person, so that those
 * behind it go on.
 */
export async function receiveNext(options: ReceiveOptions): Promise<Received | null> {
  const named = options.inboundId !== undefined;
  for (let conflicts = 0, earlier = 0; ;) {
    let claimed: InboundMail | null = null;
    const large = options.large?.deciding();
    try {
      const attempt = await options.db.transaction(async (trx) => {
        const now = options.now();
        // One policy for the whole decision, whatever comes into force meanwhile.
        const desk = { ...options.desk };
        const bytesMax = large === null ? largeLimits.ordinaryBytesMax : undefined;
        claimed = await claimMail(trx, now, options.inboundId ?? null, bytesMax);
        if (!claimed || claimed.raw.length <= largeLimits.ordinaryBytesMax) large?.();
        return claimed && (await receive(trx, { ...options, desk }, claimed, now));
      });
      if (attempt === null || 'inboundId' in attempt) return attempt;
      // The earlier mails first: a worker finds them by itself, who asks for one mail must ask for them.
      earlier += 1;
      if (!named) continue;
      if (earlier > earlierMax || !(await receiveNext({ ...options, inboundId: attempt.waitsFor }))) return null;
    } catch (error) {
      const failed = claimed as InboundMail | null;
      if (changedUnderUs(error) && conflicts < conflictsMax) {
        conflicts += 1;
        continue;
      }
      if (!failed || error instanceof NoThread || worldFailed(error)) throw error;
      await countFault(options, failed, error as Error);
      if (named) return null;
      conflicts = 0;
    } finally {
      large?.();
    }
  }
}

async function receive(
  trx: Transaction,
  { desk, parser, inboundId }: ReceiveOptions,
  inbound: InboundMail,
  now: Instant,
): Promise<Received | { waitsFor: string }> {
  if (inbound.attempts >= attemptsMax) return park(trx, desk, inbound, now);
  const mail = await parser.parse(inbound.raw);
  // Those of its conversation that other workers have in hand are decided first; nobody waits for a later mail, so no two wait for each other.
  const [first, ...others] = inbound.behind.length === 0 ? [] : await awaitDecisions(trx, inbound.behind);
  if (first) {
    const instants = [first, ...others].map(({ nextAt }) => nextAt);
    const until = latest([...instants, now]).add({ seconds: behindSeconds });
    if (inboundId === undefined) await postponeMail(trx, inbound.id, until);
    return { waitsFor: first.id };
  }
  const { facts, remembered } = await readMailFacts(trx, desk, mail, inbound, now);
  const decision = decideOnMail(mail, facts, desk.policy, now);
  const about = facts.placed?.supportCase;
  const mailbox = about && about.number === decision.caseNumber ? about.mailbox : inbound.mailbox;
  const settle = () => recordDecision(trx, inbound, decision, remembered, desk.policyVersion, now);
  await carryOut(trx, desk, decision, { inboundId: inbound.id, mailbox, settle }, now);
  return { inboundId: inbound.id, disposition: decision.disposition, decision };
}

function latest(instants: Instant[]): Instant {
  return instants.reduce((one, other) => (Temporal.Instant.compare(one, other) < 0 ? other : one));
}

/** Our own code failed on this mail three times: a case with its raw bytes, told to a person, and no more thinking. */
async function park(trx: Transaction, desk: Desk, inbound: InboundMail, now: Instant): Promise<Received> {
  const because = `our own reading of it failed ${inbound.attempts} times (${inbound.lastError ?? 'no error text'}); its raw bytes are kept for a person`;
  const facts = await readParkFacts(trx, desk, inbound, now);
  const decision = openUnanswered(
    unread,
    facts,
    { disposition: 'unparsed', reason: 'unreadable', because },
    desk.policy,
    now,
  );
  const settle = () => recordDecision(trx, inbound, decision, null, desk.policyVersion, now);
  await carryOut(trx, desk, decision, { inboundId: inbound.id, mailbox: inbound.mailbox, settle }, now);
  return { inboundId: inbound.id, disposition: decision.disposition, decision };
}

/** A mail of which our own code could read nothing. */
const unread: Mail = { ...emptyMail, subject: '(a mail that could not be read)' };

async function countFault(options: ReceiveOptions, inbound: InboundMail, error: Error): Promise<void> {
  const nextAt = options.now().add({ seconds: inbound.attempts + 1 < attemptsMax ? retrySeconds : 0 });
  await recordAttempt(options.db, inbound.id, error.stack ?? error.message, nextAt);
}

/** Another transaction was faster with the same content, token or incident: the facts are read again and decided on again. */
function changedUnderUs(error: unknown): boolean {
  const state = sqlState(error);
  return error instanceof StaleFacts || state === '40001' || state === '40P01' || state === '23505';
}
