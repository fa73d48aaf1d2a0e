// Keeps receiving while the gateway runs: several mails at once on a PostgreSQL server, one at a time on the embedded database.
import { backoff, bell } from '../bell.ts';
import { outage } from '../log.ts';
import type { Log } from '../log.ts';
import { receiveNext, type Received, type ReceiveOptions } from './receive.ts';

/** How long a worker waits before it looks again unasked: for retries, and for mail that another gateway stored. */
export const pollSeconds = 5;

export interface ReceiverOptions extends Omit<ReceiveOptions, 'inboundId'> {
  workers: number;
  log: Log;
  signal: AbortSignal;
  /** Called after each committed decision: letters may be waiting, and a mail may be flagged on its server. */
  onDecided: (received: Received) => void;
}

/** A running receiver. */
export interface Receiver {
  wake(): void;
  stopped: Promise<void>;
}

/** Starts the workers; each works until nothing waits and then listens for `wake`. */
export function startReceiver(options: ReceiverOptions): Receiver {
  const bells = Array.from({ length: options.workers }, () => bell());
  const database = outage(options.log, 'receiving mail');
  const work = async (own: ReturnType<typeof bell>): Promise<void> => {
    const waits = backoff(1, 30);
    while (!options.signal.aborted) {
      let idleMs = pollSeconds * 1000;
      try {
        const received = await receiveNext(options);
        database.up(options.now());
        waits.reset();
        if (received) {
          options.log.info(
            { mail: received.inboundId, case: received.decision.caseNumber, reason: received.decision.reason },
            `mail ${received.inboundId}: ${received.disposition}`,
          );
          options.onDecided(received);
          continue;
        }
      } catch (error) {
        database.down((error as Error).message, options.now());
        idleMs = waits.next();
      }
      await own.heard(idleMs, options.signal);
    }
  };
  const running = bells.map((own) => work(own));
  return {
    wake() {
      for (const one of bells) one.ring();
    },
    stopped: Promise.all(running).then(() => {}),
  };
}
