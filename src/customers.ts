// Takes rows about customers, from a file or a CRM: all of them in one transaction, or none; the same rows twice change nothing.
import { readCustomerRow, type CustomerKind, type CustomerRow } from './policy/customer-row.ts';
import type { Policy } from './policy/policy.ts';
import { knownAccounts, lockCustomers, saveCustomers, usedIncidents } from './store/accounts.ts';
import type { Db, Transaction } from './store/db.ts';

/** Rows written at a time, and rows that one import may have: their keys are kept in memory to find doubles. */
export const customerLimits = { batchRows: 2000, rowsMax: 2_000_000 } as const;

/** A row as it came; `line` says where. */
export interface GivenRow {
  line: number;
  record: Readonly<Record<string, unknown>>;
}

/** A row that can not be kept, and why. */
export interface BadRow {
  line: number;
  column: string;
  problem: string;
}

/** What became of all rows. `written` false: nothing was, for a dry run or because of bad rows. */
export interface Taken {
  added: number;
  changed: number;
  unchanged: number;
  bad: number;
  written: boolean;
}

class Unwritten extends Error {}

/** Takes `given` of one kind, rows that were bad before they came here among them; each bad row is told to `onBad` as it is found. Without `skipBad` one bad row keeps all from being written. */
export async function takeCustomers(
  db: Db,
  kind: CustomerKind,
  given: AsyncIterable<GivenRow | BadRow> | Iterable<GivenRow>,
  options: { dryRun: boolean; skipBad: boolean; onBad(bad: BadRow): void },
  policy: Policy,
): Promise<Taken> {
  let taken: Taken = { added: 0, changed: 0, unchanged: 0, bad: 0, written: true };
  const attempt = async (trx: Transaction): Promise<void> => {
    await lockCustomers(trx);
    const firstLine = new Map<string, number>();
    let batch: { line: number; row: CustomerRow }[] = [];
    const badLines = new Set<number>();
    const bad = (row: BadRow): void => {
      badLines.add(row.line);
      options.onBad(row);
    };
    const flush = async (): Promise<void> => {
      const good = await keepable(trx, kind, batch, bad);
      batch = [];
      const { added, changed, unchanged } = await saveCustomers(trx, kind, good);
      taken = {
        ...taken,
        added: taken.added + added,
        changed: taken.changed + changed,
        unchanged: taken.unchanged + unchanged,
      };
    };
    for await (const one of given) {
      if ('problem' in one) {
        bad(one);
        continue;
      }
      const { line, record } = one;
      const row = readCustomerRow(kind, record, policy);
      if ('problems' in row) {
        for (const { column, problem } of row.problems) bad({ line, column, problem });
        continue;
      }
      const before = firstLine.get(row.key);
      if (before !== undefined) {
        bad({ line, column: columnOfKey(kind), problem: `"${row.key}" stands in line ${before} already` });
        continue;
      }
      if (firstLine.size >= customerLimits.rowsMax)
        throw new Error(
          `line ${line}: more than ${customerLimits.rowsMax} rows; nothing was written, import them in parts`,
        );
      firstLine.set(row.key, line);
      batch.push({ line, row });
      if (batch.length >= customerLimits.batchRows) await flush();
    }
    await flush();
    taken.bad = badLines.size;
    if (options.dryRun || (taken.bad > 0 && !options.skipBad)) throw new Unwritten();
  };
  try {
    await db.transaction(attempt);
  } catch (error) {
    if (!(error instanceof Unwritten)) throw error;
    taken.written = false;
  }
  return taken;
}

/** The rows whose account exists and that take no used incident away. */
async function keepable(
  trx: Transaction,
  kind: CustomerKind,
  batch: readonly { line: number; row: CustomerRow }[],
  bad: (row: BadRow) => void,
): Promise<CustomerRow[]> {
  const accounts = [...new Set(batch.flatMap(({ row }) => (row.account === null ? [] : [row.account])))];
  const known = await knownAccounts(trx, accounts);
  const used =
    kind === 'entitlements'
      ? await usedIncidents(
          trx,
          batch.map(({ row }) => row.key),
        )
      : new Map<string, number>();
  return batch.flatMap(({ line, row }) => {
    if (row.account !== null && !known.has(row.account)) {
      bad({ line, column: 'account', problem: `"${row.account}" is no account; import accounts first` });
      return [];
    }
    const spent = used.get(row.key) ?? 0;
    if (spent > Number(row.values['incidents_bought'] ?? 0)) {
      const problem = `"${row.values['incidents_bought'] ?? ''}" is too few: cases have used ${spent} of them already`;
      bad({ line, column: 'incidents', problem });
      return [];
    }
    return [row];
  });
}

function columnOfKey(kind: CustomerKind): string {
  return { accounts: 'id', contacts: 'address', domains: 'domain', serials: 'serial', entitlements: 'id' }[kind];
}
