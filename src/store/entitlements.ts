// Who holds which plan: accounts by mail domain and their entitlements, one at a time; store/accounts.ts writes many.
import type { EntitlementRecord } from '../policy/entitlement.ts';
import { rows, type Db } from './db.ts';

/** Puts a mail domain into an account, replacing what stood there; an account that is not known yet is made. */
export async function saveAccountDomain(db: Db, domain: string, account: string): Promise<void> {
  await rows(
    db,
    `with known as (insert into accounts (id, name) values (:account, :account) on conflict do nothing)
     insert into account_domains (domain, account) values (:domain, :account)
     on conflict (domain) do update set account = excluded.account`,
    { domain, account },
  );
}

/** Writes an entitlement, replacing the one of the same id; what is left then counts as bought. An account that is not known yet is made. */
export async function saveEntitlement(db: Db, record: EntitlementRecord): Promise<void> {
  await rows(
    db,
    `with known as (insert into accounts (id, name) values (:account, :account) on conflict do nothing)
     insert into entitlements (id, account, plan, product, starts_at, expires_at, incidents_left, incidents_bought)
     values (:id, :account, :plan, :product, :startsAt, :expiresAt, :incidentsLeft, :incidentsLeft)
     on conflict (id) do update set account = excluded.account, plan = excluded.plan, product = excluded.product, starts_at = excluded.starts_at,
       expires_at = excluded.expires_at, incidents_left = excluded.incidents_left, incidents_bought = excluded.incidents_bought`,
    { ...record },
  );
}
