// The other side of parser-pool.ts: one thread that reads one mail at a time. Whatever a mail does to it, the gateway's loop stays free.
import { parentPort } from 'node:worker_threads';
import { parseMail } from './parse.ts';

const port = parentPort;
if (!port) throw new Error('parser-worker.ts runs only as a worker thread of parser-pool.ts');
port.on('message', (raw: Uint8Array) => {
  void parseMail(raw).then((mail) => port.postMessage(mail));
});
port.postMessage('ready');
