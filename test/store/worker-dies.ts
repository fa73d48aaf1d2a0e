// A process with the embedded database open, whose worker thread dies under it. Nothing of ours is changed: the thread is caught as it is made.
import { syncBuiltinESMExports } from 'node:module';
import threads from 'node:worker_threads';

const made: threads.Worker[] = [];
class Caught extends threads.Worker {
  constructor(...given: ConstructorParameters<typeof threads.Worker>) {
    super(...given);
    made.push(this);
  }
}
threads.Worker = Caught;
syncBuiltinESMExports();
const { openDatabase, rows } = await import('../../src/store/db.ts');
const { db } = await openDatabase(process.argv[2] ?? '', { exclusive: true });
await rows(db, 'create table if not exists tokens (token integer primary key)');
process.stdout.write('open\n');
setInterval(() => {}, 1000);
await made[0]?.terminate();
