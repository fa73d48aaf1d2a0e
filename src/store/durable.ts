// A commit must be on the disk when the mail server is told so (TRUST P14): a database that only promises it is refused.
import { rows, type Db } from './db.ts';

/** Throws when the server would lose committed mail with the power: `fsync` or `synchronous_commit` is off. */
export async function requireDurable(db: Db): Promise<void> {
  for (const setting of ['fsync', 'synchronous_commit']) {
    const [found] = await rows<{ value: string }>(db, 'select current_setting(:setting) as value', { setting });
    if (found?.value !== 'off') continue;
    throw new Error(
      `database: ${setting} is off, so a committed mail could be lost; the gateway does not start. Set ${setting} = on and reload PostgreSQL`,
    );
  }
}
