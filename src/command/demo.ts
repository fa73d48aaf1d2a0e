// `casepost demo`: the main job on the embedded database in a minute. Mails are handed to the gateway's own LMTP door as bytes, letters leave
// through its own postbox to mail servers of the demo's world, and only the clock is run forward. What the gateway does is its own decision.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { caseNumberText } from '../cases/support-case.ts';
import type { LetterKind } from '../cases/decision.ts';
import type { Instant } from '../clock.ts';
import { startGateway, type Gateway } from '../gateway.ts';
import { readCase } from '../store/cases.ts';
import { saveAccountDomain, saveEntitlement } from '../store/entitlements.ts';
import { letters, waitingLetters } from '../store/outbox.ts';
import { newestOutcome, readLedger, type Outcome } from '../store/outcome.ts';
import { nextDueAt } from '../store/schedule.ts';
import { lettersPage, lettersShownMax } from '../web/letters-page.ts';
import { teller, type Teller } from './demo-teller.ts';
import { answerTo, deliver, startWorld, type Arrived, type World } from './demo-world.ts';
import { UsageError } from './ending.ts';
import { openSession, type Session } from './session.ts';
import { tellStory } from './demo-story.ts';

/** What the story is told with: the gateway at work, the world around it, a clock that can be set. */
export interface Stage {
  tell: Teller;
  now(): Instant;
  /** Runs the clock forward to `at`. */
  setClock(at: Instant): void;
  /** Hands a mail over and tells what the gateway made of it. */
  mailArrives(who: string, raw: Buffer, to: string): Promise<Outcome>;
  /** Somebody answers the newest letter they have. */
  answers(who: string, from: string, text: string): Promise<Outcome>;
  /** A machine sends these bytes to where the newest letter to `address` asks for answers. */
  answersBytes(who: string, address: string, raw: Buffer): Promise<Outcome>;
  /** Runs the clock to the next due step and tells what the gateway did; false when nothing is due. */
  nextStep(): Promise<boolean>;
  caseStatus(caseNumber: number): Promise<string>;
}

const settleSeconds = 20;

/** Tells the story, prints where every letter can be read, and stays up until told to stop (`exit`: ends at once). */
export async function demo(options: { exit?: boolean; port: string }, env: NodeJS.ProcessEnv): Promise<void> {
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new UsageError(`--port: "${options.port}" is not a port; allowed: 0 to 65535`);
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  const folder = mkdtempSync(join(tmpdir(), 'casepost-demo-'));
  const tell = teller(process.stdout);
  tell.title('Casepost: a support desk behind a mailbox. Everything below is decided by the gateway, from real mail.');
  tell.progress('starting the embedded database, the gateway and the mail servers of the demo’s world');
  const world = await startWorld();
  let session: Session | null = null;
  let gateway: Gateway | null = null;
  try {
    session = await openDesk(folder, world.port, env);
    const opened = session;
    let at = Temporal.Instant.from('2026-03-23T07:12:00Z');
    const now = () => at;
    const { desk, database, log } = session;
    gateway = await startGateway({ desk, database, now, log, ticks: 'when-told' });
    const page = await lettersPage({ letters: () => shownLetters(opened), host: '127.0.0.1', port });
    await tellStory(stageOf({ session, gateway, world, tell, now, setClock: (to) => (at = to) }));
    await tellLedger(session, tell);
    tell.end([
      `Every letter, as text and html: ${page.url}`,
      ...(options.exit ? [] : ['The page stays up. Ctrl-C ends the demo.']),
    ]);
    if (!options.exit) await aborted(stopping.signal);
    await page.close();
  } finally {
    await gateway?.stop();
    await session?.close();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function openDesk(folder: string, worldPort: number, env: NodeJS.ProcessEnv): Promise<Session> {
  const config = join(folder, 'casepost.yaml');
  copyFileSync(new URL('../../fixtures/demo/policy.yaml', import.meta.url), join(folder, 'policy.yaml'));
  writeFileSync(
    config,
    `database: ./data
policy: ./policy.yaml
mailboxes:
  - { id: support, address: support@casepost.example, name: Acronis Support, line: corporate, addressExtension: + }
  - { id: mobility, address: mobility@casepost.example, name: Acronis Mobility Support, line: mobility, addressExtension: + }
listen:
  lmtp: { host: 127.0.0.1, port: 0 }
smtp: { host: 127.0.0.1, port: ${worldPort}, security: none, reversePath: verp }
log: { level: ${env['CASEPOST_DEMO_LOG'] ?? 'silent'} }
`,
  );
  const session = await openSession({ config }, {}, { exclusive: true });
  await saveAccountDomain(session.database.db, 'northwind.example', 'Northwind Logistics');
  await saveEntitlement(session.database.db, {
    id: 'northwind-premier',
    account: 'Northwind Logistics',
    plan: 'advantage-premier',
    product: null,
    startsAt: Temporal.Instant.from('2025-09-01T00:00Z'),
    expiresAt: Temporal.Instant.from('2026-09-01T00:00Z'),
    incidentsLeft: null,
  });
  return session;
}

function stageOf(parts: {
  session: Session;
  gateway: Gateway;
  world: World;
  tell: Teller;
  now: () => Instant;
  setClock: (at: Instant) => void;
}): Stage {
  const { session, gateway, world, tell, now, setClock } = parts;
  const { db } = session.database;
  const [door] = gateway.doors;
  if (!door) throw new Error('the demo gateway has no door');
  const settled = async (before: string | null): Promise<Outcome> => {
    const outcome = await until(async () => {
      const newest = await newestOutcome(db);
      return newest && newest.mail !== before ? newest : null;
    });
    await until(async () => ((await waitingLetters(db)) === 0 ? true : null));
    return outcome;
  };
  const mailArrives = async (who: string, raw: Buffer, to: string): Promise<Outcome> => {
    const before = (await newestOutcome(db))?.mail ?? null;
    tell.progress(`${who} The gateway reads, decides, writes.`);
    await deliver(raw, to, door.port);
    const outcome = await settled(before);
    tell.happens(now(), who);
    const which = outcome.caseNumber === null ? '' : `, case ${caseNumberText(outcome.caseNumber)}`;
    const opened = outcome.disposition === 'opened' || outcome.disposition === 'linked';
    // The sentence of a new case goes on with severity and plan, which have lines of their own here.
    const because = opened ? outcome.because.split('; severity ')[0] : outcome.because;
    tell.detail('decided', `${outcome.disposition}${which}: ${because}`);
    if (opened) await tellCase(session, tell, outcome);
    for (const letter of outcome.letters)
      tell.detail('letter', `${letter.kind} to ${letter.recipient}: ${letter.subject}`);
    return outcome;
  };
  return {
    tell,
    now,
    setClock,
    mailArrives,
    async answers(who, from, text) {
      const letter = world.newestTo(bare(from));
      return mailArrives(who, await answerTo(letter, from, text, now()), replyAddressOf(letter));
    },
    answersBytes: (who, address, raw) => mailArrives(who, raw, replyAddressOf(world.newestTo(address))),
    async nextStep() {
      const due = await nextDueAt(db);
      if (!due) return false;
      setClock(due);
      tell.progress('the clock runs forward');
      const before = new Set((await letters(db, { limit: lettersShownMax })).map(({ id }) => id));
      for (const row of await gateway.tick()) {
        tell.happens(
          now(),
          `The clock: ${row.rule === 'close' ? 'the last pause is over' : `follow-up ${row.step} is due`}.`,
        );
        tell.detail('decided', row.because);
      }
      for (const letter of await letters(db, { limit: lettersShownMax })) {
        if (!before.has(letter.id)) tell.detail('letter', `${letter.kind} to ${letter.recipient}: ${letter.subject}`);
      }
      await until(async () => ((await waitingLetters(db)) === 0 ? true : null));
      return true;
    },
    async caseStatus(caseNumber) {
      const supportCase = await readCase(db, caseNumber);
      return `${supportCase?.status ?? 'unknown'}${supportCase?.closeReason ? ` (${supportCase.closeReason})` : ''}`;
    },
  };
}

function replyAddressOf(letter: Arrived): string {
  return bare(letter.headers.get('reply-to') ?? letter.headers.get('from') ?? '');
}

function bare(address: string): string {
  return /<([^>]+)>/.exec(address)?.[1] ?? address;
}

async function tellCase(session: Session, tell: Teller, outcome: Outcome): Promise<void> {
  const supportCase = outcome.caseNumber === null ? null : await readCase(session.database.db, outcome.caseNumber);
  if (!supportCase) return;
  tell.detail('severity', supportCase.severityBecause);
  tell.detail('plan', supportCase.planBecause);
  tell.detail('target', supportCase.targetBecause);
  tell.detail('owner', supportCase.ownerBecause);
}

async function tellLedger(session: Session, tell: Teller): Promise<void> {
  tell.chapter('The ledger: every mail has one row');
  for (const { stored, waiting, dispositions } of await readLedger(session.database.db)) {
    const told = Object.entries(dispositions).map(([disposition, count]) => `${count} ${disposition}`);
    tell.detail('mails', `${stored} came in by LMTP: ${told.join(', ')}; ${waiting} wait`);
  }
}

async function shownLetters({ database }: Session) {
  const stored = await letters(database.db, { limit: lettersShownMax });
  return stored.map((letter) => ({
    ...letter,
    kind: letter.kind as LetterKind,
    at: letter.createdAt.toString(),
    caseNumber: letter.caseNumber ?? 0,
    to: letter.recipient,
  }));
}

async function until<Value>(ready: () => Promise<Value | null>): Promise<Value> {
  for (let tries = 0; tries < settleSeconds * 50; tries += 1) {
    const value = await ready();
    if (value !== null) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the demo's gateway did not come to rest within ${settleSeconds} s`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
