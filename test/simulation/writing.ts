// What people and machines in a simulated world put on the wire: first mails, answers to a letter as its bytes are, delivery reports, forgeries.
import { markerWords } from '../../src/cases/notification-text.ts';
import { dateHeader } from '../../src/letters/mime.ts';
import { firstValue, readHeaderBlock } from '../../src/mail/header-block.ts';
import type { Instant } from '../../src/clock.ts';
import type { Chance } from './chance.ts';
import { mailboxes, mx, type MailboxId } from './house.ts';
import type { OutboxRow } from './rows.ts';
import { readingOf, type Writing } from './world.ts';

/** A letter as its reader keeps it, for answering later. */
export interface Letter {
  kind: string;
  caseNumber: number;
  recipient: string;
  messageId: string;
  subject: string;
  replyTo: string;
  references: string;
  reversePath: string;
  /** The line above which an engineer answers; '' in letters to customers. */
  marker: string;
  /** When it reached its reader, in the world's own time. */
  seenMs: number;
}

/** What a letter shows to whom it reached. */
export function letterOf(row: OutboxRow, seenMs: number): Letter {
  const { headers } = readHeaderBlock(row.raw);
  const { kind, caseNumber, recipient, messageId, subject, reversePath } = row;
  const toEngineer = kind.startsWith('engineer-');
  const marker = toEngineer
    ? (readingOf(row.raw)
        .text.split('\n')
        .find((line) => line.includes(markerWords)) ?? '')
    : '';
  const address = /<([^>]+)>/.exec(firstValue(headers, 'reply-to'))?.[1] ?? firstValue(headers, 'reply-to');
  const replyTo = address || firstValue(headers, 'from');
  const references = firstValue(headers, 'references');
  return { kind, caseNumber, recipient, messageId, subject, reversePath, marker, seenMs, replyTo, references };
}

interface Composed {
  from: string;
  to: string;
  subject: string;
  id: string;
  text: string;
  proof: Writing['proof'];
  headers?: Record<string, string>;
}

/** The bytes of a mail, as our receiving server hands it on. */
export function mailBytes(mail: Composed, now: Instant): Buffer {
  const domain = mail.from.slice(mail.from.lastIndexOf('@') + 1).replace('>', '');
  const head: Record<string, string> = {
    ...(mail.proof === 'none' ? {} : { 'Authentication-Results': `${mx}; dmarc=${mail.proof} header.from=${domain}` }),
    From: mail.from,
    To: mail.to,
    Subject: mail.subject,
    Date: dateHeader(now),
    'Message-ID': `<${mail.id}>`,
    ...mail.headers,
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`${lines.join('\n')}\n\n${mail.text}\n`.replaceAll('\n', '\r\n'));
}

/** The headers that make a mail an answer to a letter. */
export function answering(letter: Letter): Record<string, string> {
  const chain = [letter.references, `<${letter.messageId}>`].filter((part) => part !== '').join('\n ');
  return { 'In-Reply-To': `<${letter.messageId}>`, References: chain };
}

/** An answer's subject. */
export function answered(subject: string): string {
  return /^re:/i.test(subject) ? subject : `Re: ${subject}`;
}

/** A report that a letter could not be delivered, to where its reverse path leads. */
export function reportBytes(letter: Letter, to: string, id: string, now: Instant): Buffer {
  const domain = letter.recipient.slice(letter.recipient.lastIndexOf('@') + 1);
  return Buffer.from(
    `Return-Path: <>
From: MAILER-DAEMON@${domain}
To: ${to}
Subject: Undelivered mail
Date: ${dateHeader(now)}
Message-ID: <${id}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="edge"

--edge
Content-Type: text/plain

The mail could not be handed over.

--edge
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.${domain}

Final-Recipient: rfc822; ${letter.recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 nobody here is called that

--edge
Content-Type: message/rfc822

From: ${mailboxes.support}
To: ${letter.recipient}
Subject: ${letter.subject}
Message-ID: <${letter.messageId}>

--edge--
`.replaceAll('\n', '\r\n'),
  );
}

const troubles = {
  support: [
    'The nightly backup',
    'The recovery of our file server',
    'The agent on the mail server',
    'The licence',
    'The console',
  ],
  mobility: [
    'The app on our tablets',
    'The sync of our shares',
    'The gateway for phones',
    'The login of new users',
    'The client on the laptops',
  ],
} as const;
const verbs = [
  'fails',
  'is slow',
  'stops half way',
  'does not start',
  'shows an error',
  'asks for a password',
] as const;
const times = [
  'since the weekend',
  'after the last update',
  'every other night',
  'on one machine of many',
  'when two people work at once',
] as const;
const wishes = [
  'Can you help?',
  'What should we look at first?',
  'Please call it urgent.',
  'Is there a newer build?',
  'We have tried a restart.',
] as const;

/** A request in words that differ from most others. */
export function request(chance: Chance, mailbox: MailboxId): { subject: string; text: string } {
  const subject = `${chance.pick(troubles[mailbox])} ${chance.pick(verbs)}`;
  return { subject, text: `${subject} ${chance.pick(times)}. ${chance.pick(wishes)} ${chance.pick(wishes)}` };
}
