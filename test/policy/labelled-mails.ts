// Support mails with the severity that SUPPORT-DESK.md 3 gives them, from fixtures/severity, and how well a policy judges them.
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { replyText } from '../../src/mail/reply-text.ts';
import { severities } from '../../src/policy/line-schema.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { judge, type Judgement, type JudgeFacts } from '../../src/policy/rules.ts';

type Severity = (typeof severities)[number];

/** A mail as a customer wrote it, and what it is. `administrative` and `outOfScope` are true where the mail is clearly so. */
export interface LabelledMail {
  language: string;
  line: 'corporate' | 'mobility';
  severity: Severity;
  subject: string;
  text: string;
  administrative: boolean;
  outOfScope: boolean;
}

/** A labelled mail with what the policy made of it. */
export interface JudgedMail {
  mail: LabelledMail;
  found: Judgement;
}

interface Written {
  mail: string;
  subject: string;
  text: string;
  administrative?: boolean;
  outOfScope?: boolean;
}

const folder = new URL('../../fixtures/severity/', import.meta.url);

/** The mails of one file of fixtures/severity, by its name: `fresh.en`. The language is the name's ending, where it has one. */
function labelledMails(name: string): LabelledMail[] {
  const text = readFileSync(new URL(`${name}.yaml`, folder), 'utf8');
  return (parse(text) as Written[]).map(({ mail, administrative = false, outOfScope = false, ...words }) => {
    const [line, severity] = mail.split(' ') as [LabelledMail['line'], Severity];
    const language = name.split('.')[1] ?? 'mixed';
    // Quotations and signatures are folded away before anything is judged.
    const { reply } = replyText({ text: words.text, html: null });
    return { language, line, severity, administrative, outOfScope, subject: words.subject, text: reply };
  });
}

/** The mails of several files, one language each: `labelledSet('fresh')`. */
export function labelledSet(name: string): LabelledMail[] {
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${name}.`))
    .flatMap((file) => labelledMails(file.replace(/\.yaml$/, '')));
}

const tunedSets = [
  'first',
  'fresh',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'seventh',
  'eighth',
  'ninth',
  'tenth',
  'eleventh',
  'twelfth',
  'thirteenth',
  'vague',
];

/** The mails that rules, signs and points were made and tuned with. */
export function tunedMails(): LabelledMail[] {
  return tunedSets.flatMap(labelledSet);
}

/** What is known of a mail that somebody unknown sends while the desk is open. */
export function strangersFacts({ line, subject, text }: Pick<LabelledMail, 'line' | 'subject' | 'text'>): JudgeFacts {
  return {
    subject,
    text,
    line,
    mailbox: 'support',
    senderDomain: 'customer.example',
    account: null,
    plans: [],
    attachments: [],
    receivedAt: Temporal.Instant.from('2026-03-02T09:00Z'),
    priorCases: [],
  };
}

/** Judges each mail by itself. */
export function judgeAll(mails: readonly LabelledMail[], policy: Policy): JudgedMail[] {
  return mails.map((mail) => ({ mail, found: judge(strangersFacts(mail), policy) }));
}

/** The share of mails that got exactly the severity they have, 0 to 1. */
export function exact(judged: readonly JudgedMail[]): number {
  return judged.filter(({ mail, found }) => mail.severity === found.severity).length / judged.length;
}

/** How many mails of each severity (rows) were taken for each (columns), A to D. */
export function confusion(judged: readonly JudgedMail[]): number[][] {
  return severities.map((is) =>
    severities.map(
      (taken) => judged.filter(({ mail, found }) => mail.severity === is && found.severity === taken).length,
    ),
  );
}
