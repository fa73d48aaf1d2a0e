// Letters that failed, or have been tried in vain for hours, and whose cases have not been told yet.
import type { TroubledLetter } from '../cases/on-failed-letter.ts';
import type { Instant } from '../clock.ts';
import { rows, type Transaction } from './db.ts';

/**
 * Claims the first such letter beyond an id (said so that no index of all letters answers it), with its case, skipping what somebody else holds;
 * `lateBefore`: made before this and still waiting is late.
 */
export async function claimTrouble(
  trx: Transaction,
  lateBefore: Instant,
  beyond = '0',
): Promise<(TroubledLetter & { caseNumber: number }) | null> {
  const [claimed] = await rows<TroubledLetter & { caseNumber: number }>(
    trx,
    `select outbox.id::text, kind, recipient, created_at as "createdAt", case_number as "caseNumber", coalesce(last_error, '') as error,
       case when state = 'waiting' then 'late' when unknowns > 1 then 'unknown' else 'failed' end as trouble
     from outbox join cases on cases.number = outbox.case_number
     where ((state = 'failed' and trouble is distinct from 'failed')
         or (state = 'waiting' and trouble is null and attempts > 0 and last_error is not null and created_at <= :lateBefore))
       and outbox.id + 0 > cast(:beyond as bigint)
     order by outbox.id limit 1 for update skip locked`,
    { lateBefore, beyond },
  );
  return claimed ?? null;
}

/** The case has been told. */
export async function settleTrouble(trx: Transaction, letter: Pick<TroubledLetter, 'id' | 'trouble'>): Promise<void> {
  const trouble = letter.trouble === 'late' ? 'late' : 'failed';
  await rows(trx, 'update outbox set trouble = :trouble where id = :id', { id: letter.id, trouble });
}
