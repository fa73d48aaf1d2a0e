// Whether a row about a customer, from a CSV file or a CRM, is one we can keep: every column read, every mistake named with what was found and
// what is allowed. One checker for both doors, so that they can not differ.
import { canonicalDomain, parseAuthor } from '../mail/address.ts';
import { calendarNamed, type Policy } from './policy.ts';
import { didYouMean } from './nearest.ts';
import { publicMailDomain } from './public-domains.ts';

/** What can be kept of customers, and its columns: `!` must be filled in; the first one names the row. */
export const customerColumns = {
  accounts: ['id!', 'name!', 'language', 'zone', 'notes'],
  contacts: ['address!', 'account!', 'name', 'language', 'zone'],
  domains: ['domain!', 'account!'],
  serials: ['serial!', 'account!', 'product!', 'version', 'registered!'],
  entitlements: ['id!', 'account!', 'plan!', 'product', 'starts!', 'expires', 'incidents'],
} as const;
export type CustomerKind = keyof typeof customerColumns;

/** The names of a kind's columns. */
export function columnsOf(kind: CustomerKind): string[] {
  return customerColumns[kind].map((column) => column.replace('!', ''));
}

/** A mistake of one row. */
export interface RowProblem {
  column: string;
  problem: string;
}

/** A row as the store keeps it, by the names of its table's columns. `account` null: it stands under none. */
export interface CustomerRow {
  key: string;
  account: string | null;
  values: Record<string, string | number | null>;
}

const charsMax = { key: 200, text: 500, notes: 10_000 };
const incidentsMax = 1_000_000;

type Read<T> = { value: T } | { wrong: string };

/** Reads a row by the names of its columns. Gives the row, or every problem of it. */
export function readCustomerRow(
  kind: CustomerKind,
  record: Readonly<Record<string, unknown>>,
  policy: Policy,
): CustomerRow | { problems: RowProblem[] } {
  const problems: RowProblem[] = [];
  const columns = columnsOf(kind);
  for (const column of Object.keys(record).filter((name) => !columns.includes(name))) {
    problems.push({ column, problem: unknownColumn(kind, column) });
  }
  const optional = <T>(column: string, read: (text: string) => Read<T>): T | null => {
    const text = textOf(record[column]);
    if (text === '') return null;
    const found: Read<T> =
      text === null ? { wrong: 'is no text or number' } : text.includes('\0') ? { wrong: 'holds a NUL' } : read(text);
    if ('value' in found) return found.value;
    problems.push({ column, problem: found.wrong });
    return null;
  };
  const must = <T>(column: string, read: (text: string) => Read<T>): T | null => {
    if (textOf(record[column]) === '') problems.push({ column, problem: 'is empty; it must be filled in' });
    return optional(column, read);
  };
  const row = readers[kind]({ must, optional, problems, policy });
  return problems.length > 0 ? { problems } : row;
}

/** What is wrong about a column that the kind does not have. */
export function unknownColumn(kind: CustomerKind, column: string): string {
  const columns = columnsOf(kind);
  return `is no column of ${kind}${didYouMean(column, columns)}; allowed: ${columns.join(', ')}`;
}

interface Reading {
  must<T>(column: string, read: (text: string) => Read<T>): T | null;
  optional<T>(column: string, read: (text: string) => Read<T>): T | null;
  problems: RowProblem[];
  policy: Policy;
}

const readers: Record<CustomerKind, (reading: Reading) => CustomerRow> = {
  accounts({ must, optional }) {
    const id = must('id', key) ?? '';
    const name = must('name', plain);
    const notes = optional('notes', (text) => short(text, charsMax.notes)) ?? '';
    return { key: id, account: null, values: { id, name, ...ofPeople(optional), notes } };
  },
  contacts({ must, optional }) {
    const address = must('address', addressOf) ?? '';
    const account = must('account', key);
    const name = optional('name', plain) ?? '';
    return { key: address, account, values: { address, account, name, ...ofPeople(optional) } };
  },
  domains({ must }) {
    const domain = must('domain', domainOf) ?? '';
    const account = must('account', key);
    return { key: domain, account, values: { domain, account } };
  },
  serials({ must, optional, policy }) {
    const serial = must('serial', key) ?? '';
    const account = must('account', key);
    const product = must('product', (text) => productOf(text, policy));
    const version = optional('version', plain);
    const registered_on = must('registered', dateOf);
    return { key: serial, account, values: { serial, account, product, version, registered_on } };
  },
  entitlements: entitlementRow,
};

function entitlementRow({ must, optional, problems, policy }: Reading): CustomerRow {
  const id = must('id', key) ?? '';
  const account = must('account', key);
  const plan = must('plan', (text) => planOf(text, policy));
  const product = optional('product', (text) => productOf(text, policy));
  const known = plan === null ? undefined : policy.plans.get(plan);
  const zone = known === undefined ? 'UTC' : calendarNamed(policy, known.calendar).zone;
  const starts_at = must('starts', (text) => momentOf(text, zone, 0));
  const expires_at = optional('expires', (text) => momentOf(text, zone, 1));
  const incidents_bought = optional('incidents', wholeNumber);
  const wrong = (column: string, problem: string) => problems.push({ column, problem });
  if (
    known?.scope === 'incident' &&
    incidents_bought === null &&
    !problems.some(({ column }) => column === 'incidents')
  )
    wrong('incidents', `is empty; ${known.title} is sold by the incident: how many were bought in all`);
  if (known !== undefined && known.scope !== 'incident' && incidents_bought !== null)
    wrong(
      'incidents',
      `"${incidents_bought}" has no meaning: ${known.title} is not sold by the incident; leave it empty`,
    );
  if (known?.scope === 'trial') {
    // A trial is of one product and for a time; without either it would be a plan for everything.
    if (product === null && !problems.some(({ column }) => column === 'product'))
      wrong('product', `is empty; ${known.title} is for one product`);
    if (expires_at === null && !problems.some(({ column }) => column === 'expires'))
      wrong('expires', `is empty; ${known.title} is for a time`);
  }
  if (starts_at !== null && expires_at !== null && Temporal.Instant.compare(starts_at, expires_at) >= 0)
    wrong('expires', 'is before starts');
  return { key: id, account, values: { id, account, plan, product, starts_at, expires_at, incidents_bought } };
}

function ofPeople(optional: Reading['optional']): { language: string | null; zone: string | null } {
  return { language: optional('language', languageOf), zone: optional('zone', zoneOf) };
}

/** The text of a cell; '' for nothing, null for what is neither text nor number. */
function textOf(cell: unknown): string | null {
  if (cell === undefined || cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  return typeof cell === 'string' ? cell.trim() : null;
}

function short(text: string, max: number): Read<string> {
  return text.length > max ? { wrong: `has ${text.length} characters; allowed: ${max}` } : { value: text };
}

function plain(text: string): Read<string> {
  return short(text, charsMax.text);
}

function key(text: string): Read<string> {
  return short(text, charsMax.key);
}

function addressOf(text: string): Read<string> {
  const { address } = parseAuthor(text);
  return address === null
    ? { wrong: `"${text}" is no address; write it like kim@example.com` }
    : { value: address.addrSpec };
}

function domainOf(text: string): Read<string> {
  const domain = canonicalDomain(text.replace(/^@/, ''));
  if (domain === null || !domain.includes('.'))
    return { wrong: `"${text}" is no mail domain; write it like example.com` };
  if (publicMailDomain(domain))
    return { wrong: `"${text}" is a public mail service, where anybody has an address; import its people as contacts` };
  return { value: domain };
}

function planOf(text: string, policy: Policy): Read<string> {
  if (policy.plans.has(text)) return { value: text };
  const titled = [...policy.plans].find(([, { title }]) => title.toLowerCase() === text.toLowerCase());
  if (titled !== undefined) return { value: titled[0] };
  const allowed = [...policy.plans.keys()];
  return { wrong: `"${text}" is no plan of the policy${didYouMean(text, allowed)}; allowed: ${allowed.join(', ')}` };
}

function productOf(text: string, policy: Policy): Read<string> {
  const products = [...policy.lines.corporate.products, ...policy.lines.mobility.products];
  const same = (name: string) => name.toLowerCase() === text.toLowerCase();
  const found = products.find(([name]) => same(name)) ?? products.find(([, { aliases }]) => aliases.some(same));
  if (found !== undefined) return { value: found[0] };
  const names = products.flatMap(([name, { aliases }]) => [name, ...aliases]);
  return {
    wrong: `"${text}" is no product of the policy${didYouMean(text, names)}; "casepost policy show" names them`,
  };
}

function languageOf(text: string): Read<string> {
  return /^[a-z]{2,3}$/i.test(text)
    ? { value: text.toLowerCase() }
    : { wrong: `"${text}" is no language; write it like en or de` };
}

function zoneOf(text: string): Read<string> {
  try {
    return { value: Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId };
  } catch {
    return { wrong: `"${text}" is not a time zone; write it like UTC or Europe/Berlin` };
  }
}

function wholeNumber(text: string): Read<number> {
  const value = Number(text);
  return /^\d+$/.test(text) && value <= incidentsMax
    ? { value }
    : { wrong: `"${text}" is no number of incidents; allowed: 0 to ${incidentsMax}` };
}

function dateOf(text: string): Read<string> {
  try {
    if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return { value: Temporal.PlainDate.from(text).toString() };
  } catch {
    // Told below.
  }
  return { wrong: `"${text}" is no date; write it like 2026-03-31` };
}

/** An instant, or a day in `zone`: its beginning, or with `days` 1 its end. */
function momentOf(text: string, zone: string, days: 0 | 1): Read<string> {
  const day = dateOf(text);
  if ('value' in day)
    return { value: Temporal.PlainDate.from(day.value).add({ days }).toZonedDateTime(zone).toInstant().toString() };
  try {
    return { value: Temporal.Instant.from(text).toString() };
  } catch {
    return { wrong: `"${text}" is no date; write it like 2026-03-31 or 2026-03-31T18:00Z` };
  }
}
