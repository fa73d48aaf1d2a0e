// A command that changes something says whether it did, also when the answer to its COMMIT was lost: the server is asked what became of the
// transaction, never assumed (TRUST P15). The doors need none of this: their work has keys of its own and is simply tried again.
import { backoff, pause } from '../bell.ts';
import { monotonicMs } from '../clock.ts';
import { errorText } from '../log.ts';
import { rows, sqlState, worldFailed, type Db, type Transaction } from '../store/db.ts';
import { readLineage } from '../store/lineage.ts';
import { ProblemsFound } from './ending.ts';

/** How long a database that went away is waited for. */
const askSeconds = 60;

/** Times a change is made anew because another transaction was in the way. */
const conflictsMax = 5;

/** What a transaction is known by afterwards; a number holds for one history of the database only (null: not written down yet). */
interface Mark {
  id: string;
  lineage: string | null;
}

/**
 * Runs `work` in one transaction, anew when another was in the way, and resolves when it is committed. When the connection is lost on the way, ends with ProblemsFound, which says
 * whether anything was changed; `what` names the change.
 */
export async function certainly<Result>(
  db: Db,
  what: string,
  work: (trx: Transaction) => Promise<Result>,
): Promise<Result> {
  for (let conflicts = 0; ; conflicts += 1) {
    let marked: { mark: Mark; result: Result } | null = null;
    try {
      return await db.transaction(async (trx) => {
        const result = await work(trx);
        const [transaction] = await rows<{ id: string }>(trx, 'select pg_current_xact_id()::text as id');
        marked = { result, mark: { id: transaction?.id ?? '', lineage: await readLineage(trx) } };
        return result;
      });
    } catch (error) {
      if (inTheWay(error) && conflicts < conflictsMax) continue;
      if (!worldFailed(error)) throw error;
      const asked = marked as { mark: Mark; result: Result } | null;
      const fate = asked === null ? 'aborted' : await fateOf(db, asked.mark);
      if (asked !== null && fate === 'committed') return asked.result;
      const lost = `${what}: the database was lost on the way (${errorText(error)})`;
      if (fate === 'aborted') throw new ProblemsFound(`${lost}; nothing was changed, run it again`);
      throw new ProblemsFound(
        `${lost}, and whether the change was made could not be found out; look before you run it again`,
      );
    }
  }
}

/** A deadlock, or a serialization failure: the server has rolled back. */
function inTheWay(error: unknown): boolean {
  return sqlState(error)?.startsWith('40') ?? false;
}

/** What became of a transaction: `committed`, `aborted`, or null when the server can not tell, or not in time. */
async function fateOf(db: Db, mark: Mark): Promise<string | null> {
  const { signal } = new AbortController();
  const waits = backoff(0.2, 5);
  const deadline = monotonicMs() + askSeconds * 1000;
  while (monotonicMs() < deadline) {
    try {
      const { lineage } = mark;
      if (lineage !== null && (await readLineage(db)) !== lineage) return null;
      const [found] = await rows<{ fate: string | null }>(db, 'select pg_xact_status(cast(:id as xid8)) as fate', {
        id: mark.id,
      });
      // A server that has not noticed the lost connection yet goes on with it.
      if (found?.fate !== 'in progress') return found?.fate ?? null;
    } catch (error) {
      if (!worldFailed(error)) throw error;
    }
    await pause(waits.next(), signal);
  }
  return null;
}
