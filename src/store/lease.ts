// Keeps a claimed letter claimed while its peer is slow. The lease itself stays short, so that another gateway takes over within a minute
// of a crash (TRUST P11), and a letter on its way to a slow server is still sent by one postbox only.
import { rows, type Db } from './db.ts';
import { stillWaiting } from './outbox.ts';

/** Moves the end of a letter's lease to `leaseSeconds` from now by the database's clock. False when the claim is no longer ours, or was given back. */
export async function renewLease(
  db: Db,
  letter: { id: string; claim: string },
  leaseSeconds: number,
): Promise<boolean> {
  const kept = await rows(
    db,
    `update outbox set lease_until = clock_timestamp() + make_interval(secs => :leaseSeconds)
     where id = :id and claim = :claim and ${stillWaiting('outbox')} and lease_until is not null returning id`,
    { id: letter.id, claim: letter.claim, leaseSeconds },
  );
  return kept.length > 0;
}

/** Those of the letters that are still ours to send: asked right before the first byte leaves, for a process may have slept since it claimed them (TRUST F30). */
export async function heldLetters(db: Db, letters: { id: string; claim: string }[]): Promise<Set<string>> {
  const held = await rows<{ claim: string }>(
    db,
    // No two claims are alike.
    `select claim from outbox
     where id = any(cast(:ids as bigint[])) and claim = any(:claims) and ${stillWaiting('outbox')} and lease_until > clock_timestamp()`,
    { ids: letters.map(({ id }) => id), claims: letters.map(({ claim }) => claim) },
  );
  return new Set(held.map(({ claim }) => claim));
}
