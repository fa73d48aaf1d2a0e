// The desk as it stands in one process: configuration, policy, templates and keys, read once, and the way every decision of every door ends:
// letters composed, everything committed, or nothing.
import { createHash, randomBytes } from 'node:crypto';
import type { Decision, LetterRequest } from './cases/decision.ts';
import type { MailboxFacts } from './cases/facts.ts';
import type { Instant } from './clock.ts';
import type { Config, MailboxConfig } from './config.ts';
import { compose } from './letters/compose.ts';
import type { BrokenText, LetterAttachment, Sender } from './letters/letter.ts';
import { templatesOf, type Templates } from './letters/render.ts';
import type { Texts } from './letters/texts.ts';
import { attachmentBytes } from './mail/attachment.ts';
import type { TokenKey } from './mail/reply-token.ts';
import type { Policy } from './policy/policy.ts';
import { openPolicy } from './rules.ts';
import { raiseAlarm } from './store/alarms.ts';
import { commit, type Origin, type OutgoingLetter } from './store/commit.ts';
import type { Db, Transaction } from './store/db.ts';
import { ensureTokenKey, readTokenKeys } from './store/token-keys.ts';
import { readRaw } from './store/evidence.ts';
import { alarmOf, loadLetters, textsInForce } from './templates.ts';

export interface Desk {
  config: Config;
  policy: Policy;
  /** Names the policy's text; every decision records it. */
  policyVersion: string;
  /** The texts of letters without what was changed in the database, and the letters in force. */
  baseTexts: Texts;
  templates: Templates;
  /** Newest first; the first signs. */
  keys: TokenKey[];
  company: string;
  /** Names this installation in its letters. */
  instance: string;
}

/** The key of casepost.yaml's `secret`; the database's own are named from `a` on. */
const configuredKeyId = '0';

/** Opens the desk on a migrated database. Throws with every problem of policy and templates. */
export async function openDesk(config: Config, db: Db, now: Instant): Promise<Desk> {
  const letters = await loadLetters(config);
  if ('problems' in letters) throw new Error(letters.problems.join('\n'));
  const { policy, policyVersion } = await openPolicy(config, db, now);
  await ensureTokenKey(db, { id: 'a', secret: randomBytes(32).toString('hex') }, now);
  const stored = await readTokenKeys(db);
  const keys = config.secret ? [{ id: configuredKeyId, secret: config.secret.reveal() }, ...stored] : stored;
  const [signing] = keys;
  if (!signing) throw new Error('token_keys: no signing key was found or made');
  return {
    config,
    policy,
    policyVersion,
    baseTexts: letters.texts,
    templates: templatesOf((await textsInForce(db, letters.texts)).texts),
    keys,
    company: config.company ?? policy.company,
    instance: createHash('sha256').update(`instance:${signing.secret}`).digest('hex').slice(0, 16),
  };
}

/** The key that signs new tokens. */
export function signingKey(desk: Desk): TokenKey {
  const [key] = desk.keys;
  if (!key) throw new Error('the desk has no signing key');
  return key;
}

/** Every address that is ours: nobody is answered there. */
export function ownAddresses(desk: Desk): string[] {
  return desk.config.mailboxes.flatMap(({ address, aliases }) => [address, ...aliases]);
}

/** The configured mailbox of an id; a case whose mailbox was taken out of the configuration goes on from the first one. */
export function mailboxOf(desk: Desk, id: string): MailboxConfig {
  const found = desk.config.mailboxes.find((mailbox) => mailbox.id === id) ?? desk.config.mailboxes[0];
  if (!found) throw new Error('the configuration has no mailbox');
  return found;
}

/** A mailbox as decisions see it. */
export function mailboxFacts(desk: Desk, id: string): MailboxFacts {
  const { address, line } = mailboxOf(desk, id);
  return { id, address, line };
}

/**
 * Composes a decision's letters, which leave from the mailbox their case lives in, and commits everything in the transaction at hand;
 * `settle` writes, in the same breath and after all of it, what is said of the mail itself.
 */
export async function carryOut(
  trx: Transaction,
  desk: Desk,
  decision: Decision,
  from: { inboundId: string | null; mailbox: string; settle?: () => Promise<void> },
  now: Instant,
): Promise<void> {
  const letters: OutgoingLetter[] = [];
  for (const effect of decision.effects) {
    if (effect.effect !== 'letter') continue;
    const { letter: request } = effect;
    const attachments = await attachmentsOf(trx, request);
    const letter = await compose(request, senderOf(desk, from.mailbox), desk.templates, now, attachments);
    if (letter.broken) await tellBroken(trx, letter.broken, now);
    letters.push({ letter, proven: request.proven, heldBecause: request.heldBecause, because: request.because });
  }
  const origin: Origin = { inboundId: from.inboundId, policyVersion: desk.policyVersion };
  await Promise.all([commit(trx, decision, letters, origin, now), from.settle?.()]);
}

/** A text that could not be used is an alarm; the letter has been made with the one before it. */
async function tellBroken(trx: Transaction, { name, problem }: BrokenText, now: Instant): Promise<void> {
  const { key, told } = alarmOf(name);
  await raiseAlarm(trx, { key, text: told(problem) }, now);
}

/** The files that go along with a letter, out of the stored mail they came in. */
async function attachmentsOf(trx: Transaction, request: LetterRequest): Promise<LetterAttachment[]> {
  if (!request.attachmentsOf) return [];
  const { inboundId, files } = request.attachmentsOf;
  const raw = await readRaw(trx, inboundId);
  if (!raw) throw new Error(`mail ${inboundId}: its raw bytes are gone, so its attachments can not be sent on`);
  return files.flatMap(({ index, name, type }) => {
    const content = attachmentBytes(raw, index);
    return content ? [{ name, type, content }] : [];
  });
}

/** Whom a mailbox's letters come from, as `compose` takes it. */
export function senderOf(desk: Desk, mailboxId: string): Sender {
  const { address, name, addressExtension } = mailboxOf(desk, mailboxId);
  return {
    mailbox: { id: mailboxId, address, name: name ?? desk.company, addressExtension: addressExtension ?? '' },
    company: desk.company,
    // The customer's pages are not built yet: a letter must not link to them.
    publicUrl: null,
    reversePath: desk.config.smtp?.reversePath ?? null,
    key: signingKey(desk),
    instance: desk.instance,
  };
}
