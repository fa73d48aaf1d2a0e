// The people of a chaos run: they write the planned mails when their time has come, and answer letters when those arrive. When the machine can not
// keep up they write later and say so; what was not written by the end is counted, not lost.
import { setTimeout as pause } from 'node:timers/promises';
import { openRoads, type Parcel, type Roads } from './hand-over.ts';
import { firstTokenOf, mailOf, stepOf } from './mails.ts';
import type { Letter } from './peer.ts';
import type { PlannedMail, PlannedStep } from './plan.ts';
import type { World } from './world.ts';

/** Seconds of the planned rate that may be undecided before the writers wait. */
const behindSeconds = 20;
const behindLeast = 150;
const lookMilliseconds = 1000;

/** What was written in the end. */
export interface Written {
  /** Every token that was taken, with what it was. */
  mails: Map<string, { mail: PlannedMail; step: PlannedStep | null }>;
  /** Mails of the plan that were not written in time because the machine was slow. */
  unwritten: number;
  /** Answers whose letter never came in time. */
  unanswered: number;
  /** Refused by a door for good. */
  refused: string[];
  secondsPaused: number;
}

interface Conversation {
  mail: PlannedMail;
  next: number;
  caseNumber: number | null;
  /** The newest letter to the customer that is not answered yet. */
  letter: Letter | null;
}

/** Writes everything of the plan, from `offset` on in the journal's seconds; resolves when the time is over and what was begun is handed over. */
export async function writeAll(world: World, offset: number, signal: AbortSignal): Promise<Written> {
  const { plan, journal } = world;
  const roads = openRoads(world, signal);
  const written: Written = { mails: new Map(), unwritten: 0, unanswered: 0, refused: [], secondsPaused: 0 };
  const talks = new Map<string, Conversation>();
  const byCase = new Map<number, Conversation>();
  const toEngineers = new Map<number, Letter>();
  const underway = new Set<Promise<void>>();
  const ends = offset + plan.seconds;
  const state = { over: false, behind: false };

  function put(
    road: keyof Omit<Roads, 'end'>,
    parcel: Parcel,
    what: { mail: PlannedMail; step: PlannedStep | null },
  ): void {
    const going = roads[road](parcel).then((taken) => {
      if (taken) written.mails.set(parcel.token, what);
      else written.refused.push(parcel.token);
    });
    underway.add(going);
    void going.finally(() => underway.delete(going));
  }
  function write(mail: PlannedMail): void {
    const { token, mailbox, seen, door } = mail;
    const raw = mailOf(mail);
    const road = mail.kind === 'fleeting' ? 'fleeting' : door;
    if (mail.steps.length > 0) talks.set(token, { mail, next: 0, caseNumber: null, letter: null });
    put(road, { token, mailbox, raw, seen }, { mail, step: null });
    if (mail.kind === 'twice') put(road === 'lmtp' ? 'imap' : road, { token, mailbox, raw }, { mail, step: null });
    if (mail.kind === 'reused') {
      put(road, { token: `${token}other`, mailbox, raw: mailOf(mail, 'other') }, { mail, step: null });
    }
  }
  function answer(talk: Conversation): void {
    const step = talk.mail.steps[talk.next];
    const known = talk.caseNumber === null ? undefined : toEngineers.get(talk.caseNumber);
    const letter = step?.by === 'engineer' ? known : talk.letter;
    if (!step || !letter || state.over) return;
    talk.next += 1;
    talk.letter = null;
    const going = (async () => {
      await pause(step.afterSeconds * 1000);
      if (state.over) {
        written.unanswered += 1;
        return;
      }
      const raw = await stepOf(step, letter);
      put('imap', { token: step.token, mailbox: talk.mail.mailbox, raw }, { mail: talk.mail, step });
    })();
    underway.add(going);
    void going.finally(() => underway.delete(going));
  }
  world.peer.onLetter((letter) => {
    if (state.over) return;
    const { recipient, caseNumber } = letter;
    const talk = talks.get(firstTokenOf(/@(\w+)\.test$/.exec(recipient)?.[1] ?? ''));
    if (talk) {
      talk.letter = letter;
      if (caseNumber !== null && talk.caseNumber === null) {
        talk.caseNumber = caseNumber;
        byCase.set(caseNumber, talk);
      }
      answer(talk);
    } else if (caseNumber !== null && world.engineers.includes(recipient)) {
      toEngineers.set(caseNumber, letter);
      const about = byCase.get(caseNumber);
      if (about) answer(about);
    }
  });

  const watching = (async () => {
    const most = Math.max(behindLeast, plan.rate * behindSeconds);
    while (!state.over) {
      const from = journal.seconds();
      await pause(lookMilliseconds);
      const decided = await world
        .rows<{ count: string }>('select count(*) from inbound where disposition is not null')
        .then(
          ([row]) => Number(row?.count),
          () => null,
        );
      if (decided !== null) state.behind = written.mails.size - decided > most;
      if (state.behind) written.secondsPaused += journal.seconds() - from;
    }
  })();
  for (const [index, mail] of plan.mails.entries()) {
    for (;;) {
      const now = journal.seconds();
      // What was paused moves all that follows: written at once it would be a flood that nobody planned.
      const due = offset + mail.at + written.secondsPaused;
      if (now >= ends || signal.aborted) break;
      if (!state.behind && now >= due) break;
      await pause(Math.min(lookMilliseconds, Math.max(20, (due - now) * 1000)));
    }
    if (journal.seconds() >= ends || signal.aborted) {
      written.unwritten = plan.mails.length - index;
      break;
    }
    write(mail);
  }
  while (journal.seconds() < ends && !signal.aborted) await pause(100);
  state.over = true;
  for (const talk of talks.values()) written.unanswered += talk.mail.steps.length - talk.next;
  await watching;
  while (underway.size > 0) await Promise.all(underway);
  await roads.end();
  return written;
}
