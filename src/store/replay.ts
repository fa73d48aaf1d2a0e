// The mails that began cases, with what was known at the time, for deciding on them once more (`casepost policy simulate`, `explain`). Reads only.
import type { Budget, Contact } from '../cases/facts.ts';
import type { Instant } from '../clock.ts';
import type { EntitlementRecord } from '../policy/entitlement.ts';
import type { SerialRecord } from '../policy/registration.ts';
import type { Reason } from '../cases/decision.ts';
import { rows, type Db } from './db.ts';
import { serialsOf } from './evidence.ts';
import type { InboundMail } from './inbound.ts';

/** A mail that began a case, and its case as it was recorded. */
export interface BegunCase extends InboundMail {
  caseNumber: number;
  reason: Reason;
  decidedAt: Instant;
  policyVersion: string;
  /** The case that it goes on from, or stands beside. */
  linkedFrom: number | null;
  contact: Contact;
  /** What the address had had when the mail was decided on. */
  budget: Budget;
  entitlements: EntitlementRecord[];
  serials: SerialRecord[];
  /** As it is now; `severityBy` tells whether a person has chosen. */
  recorded: { severity: string; severityBy: string; plan: string; owner: string | null };
}

/** Reasons with which a mail begins a case. */
const beginning: Reason[] = [
  'new-request',
  'unanswered-new-request',
  'not-a-participant',
  'closed-case-linked',
  'sender-ambiguous',
  'too-many-hops',
  'too-large',
  'unreadable',
];

/** Mails received at or after `since` (null: all) that began cases, after the mail `after`, oldest first; or the one that began `caseNumber`. */
export async function begunCases(
  db: Db,
  page: { after: string; limit: number; since: Instant | null; caseNumber: number | null },
): Promise<BegunCase[]> {
  const found = await rows<Omit<BegunCase, 'contact' | 'budget' | 'entitlements' | 'serials' | 'recorded'> & Flat>(
    db,
    `select mail.id::text, mail.mailbox, mail.raw, mail.envelope_from as "envelopeFrom", mail.envelope_to as "envelopeTo",
       mail.received_at as "receivedAt", mail.attempts, mail.last_error as "lastError", mail.verdict, mail.recovered,
       mail.case_number as "caseNumber", mail.reason, mail.decided_at as "decidedAt", mail.policy_version as "policyVersion",
       cases.linked_from as "linkedFrom", cases.incident, cases.severity, cases.severity_by as "severityBy", cases.plan, cases.owner,
       mail.from_address as address, coalesce(contacts.name, '') as name, coalesce(contacts.language, accounts.language) as language, coalesce(contacts.zone, accounts.zone) as zone,
       coalesce(contacts.account, domains.account) as account, contacts.proven_at is not null and contacts.proven_at < mail.decided_at as proven,
       (select because from suppressed where suppressed.address = mail.from_address and since <= mail.decided_at and until > mail.decided_at) as suppressed,
       had.*
     from (
       select * from inbound
       where reason = any(:beginning) and inbound.case_number is not null and inbound.id > cast(:after as bigint)
         and (cast(:since as timestamptz) is null or received_at >= :since)
         and (cast(:caseNumber as bigint) is null or inbound.case_number = :caseNumber)
       order by inbound.id limit :limit) mail
     join cases on cases.number = mail.case_number
     left join contacts on contacts.address = mail.from_address
     left join account_domains domains on domains.domain = split_part(mail.from_address, '@', 2)
     left join accounts on accounts.id = coalesce(contacts.account, domains.account)
     cross join lateral (
       select count(*) filter (where created_at >= mail.decided_at - interval '10 minutes') as "tenMinutes",
         count(*) filter (where created_at >= mail.decided_at - interval '3 hours') as "threeHours", count(*) as day
       from outbox where automatic and case_number is not null and kind not like 'engineer-%' and recipient = mail.from_address
         and created_at >= mail.decided_at - interval '1 day' and created_at <= mail.decided_at
         and inbound_id is distinct from mail.id) had
     order by mail.id`,
    { ...page, beginning },
  );
  const accounts = [...new Set(found.flatMap(({ account }) => (account === null ? [] : [account])))];
  const held = Map.groupBy(await entitlementsOf(db, accounts), ({ account }) => account);
  const serials = Map.groupBy(await serialsOf(db, accounts), ({ account }) => account);
  return found.map((row) => ({
    ...begun(row, held.get(row.account ?? '') ?? []),
    serials: serials.get(row.account ?? '') ?? [],
  }));
}

/** A stored mail as it came; null when there is none. */
export async function storedMail(
  db: Db,
  id: string,
): Promise<{ raw: Buffer; mailbox: string; receivedAt: Instant } | null> {
  const [found] = await rows<{ raw: Buffer; mailbox: string; receivedAt: Instant }>(
    db,
    'select raw, mailbox, received_at as "receivedAt" from inbound where id = :id',
    { id },
  );
  return found ?? null;
}

interface Flat {
  incident: string | null;
  severity: string;
  severityBy: string;
  plan: string;
  owner: string | null;
  address: string | null;
  name: string;
  language: string | null;
  zone: string | null;
  account: string | null;
  proven: boolean;
  suppressed: string | null;
  tenMinutes: number;
  threeHours: number;
  day: number;
}

function begun(
  row: Omit<BegunCase, 'contact' | 'budget' | 'entitlements' | 'serials' | 'recorded'> & Flat,
  held: EntitlementRecord[],
): Omit<BegunCase, 'serials'> {
  const { address, name, account, language, zone, proven, suppressed, tenMinutes, threeHours, day } = row;
  const { incident, severity, severityBy, plan, owner, ...mail } = row;
  return {
    ...mail,
    contact: { address: address ?? '', name, account, language, zone, proven },
    // The caps of a domain and of the whole desk depend on the hour, not on the policy at hand.
    budget: { tenMinutes, threeHours, day, suppressed, domainHour: 0, unprovenHour: 0, unprovenWeek: 0 },
    // The incident that this very case has used up was still there.
    entitlements: held.map((record) =>
      record.id === incident ? { ...record, incidentsLeft: (record.incidentsLeft ?? 0) + 1 } : record,
    ),
    recorded: { severity, severityBy, plan, owner },
  };
}

async function entitlementsOf(db: Db, accounts: string[]): Promise<EntitlementRecord[]> {
  return rows(
    db,
    `select id, account, plan, product, starts_at as "startsAt", expires_at as "expiresAt", incidents_left as "incidentsLeft"
     from entitlements where account = any(:accounts) order by id`,
    { accounts },
  );
}
