// Which rows hold which token. Tokens stand in the raw bytes, and those are never read twice: a run has tens of thousands of mails.
import { tokenPattern } from './mails.ts';
import type { World } from './world.ts';

/** Ids that are read again: a transaction that began earlier may commit later. */
const overlap = 500;

/** The token in the beginning of `raw`, as SQL; $1 is the pattern. */
export const tokenSql = `substring(encode(substring(raw from 1 for 3000), 'escape') from $1)`;

/** The tokens stored so far. */
export interface Ledger {
  /** Reads what is new and gives all: token to ids of its rows. */
  read(): Promise<Map<string, Set<string>>>;
}

/** A ledger of a world's rows. */
export function openLedger(world: Pick<World, 'rows'>): Ledger {
  const tokens = new Map<string, Set<string>>();
  let last = 0;
  return {
    async read() {
      const fresh = await world.rows<{ id: string; token: string | null }>(
        `select id::text, ${tokenSql} as token from inbound where id > $2 order by id`,
        [tokenPattern, Math.max(0, last - overlap)],
      );
      for (const { id, token } of fresh) {
        const ids = tokens.get(token ?? '') ?? new Set();
        tokens.set(token ?? '', ids.add(id));
        last = Math.max(last, Number(id));
      }
      return tokens;
    },
  };
}
