// Turns what the desk decided into requests for letters: to the customer, to the people of a case, to its engineer.
// Each request has a key of its own, so that the letter happens once however often the decision is tried.
import { makeToken } from '../mail/reply-token.ts';
import type { Address, Mail } from '../mail/mail.ts';
import { calendarNamed, type Policy } from '../policy/policy.ts';
import type { LetterKind, LetterRequest } from './decision.ts';
import type { CaseFacts, DeskFacts } from './facts.ts';
import { markerWords } from './notification-text.ts';
import { caseNumberText, type SupportCase } from './support-case.ts';
import { dayOf } from './thread.ts';
import type { Instant } from '../clock.ts';
import { hoursText } from '../schedule/hours-text.ts';

/** What a letter answers: the mail at hand, or the conversation so far. */
export interface Thread {
  inReplyTo: string | null;
  references: string[];
}

/** The thread of an answer to this mail. */
export function answering(mail: Mail, chain: string[] = []): Thread {
  return { inReplyTo: mail.messageId, references: [...chain, ...mail.references] };
}

/** The thread of a letter that nobody's mail caused: it goes on from the last of the chain. */
export function continuing(chain: string[]): Thread {
  return { inReplyTo: chain.at(-1) ?? null, references: chain };
}

/**
 * The thread of a letter to one of a case's people. The chain is the requester's alone: its Message-IDs carry the requester's token, and whoever
 * gets that could write as them.
 */
export function threadOf({ supportCase, chain }: CaseFacts, recipient: string): Thread {
  if (recipient === supportCase.requester) return continuing(chain);
  return { inReplyTo: null, references: [`case-${supportCase.number}.people@casepost.invalid`] };
}

/** A letter to a customer. `automatic`: null for what an engineer wrote. */
export function customerLetter(
  kind: LetterKind,
  supportCase: SupportCase,
  letter: {
    to: Address;
    key: string;
    thread: Thread;
    automatic: LetterRequest['automatic'];
    proven: boolean;
    heldBecause?: string | null;
    because: string;
    variables: Record<string, unknown>;
    attachmentsOf?: NonNullable<LetterRequest['attachmentsOf']>;
  },
  policy: Policy,
): LetterRequest {
  const { thread, heldBecause, attachmentsOf, variables, ...rest } = letter;
  return {
    ...rest,
    ...thread,
    ...(attachmentsOf ? { attachmentsOf } : {}),
    kind,
    caseNumber: supportCase.number,
    language: supportCase.language,
    heldBecause: heldBecause ?? null,
    variables: {
      zone: supportCase.zone ?? calendarNamed(policy, policy.lines[supportCase.line].calendar).zone,
      recipientName: letter.to.displayName,
      subject: supportCase.subject,
      ...variables,
    },
  };
}

/** Whom to tell of a case: its owner, else the escalation contact, else nobody. */
export function toldEngineer(supportCase: Pick<SupportCase, 'owner'>, policy: Policy): Address | null {
  const address = supportCase.owner ?? policy.escalation?.address.toLowerCase() ?? null;
  if (address === null) return null;
  const engineer = policy.engineers.find((one) => one.address === address);
  return { displayName: engineer?.name ?? '', addrSpec: address };
}

/** Engineering's address; null when the policy has none, or it is an engineer's or the lead's besides: these answer the customer. */
export function engineeringAddress({ escalation, engineers }: Policy): string | null {
  const address = escalation?.engineering?.toLowerCase() ?? null;
  const answers = escalation?.address.toLowerCase() === address || engineers.some((one) => one.address === address);
  return answers ? null : address;
}

/** A notification to the engineer of a case; null when there is nobody to tell. It is answered by mail above its marker. */
export function engineerLetter(
  kind: Extract<LetterKind, `engineer-${string}`>,
  supportCase: SupportCase,
  letter: {
    to?: Address;
    key: string;
    text: string;
    attachments: Mail['attachments'];
    hint: string | null;
    notice?: string;
    warning?: { percent: number; breached: boolean };
    because: string;
    /** Who wrote `text`, and who reads the letter, when it is engineering and not the customer or the case's engineer. */
    fromEngineering?: boolean;
    toEngineering?: boolean;
  },
  desk: { facts: DeskFacts; policy: Policy },
  now: Instant,
): LetterRequest | null {
  const { policy, facts } = desk;
  const to = letter.to ?? toldEngineer(supportCase, policy);
  if (!to) return null;
  const line = policy.lines[supportCase.line];
  const plan = policy.plans.get(supportCase.plan);
  const calendar = calendarNamed(policy, line.calendar);
  const language = policy.engineers.find((one) => one.address === to.addrSpec)?.languages[0] ?? 'en';
  return {
    kind,
    caseNumber: supportCase.number,
    to,
    key: `${letter.key}:${to.addrSpec}`,
    language,
    automatic: 'auto-generated',
    // One root for all notifications of a case lets every mail program show them as one conversation.
    inReplyTo: null,
    references: [`case-${supportCase.number}.desk@casepost.invalid`],
    proven: true,
    heldBecause: null,
    because: letter.because,
    variables: {
      zone: calendar.zone,
      recipientName: to.displayName,
      subject: supportCase.subject,
      requester: supportCase.requester,
      requesterName: supportCase.requesterName,
      text: letter.text,
      severity: supportCase.severity,
      severityBecause: supportCase.severityBecause,
      planTitle: plan?.title ?? supportCase.plan,
      planBecause: supportCase.planBecause,
      target: targetOf(supportCase, policy, language),
      targetBecause: supportCase.targetBecause,
      ownerBecause: supportCase.ownerBecause,
      attachments: letter.attachments.map(({ name, type, size }) => ({ name, type, size })),
      hint: letter.hint,
      fromEngineering: letter.fromEngineering ?? false,
      toEngineering: letter.toEngineering ?? false,
      caseCommand: `casepost case show ${supportCase.number}`,
      replyMarker: replyMarker(supportCase, to.addrSpec, facts, now),
      notice: letter.notice ?? '',
      ...letter.warning,
    },
  };
}

/** The line above which an engineer answers: it carries the engineer's own token, so that nobody else's text is ever cut by it. */
export function replyMarker(
  supportCase: Pick<SupportCase, 'number' | 'mailbox'>,
  engineer: string,
  facts: DeskFacts,
  now: Instant,
): string {
  const token = makeToken(
    { mailbox: supportCase.mailbox, caseNumber: supportCase.number, recipient: engineer },
    facts.key,
    dayOf(now),
  );
  return `--- ${markerWords} (case ${caseNumberText(supportCase.number)}, ${token}) ---`;
}

/** The promise for a letter: the instant, and the hours it was counted in, in its language (null: day and night). */
export function targetOf(
  supportCase: SupportCase,
  policy: Policy,
  language: string,
): { at: string; hours: string | null } | null {
  if (!supportCase.targetAt) return null;
  const plan = policy.plans.get(supportCase.plan);
  const calendar = plan?.availability === 'business-hours' ? calendarNamed(policy, plan.calendar) : null;
  const counted = calendar && `${hoursText(calendar, language)} (${calendar.zone})`;
  return { at: supportCase.targetAt.toString(), hours: counted };
}

/** Everybody who gets what an engineer writes: the requester and the confirmed participants. */
export function audience(facts: CaseFacts): Address[] {
  return facts.participants
    .filter((one) => one.confirmed)
    .map(({ address, name }) => ({ addrSpec: address, displayName: name }));
}
