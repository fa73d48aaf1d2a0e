// A process that writes one token a transaction into the embedded database of a folder, and says each once it is committed, until it is killed.
import { openDatabase, rows } from '../../src/store/db.ts';

const { db } = await openDatabase(process.argv[2] ?? '', { exclusive: true });
await rows(db, 'create table if not exists tokens (token integer primary key)');
const [found] = await rows<{ last: number }>(db, 'select coalesce(max(token), 0)::integer as last from tokens');
for (let token = (found?.last ?? 0) + 1; ; token += 1) {
  await db.transaction((trx) => rows(trx, 'insert into tokens values (:token)', { token }));
  process.stdout.write(`${token}\n`);
}
