// Mails that several peers hand over in the same moment are stored by one transaction: each peer still hears 250 only after the commit, and one
// write to the disk serves them all.
import type { Clock } from '../clock.ts';
import { sqlState, worldFailed, type Db } from '../store/db.ts';
import { saveArrival, type Arrival } from '../store/inbound.ts';
import { together } from '../store/together.ts';

type Saved = Awaited<ReturnType<typeof saveArrival>>;

/** A larger mail is stored by itself: what is sent to the database at once stays small. */
const smallBytes = 256 * 1024;

/** Stores a mail as `saveArrival` does, with those that come while the ones before are being stored; rejects for the mail that can not be stored alone. */
export function storeTogether(db: Db, now: Clock): (arrival: Arrival) => Promise<Saved> {
  const alone = (arrival: Arrival) => saveArrival(db, arrival, now());
  const small = together(async (arrivals: Arrival[]): Promise<(Saved | Promise<Saved>)[]> => {
    if (arrivals.length === 1) return arrivals.map(alone);
    const at = now();
    try {
      return await db.transaction((trx) => Promise.all(arrivals.map((arrival) => saveArrival(trx, arrival, at))));
    } catch (error) {
      // Two gateways that are handed the same mails in two orders wait for each other's rows (class 40): a mail alone does not.
      if (worldFailed(error) && !sqlState(error)?.startsWith('40')) throw error;
      // Whose fault it is shows when each is stored alone.
      return arrivals.map(alone);
    }
  });
  return (arrival) => (arrival.raw.length > smallBytes ? alone(arrival) : small(arrival));
}
