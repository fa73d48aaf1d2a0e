// Runs PGlite off the main thread, so that a long query never stops the event loop of the gateway.
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

const { folder, socketPath } = workerData as { folder: string; socketPath: string };
/** The gateway's one connection and a few of the command line's. */
const connectionsMax = 8;

try {
  const db = await PGlite.create(folder);
  const server = new PGLiteSocketServer({ db, path: socketPath, maxConnections: connectionsMax });
  await server.start();
  parentPort?.on('message', () => {
    void (async () => {
      await server.stop();
      await db.close();
      parentPort?.postMessage({ word: 'closed' });
    })();
  });
  parentPort?.postMessage({ word: 'ready' });
} catch (error) {
  parentPort?.postMessage({ word: 'failed', error: (error as Error).message });
}
