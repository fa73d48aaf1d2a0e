// One account with everything under it, for a person who asks why a customer is served as they are.
import type { EntitlementRecord } from '../policy/entitlement.ts';
import { rows, type Db } from './db.ts';

/** People of an account that are shown; a large one has thousands. */
const contactsMax = 50;

/** An account and what is known of it; `contacts` are the first of `contactCount`. */
export interface AccountKnown {
  account: { id: string; name: string; language: string | null; zone: string | null; notes: string };
  contactCount: number;
  contacts: { address: string; name: string; language: string | null; zone: string | null }[];
  domains: string[];
  serials: { serial: string; product: string; version: string | null; registered: string }[];
  entitlements: (EntitlementRecord & { incidentsBought: number | null })[];
}

/** The account that an address belongs to as a mail of it would (`by` says how), or of this id or name; null when there is none. */
export async function accountOf(db: Db, word: string): Promise<{ id: string; by: string } | null> {
  const [found] = await rows<{ id: string; by: string }>(
    db,
    `select id, by from (
       select account as id, 'contact ' || address as by, 1 as rank from contacts where address = lower(:word) and account is not null
       union all select account, 'mail domain ' || domain, 2 from account_domains where :word like '%@%' and domain = lower(split_part(:word, '@', 2))
       union all select id, 'id', 3 from accounts where id = :word
       union all (select id, 'name', 4 from accounts where lower(name) = lower(:word) order by id limit 1)) known
     order by rank limit 1`,
    { word },
  );
  return found ?? null;
}

/** Reads an account; one that others only name has its id as its name. */
export async function readAccount(db: Db, id: string): Promise<AccountKnown> {
  const [account] = await rows<AccountKnown['account']>(
    db,
    'select id, name, language, zone, notes from accounts where id = :id',
    { id },
  );
  const [people] = await rows<{ count: number }>(db, 'select count(*) from contacts where account = :id', { id });
  const domains = await rows<{ domain: string }>(
    db,
    'select domain from account_domains where account = :id order by domain',
    { id },
  );
  return {
    account: account ?? { id, name: id, language: null, zone: null, notes: '' },
    contactCount: people?.count ?? 0,
    contacts: await rows(
      db,
      'select address, name, language, zone from contacts where account = :id order by address limit :contactsMax',
      { id, contactsMax },
    ),
    domains: domains.map(({ domain }) => domain),
    serials: await rows(
      db,
      'select serial, product, version, registered_on::text as registered from serials where account = :id order by serial',
      { id },
    ),
    entitlements: await rows(
      db,
      `select id, account, plan, product, starts_at as "startsAt", expires_at as "expiresAt", incidents_left as "incidentsLeft",
         incidents_bought as "incidentsBought" from entitlements where account = :id order by id`,
      { id },
    ),
  };
}
