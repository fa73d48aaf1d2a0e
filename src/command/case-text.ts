// A case as text for a terminal: one line for a list, the whole story with every why for `case show`.
import { responseText, type Measured } from '../cases/response.ts';
import { caseNumberText, type SupportCase } from '../cases/support-case.ts';
import type { Participant } from '../cases/thread.ts';
import type { Instant } from '../clock.ts';
import type { StoredEntry } from '../store/history.ts';

/** Everything `case show` prints. */
export interface CaseStory extends SupportCase {
  participants: Participant[];
  /** Bugs of engineering it is on. */
  bugs: { bug: string; url: string | null }[];
  firstResponse: Measured | null;
  warnings: { percent: number; dueAt: Instant; settledAt: Instant | null; because: string }[];
  schedule: { rule: string; step: number; dueAt: Instant; state: string; because: string }[];
  history: StoredEntry[];
  letters: {
    id: string;
    kind: string;
    recipient: string;
    subject: string;
    state: string;
    because: string;
    createdAt: Instant;
    sentAt: Instant | null;
    lastError: string | null;
  }[];
}

/** One line of `case list`. */
export function caseLine(supportCase: SupportCase): string {
  const { number, status, closeReason, severity, requester, subject, owner } = supportCase;
  const state = closeReason === null ? status : `${status} (${closeReason})`;
  return `${caseNumberText(number)}  ${severity}  ${state.padEnd(22)}  ${requester}  ${owner ?? 'no owner'}  ${oneLine(subject)}`;
}

/** The whole case. `full` shows each mail whole, with what was folded away. */
export function caseStory(story: CaseStory, full: boolean): string {
  return [
    `Case ${caseNumberText(story.number)}: ${oneLine(story.subject)}`,
    `  status     ${story.status}${story.closeReason === null ? '' : ` (${story.closeReason})`}${story.statusNote === '' ? '' : `: ${story.statusNote}`}`,
    `  requester  ${story.requester}${story.requesterName === '' ? '' : ` (${story.requesterName})`}`,
    `  severity   ${story.severity}, set by ${story.severityBy}: ${story.severityBecause}`,
    `  plan       ${story.plan}: ${story.planBecause}`,
    `  product    ${[story.product, story.version, story.build].filter((one) => one !== null).join(' ') || 'not known'} (${story.line})`,
    `  owner      ${story.owner ?? 'nobody'}: ${story.ownerBecause}`,
    `  target     ${story.targetAt ? time(story.targetAt) : 'none'}: ${story.targetBecause}`,
    `  answered   ${story.firstResponseAt ? time(story.firstResponseAt) : 'not yet'}${story.firstResponse ? `, ${responseText(story.firstResponse)}` : ''}`,
    `  submitted  ${time(story.submittedAt)}, updated ${time(story.updatedAt)}${story.closedAt ? `, closed ${time(story.closedAt)}` : ''}`,
    ...(story.bugs.length === 0
      ? []
      : [`  bugs       ${story.bugs.map(({ bug, url }) => (url === null ? bug : `${bug} ${url}`)).join(', ')}`]),
    ...(story.linkedFrom === null ? [] : [`  linked to  case ${caseNumberText(story.linkedFrom)}`]),
    ...(story.solution === '' ? [] : [`  solution   ${oneLine(story.solution)}`]),
    '',
    'People',
    ...story.participants.map(
      (one) => `  ${one.address}  ${one.role}${one.confirmed ? '' : ', proposed only: receives nothing'}`,
    ),
    '',
    'Calendar',
    ...orNone([
      ...story.schedule.map(
        (due) =>
          `  ${time(due.dueAt)}  ${due.rule} ${due.step}  ${due.state}${due.because === '' ? '' : `: ${due.because}`}`,
      ),
      ...story.warnings.map(
        (one) =>
          `  ${time(one.dueAt)}  warning at ${one.percent} %  ${one.settledAt ? `done: ${one.because}` : 'waiting'}`,
      ),
    ]),
    '',
    'History',
    ...story.history.flatMap((entry) => entryLines(entry, full)),
    '',
    'Letters',
    ...orNone(
      story.letters.map(
        (letter) =>
          `  ${time(letter.createdAt)}  ${letter.kind} to ${letter.recipient}  ${letter.state}${letter.sentAt ? ` ${time(letter.sentAt)}` : ''}${letter.lastError ? ` (${letter.lastError})` : ''}`,
      ),
    ),
  ].join('\n');
}

function entryLines(entry: StoredEntry, full: boolean): string[] {
  const attachments = entry.attachments.map(({ name, size }) => `, ${name || 'a file'} (${size} bytes)`).join('');
  const folded = entry.fullText !== null && !full ? ['      (quotation and signature are folded: --full)'] : [];
  return [
    `  ${time(entry.at)}  ${entry.kind}, ${entry.visibility}, by ${entry.author}${entry.inboundId === null ? '' : `, mail ${entry.inboundId}`}${attachments}`,
    `      why: ${entry.reason}: ${entry.because}`,
    ...(full ? (entry.fullText ?? entry.text) : entry.text).split('\n').map((line) => `      | ${line}`),
    ...folded,
  ];
}

function orNone(lines: string[]): string[] {
  return lines.length === 0 ? ['  none'] : lines;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

function time(at: Instant): string {
  return at.toString({ smallestUnit: 'second' });
}
