// Sign-ins that were asked for and wait for their link or code. Each holds for the browser that asked, once, for a few minutes and a few tries.
import type { Instant } from '../clock.ts';
import { rows, type Db, type Transaction } from './db.ts';

/** Any number, the same in every gateway: the first half of the lock on an address that is asked for. */
const askedLock = 5_117_340;

/** A sign-in as it is asked for; hashes are SHA-256. */
export interface AskedSignIn {
  address: string;
  browserHash: Buffer;
  linkHash: Buffer;
  codeHash: Buffer;
  /** A path of ours to go to afterwards. */
  returnTo: string;
  endsAt: Instant;
}

/** What a link or code was good for. */
export interface UsedSignIn {
  address: string;
  returnTo: string;
}

/** Keeps it, unless `most` were asked for this address since `since`; its id then, or null. Two at once count each other. */
export async function insertSignIn(
  trx: Transaction,
  asked: AskedSignIn,
  { most, since }: { most: number; since: Instant },
  now: Instant,
): Promise<string | null> {
  await rows(trx, 'select pg_advisory_xact_lock(:askedLock, hashtext(:address))', {
    askedLock,
    address: asked.address,
  });
  const [added] = await rows<{ id: string }>(
    trx,
    `insert into sign_ins (address, browser_hash, link_hash, code_hash, return_to, asked_at, ends_at)
     select :address, cast(:browserHash as bytea), cast(:linkHash as bytea), cast(:codeHash as bytea), :returnTo, :now, :endsAt
     where (select count(*) from sign_ins where address = :address and asked_at > :since) < :most returning id::text`,
    { ...asked, most, since, now },
  );
  return added?.id ?? null;
}

/** Whether a browser with this cookie asked for a sign-in that can still be used. */
export async function browserAsked(db: Db, browserHash: Buffer, now: Instant): Promise<boolean> {
  const found = await rows(db, 'select 1 from sign_ins where browser_hash = :browserHash and ends_at > :now limit 1', {
    browserHash,
    now,
  });
  return found.length > 0;
}

/** Uses a link up: only in the browser that asked, only once, only in time. Otherwise null, and nothing is used up. */
export async function useLink(
  db: Db,
  { linkHash, browserHash }: { linkHash: Buffer; browserHash: Buffer },
  now: Instant,
): Promise<UsedSignIn | null> {
  const [used] = await rows<UsedSignIn>(
    db,
    `update sign_ins set used_at = :now where link_hash = :linkHash and browser_hash = :browserHash and used_at is null and ends_at > :now
     returning address, return_to as "returnTo"`,
    { linkHash, browserHash, now },
  );
  return used ?? null;
}

/** Counts a try against every open sign-in of this browser with tries left, and uses up the one whose code it is; null when none. */
export async function useCode(
  db: Db,
  { codeHash, browserHash, triesMax }: { codeHash: Buffer; browserHash: Buffer; triesMax: number },
  now: Instant,
): Promise<UsedSignIn | null> {
  const tried = await rows<UsedSignIn & { used: boolean }>(
    db,
    `update sign_ins set tries = tries + 1, used_at = case when code_hash = :codeHash then cast(:now as timestamptz) end
     where browser_hash = :browserHash and used_at is null and ends_at > :now and tries < :triesMax
     returning address, return_to as "returnTo", used_at is not null as used`,
    { codeHash, browserHash, triesMax, now },
  );
  return tried.find(({ used }) => used) ?? null;
}

/** Takes away what was asked for before `before`; returns how many. */
export async function deleteSignIns(db: Db, before: Instant): Promise<number> {
  return (await rows(db, 'delete from sign_ins where asked_at < :before returning 1', { before })).length;
}
