// Whether an address belongs to a customer of ours.
import { rows, type Db } from './db.ts';

/** A contact the CRM told us of, a requester, or a participant who was confirmed. `address` in small letters. */
export async function isCustomer(db: Db, address: string): Promise<boolean> {
  const [found] = await rows<{ known: boolean }>(
    db,
    `select exists (select 1 from contacts where address = :address)
         or exists (select 1 from cases where requester = :address)
         or exists (select 1 from participants where address = :address and confirmed) as known`,
    { address },
  );
  return found?.known ?? false;
}
