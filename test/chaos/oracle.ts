// Judges a chaos run: the journal of what was handed over and what arrived against the rows. Every sentence it finds is a broken promise (TRUST 1);
// an empty list is what the run was for.
import type { Arrived, Cut, HandedOver } from './journal.ts';
import type { Evidence, LetterRow, MailRow } from './evidence.ts';
import { firstTokenOf, writerOf } from './mails.ts';

/** Around a letter's dot, in seconds: what cuts within it may have made its fate forgotten. */
const windowBefore = 1;
const windowAfter = 4;
const shown = 12;
/** Copies of a letter that may go without a reply; a peer that says nothing may have kept none of them. */
const unheardMax = 2;

/** What was found: counts for the table and the broken promises. */
export interface Verdict {
  broken: string[];
  dispositions: Record<string, number>;
  letters: Record<string, number>;
  cases: number;
  doubled: number;
  followUps: Record<string, number>;
  lost: number;
  differingBytes: number;
  excused: number;
  /** Raised, by kind; those still open in the end are named as such. */
  alarms: Record<string, number>;
}

/** Judges. */
export function judge(evidence: Evidence): Verdict {
  const { mails, letters, cases, orphans } = evidence;
  const broken: string[] = [];
  const findings = { broken, excused: new Set<string>() };
  const byToken = Map.groupBy(mails, ({ token }) => token ?? '');
  if (orphans > 0) broken.push(`P2: ${orphans} cases have no mail`);
  const { lost, differingBytes } = judgeMails(byToken, evidence, findings);
  judgePlaces(byToken, evidence, findings);
  const doubled = judgeLetters(evidence, broken);
  return {
    broken: folded(broken),
    dispositions: counts(mails.map(({ disposition }) => disposition ?? 'undecided')),
    letters: counts(letters.map(({ kind, state }) => (state === 'sent' ? kind : `${kind} (${state})`))),
    cases,
    doubled,
    followUps: followUps(letters, broken),
    lost,
    differingBytes,
    excused: findings.excused.size,
    alarms: counts(evidence.alarms.map(({ key, open }) => `${key.split(':')[0]}${open ? ' (still open)' : ''}`)),
  };
}

interface Findings {
  broken: string[];
  excused: Set<string>;
}

/** P1, P2, P6: every token handed over is in a row, once, with the bytes it had; nothing else is. */
function judgeMails(
  byToken: Map<string, MailRow[]>,
  { written, journal }: Evidence,
  { broken }: Findings,
): { lost: number; differingBytes: number } {
  const handed = Map.groupBy(journal.of('mail'), ({ token }: HandedOver) => token);
  let lost = 0;
  let differingBytes = 0;
  for (const [token, { mail }] of written) {
    const rows = byToken.get(token) ?? [];
    if (rows.length === 0 && mail.kind !== 'fleeting') {
      lost += 1;
      broken.push(`P1: a mail was lost: ${token} (${mail.kind} by ${mail.door})`);
    }
    if (mail.kind === 'poison') continue;
    const entries = rows.filter(({ disposition }) => disposition !== 'duplicate');
    if (entries.length > 1)
      broken.push(`P2: a mail has two entries: ${token} as ${entries.map(({ id }) => id).join(' and ')}`);
    if (entries.length === 0 && rows.length > 0) broken.push(`P2: a mail is a duplicate of nothing: ${token}`);
    const sha256 = handed.get(token)?.[0]?.sha256;
    for (const row of rows.filter((one) => one.sha256 !== sha256)) {
      differingBytes += 1;
      broken.push(`P1: stored bytes differ from the server's: ${token} in row ${row.id}`);
    }
  }
  for (const [token, rows] of byToken) {
    const undecided = rows.filter(({ disposition }) => disposition === null);
    if (undecided.length > 0) broken.push(`P6: mails are undecided: ${token || 'without token'}`);
    if (!handed.has(token)) broken.push(`P2: rows of mails nobody wrote: ${token || 'without token'}, ${rows.length}`);
  }
  return { lost, differingBytes };
}

/** P2, P7, P8: first mails open a case and are acknowledged once, answers join it, robots hear nothing. */
function judgePlaces(
  byToken: Map<string, MailRow[]>,
  { letters, written }: Evidence,
  { broken, excused }: Findings,
): void {
  const acknowledged = Map.groupBy(
    letters.filter(({ kind }) => kind === 'acknowledgment'),
    ({ caseNumber }) => caseNumber ?? 0,
  );
  const heardOf = new Set(letters.map(({ recipient }) => recipient));
  const entryOf = (token: string) => (byToken.get(token) ?? []).find(({ disposition }) => disposition !== 'duplicate');
  for (const [token, { mail, step }] of written) {
    const entry = entryOf(token);
    if (!entry || mail.kind === 'poison') continue;
    const { disposition, reason, because, caseNumber } = entry;
    const about = `${token} was ${disposition} (${reason}: ${because})`;
    if (mail.kind === 'robot') {
      if (heardOf.has(writerOf(token))) broken.push(`P7: a robot was answered: ${about}`);
      continue;
    }
    const first = entryOf(firstTokenOf(token));
    if (entry.oddClock || first?.oddClock) {
      excused.add(token);
      continue;
    }
    if (step) {
      if (disposition !== 'joined' || caseNumber !== first?.caseNumber) {
        broken.push(
          `P2: an answer (${step.by}, ${step.says}) did not join: ${about}, case ${caseNumber}, not ${first?.caseNumber}`,
        );
      }
      continue;
    }
    if (disposition !== 'opened') broken.push(`P2: a first mail opened no case: ${about}`);
    const count = acknowledged.get(caseNumber ?? 0)?.length ?? 0;
    if (disposition === 'opened' && count !== 1)
      broken.push(`P2: a case has ${count} acknowledgments: ${about}; ${entry.silence ?? 'no reason'}`);
  }
}

/** P3: everything sent arrived, as the same bytes, and more than once only where a crash or a cut explains it. Gives the copies above one. */
function judgeLetters({ letters, journal, refusals }: Evidence, broken: string[]): number {
  const arrived = Map.groupBy(journal.of('letter'), ({ messageId }: Arrived) => messageId);
  const cuts = journal.of('cut');
  const rows = new Map(letters.map((row) => [row.messageId, row]));
  let doubled = 0;
  for (const [messageId, copies] of arrived) {
    const row = rows.get(messageId);
    if (!row) broken.push(`P3: a letter arrived that no row knows: ${messageId}`);
    const name = row ? `${row.kind} ${row.key}` : messageId;
    if (new Set(copies.map(({ sha256 }) => sha256)).size > 1) broken.push(`P3: copies of a letter differ: ${name}`);
    const unheard = ({ at }: Arrived) =>
      cuts.some(({ from, to }) => from - windowAfter <= at && at <= to + windowBefore);
    // A gateway that is killed before it could write the 5xx down has not heard it.
    const refused = copies.findIndex((copy) => copy.answer.startsWith('5') && !unheard(copy));
    if (refused >= 0 && refused < copies.length - 1) broken.push(`P3: a letter was sent after 5xx: ${name}`);
    const taken = copies.filter(({ answer }) => answer.startsWith('2'));
    doubled += Math.max(0, taken.length - 1);
    const used = new Set<Cut>();
    for (const copy of taken.slice(0, -1)) {
      const cut = cuts.find(
        (one) => !used.has(one) && one.from - windowAfter <= copy.at && copy.at <= one.to + windowBefore,
      );
      if (cut) used.add(cut);
      else broken.push(`P3: a copy that nothing explains: ${name}, first taken at ${copy.at.toFixed(1)} s`);
    }
  }
  for (const { messageId, kind, key, state, recipient, unknowns } of letters) {
    const copies = arrived.get(messageId) ?? [];
    const taken = copies.some(({ answer }) => answer.startsWith('2'));
    // F33: after two copies without a word a person decides. A clock that jumps (F28) brings the second into the trouble of the first.
    const unheard = unknowns >= unheardMax && copies.some(({ answer }) => !/^[245]/.test(answer));
    if (state === 'sent' && !taken) broken.push(`P3: a letter is sent but never arrived: ${kind} ${key}`);
    if (state === 'waiting' || state === 'held') broken.push(`P13: a letter has not left (${state}): ${kind} ${key}`);
    if (state === 'failed' && !refusals.has(recipient) && !unheard)
      broken.push(`P3: a letter failed that nobody refused: ${kind} ${key}`);
  }
  return doubled;
}

/** P10: each step of a case's calendar makes one letter. */
function followUps(letters: LetterRow[], broken: string[]): Record<string, number> {
  const steps = letters.filter(({ kind }) => kind === 'follow-up');
  const perCase = Map.groupBy(steps, ({ caseNumber }) => caseNumber ?? 0);
  for (const [caseNumber, sent] of perCase) {
    if (sent.length > 3) broken.push(`P10: case ${caseNumber} has ${sent.length} follow-ups`);
  }
  return counts([...perCase.values()].flatMap((sent) => sent.map((_, at) => `step ${at + 1}`)));
}

function counts(words: string[]): Record<string, number> {
  const groups = Map.groupBy(words.toSorted(), (word) => word);
  return Object.fromEntries([...groups].map(([word, all]) => [word, all.length]));
}

/** Many findings of one kind are told by the first few and their number. */
function folded(broken: string[]): string[] {
  const kinds = Map.groupBy(broken, (sentence) => sentence.split(':').slice(0, 2).join(':').replaceAll(/\d+/g, 'n'));
  return [...kinds.values()].flatMap((all) =>
    all.length <= shown ? all : [...all.slice(0, shown), `… and ${all.length - shown} more of these`],
  );
}
