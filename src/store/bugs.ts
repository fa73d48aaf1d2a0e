// Which cases are on which bug, and who was told of its release. That somebody is told once is the key of `release_notices`.
import type { Effect } from '../cases/decision.ts';
import type { Instant } from '../clock.ts';
import { rows, type Db, type Transaction } from './db.ts';

/** Puts a case on a bug; twice is once. */
export async function linkBug(
  trx: Transaction,
  link: Extract<Effect, { effect: 'link-bug' }>,
  now: Instant,
): Promise<void> {
  await rows(
    trx,
    `insert into case_bugs (case_number, bug, linked_by, linked_at) values (:caseNumber, :bug, :by, :now)
     on conflict (case_number, bug) do nothing`,
    { caseNumber: link.caseNumber, bug: link.bug, by: link.by, now },
  );
}

/** Takes a case off a bug. */
export async function unlinkBug(trx: Transaction, link: { caseNumber: number; bug: string }): Promise<void> {
  await rows(trx, 'delete from case_bugs where case_number = :caseNumber and bug = :bug', {
    caseNumber: link.caseNumber,
    bug: link.bug,
  });
}

/** Notes that an address is told of a release; false when it was before, also by somebody who commits while we wait. */
export async function noteTold(
  trx: Transaction,
  told: Extract<Effect, { effect: 'release-told' }>,
  now: Instant,
): Promise<boolean> {
  const noted = await rows(
    trx,
    `insert into release_notices (bug, release, address, case_number, told_at)
     values (:bug, lower(:release), :address, :caseNumber, :now)
     on conflict (bug, release, address) do nothing returning bug`,
    { bug: told.bug, release: told.release, address: told.address, caseNumber: told.caseNumber, now },
  );
  return noted.length > 0;
}

/** The bugs a case is on, in the order they were found. */
export async function readBugs(db: Db, caseNumber: number): Promise<string[]> {
  const found = await rows<{ bug: string }>(
    db,
    'select bug from case_bugs where case_number = :caseNumber order by linked_at, bug',
    { caseNumber },
  );
  return found.map(({ bug }) => bug);
}

/** A bug with how many cases and customers are on it. */
export interface BugLine {
  bug: string;
  cases: number;
  open: number;
  customers: number;
  /** How many customers were told of a release of it. */
  told: number;
}

/** Every bug that a case is on, those with most open cases first. */
export async function listBugs(db: Db): Promise<BugLine[]> {
  return rows(
    db,
    `select bug, count(*) as cases, count(*) filter (where status <> 'closed') as open, count(distinct requester) as customers,
       (select count(distinct address) from release_notices where release_notices.bug = case_bugs.bug) as told
     from case_bugs join cases on cases.number = case_bugs.case_number
     group by bug order by count(*) filter (where status <> 'closed') desc, bug`,
  );
}

/** The cases on a bug, oldest first. */
export async function casesOnBug(db: Db, bug: string): Promise<number[]> {
  const found = await rows<{ number: number }>(
    db,
    'select case_number as number from case_bugs where bug = :bug order by case_number',
    { bug },
  );
  return found.map(({ number }) => number);
}

/** Who was told of which release of a bug, oldest first. */
export async function readTold(
  db: Db,
  bug: string,
): Promise<{ release: string; address: string; caseNumber: number; toldAt: Instant }[]> {
  return rows(
    db,
    `select release, address, case_number as "caseNumber", told_at as "toldAt" from release_notices
     where bug = :bug order by told_at, address`,
    { bug },
  );
}

/** A customer with cases on a bug, and when they were told of the release at hand (null: not yet). */
export interface BugCustomer {
  requester: string;
  /** Oldest first. */
  cases: number[];
  toldAt: Instant | null;
}

/** Every customer with a case on a bug, by address; or `requester` alone. */
export async function customersOfBug(
  db: Db,
  of: { bug: string; release: string; requester?: string },
): Promise<BugCustomer[]> {
  return rows(
    db,
    `select requester, json_agg(number order by number) as cases,
       (select told_at from release_notices told
        where told.bug = :bug and told.release = lower(:release) and told.address = requester) as "toldAt"
     from case_bugs join cases on cases.number = case_bugs.case_number
     where case_bugs.bug = :bug and (cast(:requester as text) is null or requester = :requester)
     group by requester order by requester`,
    { bug: of.bug, release: of.release, requester: of.requester ?? null },
  );
}
