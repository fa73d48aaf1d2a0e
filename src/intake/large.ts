// How much of large mails one gateway holds at once. A mail of 25 MB takes ten times that while it is stored or read; a few at once took more than
// all else together. At the doors those that come share an allowance of bytes and wait for it, then one at a time is stored, and one at a time is
// decided on (TRUST P12). Ordinary mails pass all three without a wait.

/** Limits of large mails, in one gateway. */
export const largeLimits = {
  /** A mail of more bytes is large. */
  ordinaryBytesMax: 1024 * 1024,
  /** Bytes of large mails that all doors hold together. The mail that came first may go beyond it, so that one always comes to its end. */
  doorBytesMax: 32 * 1024 * 1024,
} as const;

/** Gives back what was taken; a second time it does nothing. */
export type Leave = () => void;

/** A mail on its way in, from its first byte until it is stored. */
export interface Arriving {
  /** Takes room for so many more bytes; false when none came free within `seconds` (left out: however long it takes). */
  hold(bytes: number, seconds?: number): Promise<boolean>;
  leave: Leave;
}

/** What the doors and the desk of one gateway share. */
export interface LargeMails {
  arriving(): Arriving;
  /** Stores so many bytes: at once when they are ordinary, else when those before them are stored. Settles as `work` does. */
  stored<Result>(bytes: number, work: () => Promise<Result>): Promise<Result>;
  /** The right to decide on a large mail, or null while another has it. */
  deciding(): Leave | null;
}

/** The shares of one gateway, all free. */
export function largeMails(limits: { ordinaryBytesMax: number; doorBytesMax: number } = largeLimits): LargeMails {
  /** Bytes each large mail holds at the doors, in the order of their coming. */
  const held = new Map<Arriving, number>();
  const waiting = new Set<() => void>();
  let storing: Promise<unknown> = Promise.resolve();
  let decided: Leave | null = null;

  const mayHold = (one: Arriving, bytes: number): boolean => {
    const [first] = held.keys();
    const all = held.values().reduce((sum, own) => sum + own, 0);
    return first === one || all + bytes <= limits.doorBytesMax;
  };
  const somethingLeft = (seconds?: number): Promise<boolean> =>
    new Promise((resolve) => {
      const end = (left: boolean) => {
        clearTimeout(timer);
        waiting.delete(onLeft);
        resolve(left);
      };
      const onLeft = () => end(true);
      const timer = seconds === undefined ? undefined : setTimeout(end, seconds * 1000, false);
      waiting.add(onLeft);
    });

  return {
    arriving() {
      let own = 0;
      const one: Arriving = {
        async hold(bytes, seconds) {
          own += bytes;
          if (own <= limits.ordinaryBytesMax) return true;
          const before = held.get(one) ?? 0;
          held.set(one, before);
          while (!mayHold(one, own - before)) if (!(await somethingLeft(seconds))) return false;
          held.set(one, own);
          return true;
        },
        leave() {
          held.delete(one);
          for (const wake of waiting) wake();
        },
      };
      return one;
    },
    stored(bytes, work) {
      if (bytes <= limits.ordinaryBytesMax) return work();
      const turn = storing.then(work);
      storing = turn.catch(() => {});
      return turn;
    },
    deciding() {
      if (decided) return null;
      const leave = () => {
        if (decided === leave) decided = null;
      };
      return (decided = leave);
    },
  };
}
