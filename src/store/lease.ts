// Keeps a claimed letter claimed while its peer is slow. The lease itself stays short, so that another gateway takes over within a minute
// of a crash (TRUST P11), and a letter on its way to a slow server is still sent by one postbox only.
import { rows, type Db } from './db.ts';

/** Moves the end of a letter's lease to `leaseSeconds` from now by the database's clock. False when the claim is no longer ours. */
export async function renewLease(
  db: Db,
  letter: { id: string; claim: string },
  leaseSeconds: number,
): Promise<boolean> {
  const kept = await rows(
    db,
    `update outbox set lease_until = clock_timestamp() + make_interval(secs => :leaseSeconds)
     where id = :id and claim = :claim and state = 'waiting' returning id`,
    { id: letter.id, claim: letter.claim, leaseSeconds },
  );
  return kept.length > 0;
}

/** Whether a letter is still ours to send: asked right before its first byte leaves, for a process may have slept since it claimed it (TRUST F30). */
export async function holdsLetter(db: Db, letter: { id: string; claim: string }): Promise<boolean> {
  const held = await rows(
    db,
    `select 1 from outbox where id = :id and claim = :claim and state = 'waiting' and lease_until > clock_timestamp()`,
    { id: letter.id, claim: letter.claim },
  );
  return held.length > 0;
}
