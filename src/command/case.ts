// `casepost case list|show|reply|note|set`: the desk from a shell. Every change ends in the same decision and commit as a mail's.
import { randomUUID } from 'node:crypto';
import type { Decision } from '../cases/decision.ts';
import { bugUrl } from '../cases/on-escalation.ts';
import { decideOnRequest, type Request, type Settable } from '../cases/on-request.ts';
import { caseNumberText, type CloseReason, type Severity, type Status } from '../cases/support-case.ts';
import { parseAuthor } from '../mail/address.ts';
import { carryOut, signingKey } from '../desk.ts';
import { errorText } from '../log.ts';
import { readBugs } from '../store/bugs.ts';
import { listCases, lockCase, readCase, readParticipants } from '../store/cases.ts';
import { readEntries } from '../store/history.ts';
import { worldFailed } from '../store/db.ts';
import { readRaw } from '../store/evidence.ts';
import { letters } from '../store/outbox.ts';
import { readSchedule } from '../store/schedule.ts';
import { readWarnings } from '../store/warnings.ts';
import { firstResponse } from '../cases/response.ts';
import { caseLine, caseStory } from './case-text.ts';
import { certainly } from './certain.ts';
import { drainOnce } from './send.ts';
import { ProblemsFound, UsageError } from './ending.ts';
import { print, withSession, type CommonOptions, type Session } from './session.ts';

const lettersShownMax = 500;

/** `case list`: newest first. */
export async function listCommand(
  options: CommonOptions & { status?: string; requester?: string; open?: boolean; limit: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1)
    throw new UsageError(`--limit: "${options.limit}" is not a number of cases; write it like 50`);
  await withSession(options, env, async ({ database }) => {
    for (const supportCase of await listCases(database.db, { ...options, limit })) {
      print(options, supportCase, caseLine(supportCase));
    }
  });
}

/** `case show N`: the case, its people, its calendar and its whole history with every why. */
export async function showCommand(
  text: string,
  options: CommonOptions & { full?: boolean },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const number = caseNumberOf(text);
  await withSession(options, env, async ({ database, desk }) => {
    const { db } = database;
    const supportCase = await readCase(db, number);
    if (!supportCase) throw new ProblemsFound(`case ${caseNumberText(number)} does not exist`);
    const story = {
      ...supportCase,
      participants: (await readParticipants(db, [number])).map(({ caseNumber: _, ...person }) => person),
      bugs: (await readBugs(db, number)).map((bug) => ({ bug, url: bugUrl(bug, desk.policy) })),
      firstResponse: firstResponse(supportCase, desk.policy),
      schedule: await readSchedule(db, number),
      warnings: await readWarnings(db, number),
      history: await readEntries(db, number),
      letters: (await letters(db, { caseNumber: number, limit: lettersShownMax })).map(
        ({ raw: _raw, html: _html, ...letter }) => letter,
      ),
    };
    print(options, story, caseStory(story, options.full ?? false));
  });
}

/** `case mail ID`: a stored mail as it came, byte for byte. */
export async function mailCommand(id: string, options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  if (!/^\d{1,15}$/.test(id))
    throw new UsageError(`"${id}" is not a mail; write the number that "case show" tells, like 12`);
  await withSession(options, env, async ({ database }) => {
    const raw = await readRaw(database.db, id);
    if (!raw) throw new ProblemsFound(`mail ${id} does not exist`);
    await new Promise((written) => process.stdout.write(raw, written));
  });
}

/** `case reply N`: what an engineer would answer by mail. The letter leaves at once when a mail server is configured. */
export async function replyCommand(
  text: string,
  words: string[],
  options: CommonOptions & { as?: string; ask?: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const asks = options.ask?.split(',').map((name) => name.trim()) ?? [];
  // Whoever only asks need not write anything, and is not waited for on standard input.
  const body = asks.length > 0 && words.length === 0 ? '' : await wordsOf(words);
  const key = `answer:${randomUUID()}`;
  await change(text, options, env, (by) => ({ request: 'reply', by, text: body, key, asks }));
}

/** `case note N`: for engineers only; nobody is written to. */
export async function noteCommand(
  text: string,
  words: string[],
  options: CommonOptions & { as?: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const body = await wordsOf(words);
  await change(text, options, env, (by) => ({ request: 'note', by, text: body }));
}

/** `case set N name=value …`, or `cc=+address` to add or confirm a participant, `cc=-address` to remove one. */
export async function setCommand(
  text: string,
  pairs: string[],
  options: CommonOptions & { as?: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const [first = ''] = pairs;
  const participant = /^cc=([+-])(.+)$/.exec(first);
  if (participant && pairs.length === 1) {
    const [, sign, written = ''] = participant;
    const { address, why } = parseAuthor(written);
    if (!address)
      throw new UsageError(
        `cc: "${written}" is no mail address (${why}); write cc=+ada@example.org or cc=-ada@example.org`,
      );
    const act = sign === '+' ? 'add' : 'remove';
    return change(text, options, env, (by) => ({ request: 'participant', by, act, address }));
  }
  const changes = settings(pairs);
  await change(text, options, env, (by) => ({ request: 'set', by, changes, key: randomUUID() }));
}

async function change(
  text: string,
  options: CommonOptions & { as?: string },
  env: NodeJS.ProcessEnv,
  requestOf: (by: string) => Request,
): Promise<void> {
  const number = caseNumberOf(text);
  await withSession(options, env, async (session) => {
    const { database, desk } = session;
    const now = session.now();
    const decision = await certainly(database.db, `case ${caseNumberText(number)}`, async (trx) => {
      const placed = await lockCase(trx, number, now);
      if (!placed) throw new ProblemsFound(`case ${caseNumberText(number)} does not exist`);
      const by = engineerOf(session, options.as, placed.supportCase.owner);
      const facts = { key: signingKey(desk) };
      const decided = decideOnRequest(requestOf(by), placed, facts, desk.policy, now);
      if ('refused' in decided) throw new ProblemsFound(decided.refused);
      await carryOut(trx, desk, decided, { inboundId: null, mailbox: placed.supportCase.mailbox }, now);
      return decided;
    });
    printDecision(options, number, decision, await sendNow(session));
  });
}

/** What was done to a case, and who is written to. */
export function printDecision(options: CommonOptions, caseNumber: number, decision: Decision, sent: number): void {
  const letters = decision.effects.flatMap((effect) =>
    effect.effect === 'letter' ? [{ kind: effect.letter.kind, recipient: effect.letter.to.addrSpec }] : [],
  );
  const { reason, because } = decision;
  print(
    options,
    { caseNumber, reason, because, letters, sent },
    `case ${caseNumberText(caseNumber)}: ${because}${letters.map(({ kind, recipient }) => `\n    ${kind} to ${recipient}`).join('')}`,
  );
}

/** The answer has left when the command ends; with the database away meanwhile, a gateway or `casepost send` takes it later. Returns how many left. */
export async function sendNow(session: Session): Promise<number> {
  const { smtp } = session.config;
  if (!smtp) return 0;
  try {
    return (await drainOnce(session, smtp)).sent;
  } catch (error) {
    if (!worldFailed(error)) throw error;
    session.log.warn({ error: errorText(error) }, 'the change is committed; its letters wait in the outbox');
    return 0;
  }
}

/** Who does it: `--as`, else the owner, else the first engineer of the policy. Throws a UsageError for who is none. */
export function engineerOf(session: Session, as: string | undefined, owner: string | null): string {
  const { engineers } = session.desk.policy;
  const known = engineers.map(({ address }) => address).join(', ') || 'none yet: list engineers: in the policy';
  if (as !== undefined) {
    if (engineers.some(({ address }) => address === as.toLowerCase())) return as.toLowerCase();
    throw new UsageError(`--as: "${as}" is no engineer of the policy; known: ${known}`);
  }
  return owner ?? engineers[0]?.address ?? 'the desk';
}

/** A case number as a person wrote it. Throws a UsageError when it is none. */
export function caseNumberOf(text: string): number {
  const number = Number(text);
  if (/^\d{1,15}$/.test(text) && number > 0) return number;
  throw new UsageError(`"${text}" is not a case number; write it like 1 or 00000001`);
}

async function wordsOf(words: string[]): Promise<string> {
  if (words.length > 0 && words[0] !== '-') return words.join(' ');
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

const choices: Record<string, readonly string[] | null> = {
  status: ['waiting on support', 'waiting on customer', 'waiting on engineering', 'closed'] satisfies Status[],
  reason: ['resolved by customer', 'resolved by support', 'no response', 'duplicate', 'spam'] satisfies CloseReason[],
  severity: ['A', 'B', 'C', 'D'] satisfies Severity[],
  note: null,
  owner: null,
  solution: null,
  product: null,
  version: null,
  build: null,
};
const fields: Record<string, keyof Settable> = { reason: 'closeReason', note: 'statusNote' };

function settings(pairs: string[]): Settable {
  const changes: Record<string, string> = {};
  for (const pair of pairs) {
    const [, name = '', value = ''] = /^([a-z]+)=([^]*)$/.exec(pair) ?? [];
    const allowed = choices[name];
    if (allowed === undefined) {
      throw new UsageError(`"${pair}": write it like name=value; names: ${Object.keys(choices).join(', ')}`);
    }
    if (allowed && !allowed.includes(value))
      throw new UsageError(`${name}: "${value}" is not allowed; allowed: ${allowed.join(', ')}`);
    changes[fields[name] ?? name] = value;
  }
  if (pairs.length === 0)
    throw new UsageError(`nothing to set; write name=value; names: ${Object.keys(choices).join(', ')}`);
  return changes;
}
