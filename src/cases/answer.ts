// A support engineer's answer, whichever way it came: to the customer and the confirmed participants, into the history, and the clock starts.
import type { Instant } from '../clock.ts';
import type { Attachment } from '../mail/mail.ts';
import type { Policy } from '../policy/policy.ts';
import { inLanguage } from '../policy/values.ts';
import { audience, customerLetter, threadOf } from './correspondence.ts';
import type { Effect } from './decision.ts';
import type { CaseFacts, DeskFacts } from './facts.ts';
import type { SupportCase } from './support-case.ts';
import { scheduleNext, timeline } from './timeline.ts';

/** An answer as written. `key` makes its letters happen once; `inboundId` is the mail it came in, whose attachments go along. */
export interface Answer {
  /** Address of the engineer. */
  engineer: string;
  text: string;
  fullText: string | null;
  key: string;
  because: string;
  attachments: Attachment[];
  inboundId: string | null;
  /** What the customer is asked for, names of the policy's `acknowledgment.asks`; the letter is then a request for information. */
  asks?: string[];
}

/**
 * The effects of an answer. First response is measured here, the status becomes `waiting on customer`, the steps of an earlier answer end
 * and the first follow-up is planned (it moves with the letter, should that leave later). A closed case stays closed, and one that engineering
 * has stays there: nothing is asked of the customer meanwhile.
 * The case has at least one confirmed participant: the callers refuse otherwise.
 */
export function answerEffects(
  placed: CaseFacts,
  answer: Answer,
  facts: DeskFacts,
  policy: Policy,
  now: Instant,
): Effect[] {
  const { supportCase } = placed;
  const { number } = supportCase;
  const name = policy.engineers.find((one) => one.address === answer.engineer)?.name ?? answer.engineer;
  const open = supportCase.status !== 'closed';
  const effects: Effect[] = [
    {
      effect: 'entry',
      caseNumber: number,
      entry: {
        kind: 'answer',
        visibility: 'public',
        author: answer.engineer,
        text: entryText(answer, supportCase, policy),
        fullText: answer.fullText === answer.text ? null : answer.fullText,
        attachments: answer.attachments,
      },
    },
  ];
  const changes: Partial<SupportCase> = {};
  const recipients = audience(placed);
  const asked =
    open &&
    supportCase.status !== 'waiting on engineering' &&
    recipients.some(({ addrSpec }) => addrSpec === supportCase.requester);
  if (asked) changes.status = 'waiting on customer';
  if (!supportCase.firstResponseAt) {
    changes.firstResponseAt = now;
    effects.push({ effect: 'cancel-warnings', caseNumber: number });
  }
  if (supportCase.owner === null) {
    changes.owner = answer.engineer;
    changes.ownerBecause = `${name} was the first to answer`;
  }
  effects.push({ effect: 'change', caseNumber: number, changes });
  const files = answer.attachments;
  const asks = asksText(answer.asks ?? [], supportCase, policy);
  for (const to of recipients) {
    const letter = customerLetter(
      asks.length > 0 ? 'more-information' : 'answer',
      supportCase,
      {
        to,
        key: letterKey(answer.key, to.addrSpec),
        thread: threadOf(placed, to.addrSpec),
        automatic: null,
        proven: true,
        because: answer.because,
        variables: {
          engineerName: name,
          bodyText: answer.text,
          ...(asks.length > 0 ? { asks } : {}),
          timeline: asked ? timeline(supportCase.line, 0, policy, now) : [],
          mayAskMoreTime: asked && policy.lines[supportCase.line].followUp.mayAskMoreTime,
        },
        ...(answer.inboundId !== null && files.length > 0
          ? { attachmentsOf: { inboundId: answer.inboundId, files } }
          : {}),
      },
      policy,
    );
    effects.push({ effect: 'letter', letter });
  }
  effects.push({ effect: 'cancel-schedule', caseNumber: number, because: 'a newer answer starts the clock anew' });
  // Who has no part in the case got nothing and is asked for nothing.
  if (asked) {
    const anchor = letterKey(answer.key, supportCase.requester);
    const next = scheduleNext(supportCase, { done: 0, anchor }, policy, now);
    if (next) effects.push(next);
  }
  return effects;
}

/** The questions of these names, in the customer's language. */
function asksText(names: string[], { language }: Pick<SupportCase, 'language'>, policy: Policy): string[] {
  return names.flatMap((name) => {
    const question = policy.acknowledgment.asks.get(name);
    return question ? [inLanguage(question.ask, language)] : [];
  });
}

/** What stands in the history: the questions are part of what was written. */
function entryText(answer: Answer, supportCase: SupportCase, policy: Policy): string {
  const asks = asksText(answer.asks ?? [], supportCase, policy).map((question) => `- ${question}`);
  return [asks.join('\n'), answer.text].filter((part) => part !== '').join('\n\n');
}

function letterKey(key: string, recipient: string): string {
  return `${key}:${recipient}`;
}
