// Finds free loopback ports for test servers and waits until somebody answers on them. A port is free when the system hands it out; between
// that and the server's own bind another process may take it, so the servers start again on new ports when they fail to come up.
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const pollMilliseconds = 10;
const greetingMillisecondsMax = 5000;

/** `count` different TCP ports on 127.0.0.1 that nobody listens on at this moment. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((listening, failed) => {
        server.once('error', failed);
        server.listen(0, '127.0.0.1', listening);
      });
      return (server.address() as AddressInfo).port;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/** Waits until `answers` is true; false when `alive` says the server has ended, or after `seconds`. */
export async function comesUp(
  answers: () => Promise<boolean>,
  alive: () => boolean,
  seconds: number,
): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline && alive()) {
    if (await answers()) return true;
    await pause(pollMilliseconds);
  }
  return false;
}

/** Whether the server on 127.0.0.1:`port` sends its greeting: only then its child process is ready to be used, and to be ended in order. */
export function greets(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(greetingMillisecondsMax, () => socket.destroy());
    socket.once('data', () => {
      answer(true);
      socket.destroy();
    });
    socket.once('error', () => {});
    socket.once('close', () => answer(false));
  });
}
