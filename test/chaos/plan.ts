// What will happen in a chaos run, decided before it begins and from the seed alone: when which mail comes by which door and who answers it, and
// when which fault strikes for how long. The run itself only carries it out, later than planned where the machine is slow.
import { type Chance, chance } from './chance.ts';

/** What a fault lays hands on; two that share a thing never overlap. */
export type Touched =
  | 'gateways'
  | 'database-server'
  | 'database-wire'
  | 'imap-server'
  | 'imap-wire'
  | 'smtp-script'
  | 'smtp-wire'
  | 'clock'
  | 'mailboxes';

/** The part of an injector that planning needs. `seconds` are the shortest and the longest it lasts in a run of ten minutes or more. */
export interface FaultKind {
  fault: string;
  touches: readonly Touched[];
  seconds: readonly [number, number];
}

/** One strike. `at` and `seconds` count from the beginning; `dice` are numbers from 0 to 1 for whatever the injector has to choose. */
export interface PlannedFault {
  fault: string;
  at: number;
  seconds: number;
  dice: number[];
}

/** Who writes next in a conversation, once the letter it answers has come. */
export interface PlannedStep {
  token: string;
  by: 'customer' | 'engineer';
  says: 'thanks' | 'resolved' | 'more' | 'answer';
  program: 'gmail' | 'outlook' | 'apple';
  afterSeconds: number;
}

/**
 * One mail. `twice`: the same bytes again (F25). `reused`: another mail with the Message-ID of the one before (F26). `robot`: nobody to
 * answer. `poison`: a fixture mail (F39), `fixture` says which. `fleeting`: expunged by another client at once (F18). `seen`: a person
 * has read it before us (F19).
 */
export interface PlannedMail {
  token: string;
  at: number;
  door: 'imap' | 'lmtp';
  mailbox: 'support' | 'mobility';
  kind: 'first' | 'twice' | 'reused' | 'robot' | 'poison' | 'fleeting';
  seen: boolean;
  fixture: number;
  steps: PlannedStep[];
}

/** A whole run. */
export interface Plan {
  seed: number;
  seconds: number;
  rate: number;
  gateways: number;
  /** The faults that may strike. */
  kinds: readonly FaultKind[];
  mails: PlannedMail[];
  faults: PlannedFault[];
}

/** What a run is asked to be. `rate`: mails a second, answers included. `kinds`: the faults that may strike. */
export interface Wish {
  seed: number;
  seconds: number;
  rate: number;
  kinds: readonly FaultKind[];
}

const kindsShare = { first: 0.82, twice: 0.04, reused: 0.03, robot: 0.05, poison: 0.04, fleeting: 0.02 } as const;
const burstsPerMinute = 0.5;
const burstSeconds = 8;
const quietBefore = 3;
const quietAfter = 3;
const calmBetween = 2;
const overlapMax = 3;

/** Makes the plan of a seed. */
export function planOf(wish: Wish): Plan {
  const dice = chance(wish.seed);
  const gateways = 1 + dice.below(3);
  return { ...wish, gateways, faults: plannedFaults(wish, dice), mails: plannedMails(wish, dice) };
}

/** Every kind in a shuffled order, then again: no fault strikes twice before all have struck once, as far as the time lasts. */
function plannedFaults(wish: Wish, dice: Chance): PlannedFault[] {
  const { seconds, kinds } = wish;
  // A short run has short faults, so that more of them find room.
  const scale = Math.max(0.25, Math.min(1, seconds / 600));
  const gap = Math.max(1, 5 * scale);
  const planned: PlannedFault[] = [];
  const free = new Map<Touched, number>();
  const running: number[] = [];
  let deck: FaultKind[] = [];
  let at = quietBefore;
  while (at < seconds - quietAfter && kinds.length > 0) {
    if (deck.length === 0) deck = dice.shuffled(kinds);
    const kind = deck.shift()!;
    const [low, high] = kind.seconds;
    const lasts = Math.max(low * Math.min(1, scale * 2), dice.between(low, high) * scale);
    const ready = Math.max(0, ...kind.touches.map((thing) => free.get(thing) ?? 0));
    const crowded = running.filter((end) => end > at).sort((one, other) => one - other);
    const room = crowded.length < overlapMax ? at : crowded[crowded.length - overlapMax]!;
    const begins = Math.max(at, ready, room);
    const ends = begins + lasts;
    const chosen = { fault: kind.fault, at: begins, seconds: lasts, dice: [dice.next(), dice.next(), dice.next()] };
    at += -Math.log(1 - dice.next()) * gap;
    if (ends > seconds - quietAfter) continue;
    planned.push(chosen);
    running.push(ends);
    for (const thing of kind.touches) free.set(thing, ends + calmBetween);
  }
  return planned.sort((one, other) => one.at - other.at);
}

/** How often a backlog comes at once. */
export function burstsOf({ seconds }: Pick<Wish, 'seconds'>): number {
  return Math.round((seconds / 60) * burstsPerMinute);
}

function plannedMails(wish: Wish, dice: Chance): PlannedMail[] {
  const { seconds, rate } = wish;
  const mails: PlannedMail[] = [];
  // A burst is a backlog in small (F27): what comes in seconds, at once.
  const bursts = burstsOf(wish);
  const perBurst = Math.round(rate * burstSeconds);
  const inBursts = bursts * perBurst;
  // Answers, copies and seconds with a reused id count into the rate too.
  const perFirst = 1.3;
  const steady = Math.max(1, Math.round((seconds * rate - inBursts) / perFirst));
  for (let index = 0; index < steady; index += 1) mails.push(aMail(mails.length, dice.next() * seconds, dice));
  for (let burst = 0; burst < bursts; burst += 1) {
    const at = dice.next() * seconds * 0.8;
    for (let index = 0; index < perBurst; index += 1) mails.push({ ...aMail(mails.length, at, dice), steps: [] });
  }
  return mails.sort((one, other) => one.at - other.at);
}

function aMail(index: number, at: number, dice: Chance): PlannedMail {
  const token = `t${index}${letters(dice)}`;
  const kind = kindBy(dice.next());
  const lmtp = dice.next() < 0.35 && kind !== 'fleeting' && kind !== 'poison';
  return {
    token,
    at,
    door: lmtp ? 'lmtp' : 'imap',
    mailbox: dice.next() < 0.3 ? 'mobility' : 'support',
    kind,
    seen: !lmtp && dice.next() < 0.1,
    fixture: dice.next(),
    steps: kind === 'first' ? someSteps(token, dice) : [],
  };
}

function kindBy(dice: number): PlannedMail['kind'] {
  let sum = 0;
  for (const [kind, share] of Object.entries(kindsShare)) {
    sum += share;
    if (dice < sum) return kind as PlannedMail['kind'];
  }
  return 'first';
}

function someSteps(token: string, dice: Chance): PlannedStep[] {
  const which = dice.next();
  const step = (at: number, by: PlannedStep['by'], says: PlannedStep['says']): PlannedStep => ({
    token: `${token}s${at}`,
    by,
    says,
    program: dice.pick(['gmail', 'outlook', 'apple'] as const),
    afterSeconds: dice.between(0, 6),
  });
  if (which < 0.12) return [step(1, 'customer', 'resolved')];
  if (which < 0.18) return [step(1, 'customer', 'thanks')];
  if (which < 0.27) return [step(1, 'customer', 'more')];
  if (which < 0.33) return [step(1, 'engineer', 'answer')];
  if (which < 0.38) return [step(1, 'engineer', 'answer'), step(2, 'customer', 'resolved')];
  return [];
}

function letters(dice: Chance): string {
  return Array.from({ length: 8 }, () => String.fromCharCode(97 + dice.below(26))).join('');
}
