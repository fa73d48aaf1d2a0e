// Where the sessions of a postbox get their letters from: several are claimed by one statement and handed out one by one. What is handed out late is
// given back and claimed anew, so that a slow mail server holds few letters that another gateway could send, and the order stays that of the outbox.
import { pause } from '../bell.ts';
import { stopwatch } from '../clock.ts';
import type { Clock } from '../clock.ts';
import type { Db } from '../store/db.ts';
import { heldLetters } from '../store/lease.ts';
import { claimLetters, releaseLetters, wholeLetter } from '../store/outbox.ts';
import type { ClaimedLetter, OutboxLetter } from '../store/outbox.ts';
import { together } from '../store/together.ts';

/** Limits of claimed letters. */
export const supplyLimits = {
  /** Another postbox takes a letter over this long after its holder was last heard of. */
  leaseSeconds: 45,
  /** Most letters claimed by one statement. */
  lettersMax: 50,
  /** A claim is believed for so long by our own clocks; after that the database is asked before a first byte leaves (TRUST F30). */
  freshMilliseconds: 1000,
  /** Between two claims, so that letters that are written one after another are claimed together. */
  betweenMilliseconds: 20,
} as const;

/** A claimed letter, and whether it is still ours to send: asked right before its first byte. */
export interface Supplied {
  letter: OutboxLetter;
  ours: () => Promise<boolean>;
}

/** The letters that a postbox has claimed and not begun. */
export interface Supply {
  /** The next letter, or null when none is due. `settled` is awaited before anything is claimed. Rejects when the database is away. */
  next(settled: () => Promise<unknown>, clock: Clock): Promise<Supplied | null>;
  /** Whether the next letter is there already. */
  stocked(): boolean;
  /** Gives back what was not begun, its attempt uncounted. */
  giveBack(): Promise<void>;
}

/** An empty supply. With a pace letters are claimed one by one: they would wait too long in our hands. */
export function openSupply(options: { db: Db; owner: string; paced: boolean; signal: AbortSignal }): Supply {
  const { db, owner, paced, signal } = options;
  const limit = paced ? 1 : supplyLimits.lettersMax;
  let stock: ClaimedLetter[] = [];
  let fresh = stopwatch();
  let claiming: Promise<void> | null = null;
  let unbegun: NodeJS.Timeout | undefined;
  const held = together(async (letters: ClaimedLetter[]) => {
    const ours = await heldLetters(db, letters);
    return letters.map(({ claim }) => ours.has(claim));
  });

  async function giveBack(): Promise<void> {
    const left = stock.splice(0);
    if (left.length > 0) await releaseLetters(db, left);
  }
  async function claim(settled: () => Promise<unknown>, clock: Clock): Promise<void> {
    await pause(supplyLimits.betweenMilliseconds - fresh(), signal);
    await giveBack();
    await settled();
    const begun = stopwatch();
    stock = await claimLetters(db, { owner, limit, leaseSeconds: supplyLimits.leaseSeconds }, clock());
    fresh = begun;
    // Sessions that all wait for a reply ask for nothing. When the database is away, the leases end by themselves.
    clearTimeout(unbegun);
    unbegun = setTimeout(() => void giveBack().catch(() => {}), supplyLimits.freshMilliseconds);
    unbegun.unref();
  }
  return {
    async next(settled, clock) {
      if (stock.length === 0 || fresh() > supplyLimits.freshMilliseconds) {
        claiming ??= claim(settled, clock).finally(() => (claiming = null));
        await claiming;
      }
      const claimed = stock.shift();
      if (!claimed) return null;
      const age = fresh;
      const letter = await wholeLetter(db, claimed);
      return { letter, ours: async () => age() <= supplyLimits.freshMilliseconds || held(letter) };
    },
    stocked: () => stock.length > 0,
    giveBack,
  };
}
