// Stands between us and any server and does to the connection what networks do: cuts it after so many bytes, delays it, swallows it without a
// word, hands it over in small pieces, swallows only the replies. The faults of TRUST.md section 2 that need a broken wire use this.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** Which way bytes flow: `up` from the client to the server, `down` back. */
export type Direction = 'up' | 'down';

/**
 * What is done to the bytes of one connection. All parts may be combined; `{}` passes everything on.
 * - `refuse`: new connections are reset at once.
 * - `blackhole`: bytes of these directions vanish, the connection stays open (no RST, no FIN: a dead IDLE).
 * - `cut`: after `bytes` of that direction (0: before the first) the sender is reset; the receiver still gets those bytes, then the end.
 * - `cutAfter`: the same once `text` has passed (with `once`: after that one on the same connection): it reaches the receiver, the reply to it
 *   never comes back.
 * - `delayMs`: each chunk waits this long. `pieceBytes`: chunks are written in pieces of this size, `pieceDelayMs` apart.
 */
export type Fault = {
  refuse?: boolean;
  blackhole?: Direction[];
  cut?: { direction: Direction; bytes: number };
  cutAfter?: { direction: Direction; text: string; once?: string };
  delayMs?: number;
  pieceBytes?: number;
  pieceDelayMs?: number;
};

/** A running proxy. */
export type TcpProxy = {
  port: number;
  /** Connections accepted so far. */
  connections(): number;
  /** How often `cut` or `cutAfter` has struck. */
  cuts(): number;
  /** From the next chunk on, on open connections too; counters of `cut` start anew with each connection. */
  fault(fault: Fault): void;
  /** Points new connections to another port, as a failover does. */
  repoint(port: number): void;
  /** Resets every open connection. */
  cutAll(): void;
  /** Swallows both directions of every connection now open, as a NAT does that forgot them; new ones are not touched. The answer resets them. */
  strandAll(): () => void;
  stop(): Promise<void>;
};

/** Starts a proxy on a free port of 127.0.0.1 in front of 127.0.0.1:`target`. */
export async function startTcpProxy(target: number, first: Fault = {}): Promise<TcpProxy> {
  const pairs = new Set<() => void>();
  const stranded = new WeakSet<() => void>();
  const swallow: Fault = { blackhole: ['up', 'down'] };
  let current = first;
  let goal = target;
  let accepted = 0;
  let cuts = 0;
  const struck = () => void (cuts += 1);

  const server = createServer({ noDelay: true }, (client) => {
    accepted += 1;
    if (current.refuse) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: '127.0.0.1', port: goal, noDelay: true });
    const reset = () => {
      pairs.delete(reset);
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    };
    const fault = () => (stranded.has(reset) ? swallow : current);
    pairs.add(reset);
    pump({ from: client, to: upstream, direction: 'up', fault, reset, struck });
    pump({ from: upstream, to: client, direction: 'down', fault, reset, struck });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => accepted,
    cuts: () => cuts,
    fault: (fault) => void (current = fault),
    repoint: (port) => void (goal = port),
    cutAll: () => pairs.forEach((reset) => reset()),
    strandAll() {
      const forgotten = [...pairs];
      forgotten.forEach((reset) => stranded.add(reset));
      return () => forgotten.forEach((reset) => reset());
    },
    async stop() {
      const closed = new Promise((done) => server.close(done));
      pairs.forEach((reset) => reset());
      await closed;
    },
  };
}

type Pump = {
  from: Socket;
  to: Socket;
  direction: Direction;
  fault: () => Fault;
  reset: () => void;
  struck: () => void;
};

function pump({ from, to, direction, fault, reset, struck }: Pump): void {
  let passed = 0;
  let recent = '';
  let armed = false;
  // One chunk after the other, whatever delays are set: TCP never reorders.
  let turn: Promise<void> = Promise.resolve();

  // A reset to the receiver could overtake bytes it has not read yet; the end of the stream cannot.
  function cutHere(): void {
    struck();
    from.resetAndDestroy();
    to.removeAllListeners('data');
    to.resume();
    to.end();
  }
  async function pass(chunk: Buffer): Promise<void> {
    const { blackhole, cut, cutAfter, delayMs, pieceBytes = chunk.length, pieceDelayMs } = fault();
    if (blackhole?.includes(direction)) return;
    if (delayMs) await pause(delayMs);
    const allowed = cut?.direction === direction ? Math.max(0, cut.bytes - passed) : Infinity;
    const part = chunk.subarray(0, Math.min(chunk.length, allowed));
    for (let at = 0; at < part.length; at += pieceBytes) {
      // A fault that is over does not go on dripping what it has in hand.
      const rest = fault().pieceBytes === undefined ? part.length : at + pieceBytes;
      await write(to, part.subarray(at, rest));
      if (rest === part.length) break;
      if (pieceDelayMs) await pause(pieceDelayMs);
    }
    passed += part.length;
    if (chunk.length >= allowed) return cutHere();
    if (cutAfter?.direction !== direction) return;
    const { text, once = '' } = cutAfter;
    recent = (recent + chunk.toString('latin1')).slice(-Math.max(text.length, once.length) - chunk.length);
    armed ||= recent.includes(once);
    if (armed && recent.includes(text)) cutHere();
  }
  from.on('data', (chunk: Buffer) => {
    from.pause();
    turn = turn.then(() => pass(chunk)).finally(() => from.resume());
  });
  from.on('error', () => {});
  from.on('end', () => void turn.then(() => fault().blackhole?.includes(direction) || to.end()));
  from.on('close', () => {
    // A peer that vanishes behind a black hole is not heard of by the other side.
    if (from.errored && !fault().blackhole?.includes(direction)) reset();
  });
}

/** Writes one piece and waits until the system has it, so that a following reset cannot overtake it in our own buffer. */
function write(socket: Socket, piece: Buffer): Promise<void> {
  return new Promise((written) => {
    if (socket.destroyed) return written();
    socket.write(piece, () => written());
  });
}
