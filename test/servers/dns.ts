// A DNS server of the tests: answers TXT, MX and A over UDP on a loopback port from a table (RFC 1035), and says of everything else that it does
// not exist. What was asked is kept, so that a test can see that it was asked here and nowhere else.
import { createSocket } from 'node:dgram';

/** Records by "TYPE name": texts (any length), `10 mx.example` or an IPv4 address. */
export type DnsTable = Record<string, string[]>;

/** A running server; `asked` grows by "TYPE name". */
export type DnsServer = { address: string; asked: string[]; stop(): Promise<void> };

const types: Record<number, 'A' | 'MX' | 'TXT'> = { 1: 'A', 15: 'MX', 16: 'TXT' };
const headerBytes = 12;
const secondsToLive = 60;

/** Starts a server on a free port of 127.0.0.1. */
export async function startDns(table: DnsTable): Promise<DnsServer> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, peer) => {
    const { name, type, end } = question(query);
    asked.push(`${types[type] ?? type} ${name}`);
    socket.send(answer(query.subarray(0, end), { name, type }, table), peer.port, peer.address);
  });
  await new Promise<void>((bound, failed) => {
    socket.once('error', failed);
    socket.bind(0, '127.0.0.1', bound);
  });
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    stop: () => new Promise((closed) => socket.close(() => closed())),
  };
}

function question(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = headerBytes;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** The reply to the header and question in `asked`: the records, none of this type (NOERROR), or no such name (NXDOMAIN). */
function answer(asked: Buffer, { name, type }: { name: string; type: number }, table: DnsTable): Buffer {
  const records = table[`${types[type] ?? ''} ${name}`] ?? [];
  const known = Object.keys(table).some((key) => key.endsWith(` ${name}`));
  const header = Buffer.from(asked.subarray(0, headerBytes));
  // A response, recursion desired and available; the last four bits say NXDOMAIN.
  header.writeUInt16BE(0x8180 | (known ? 0 : 3), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  header.writeUInt32BE(0, 8);
  const answers = records.map((record) => {
    const data = dataOf(types[type] ?? 'TXT', record);
    const fixed = Buffer.alloc(12);
    // The name is the question's.
    fixed.writeUInt16BE(0xc000 | headerBytes, 0);
    fixed.writeUInt16BE(type, 2);
    fixed.writeUInt16BE(1, 4);
    fixed.writeUInt32BE(secondsToLive, 6);
    fixed.writeUInt16BE(data.length, 10);
    return Buffer.concat([fixed, data]);
  });
  return Buffer.concat([header, asked.subarray(headerBytes), ...answers]);
}

function dataOf(type: 'A' | 'MX' | 'TXT', record: string): Buffer {
  if (type === 'A') return Buffer.from(record.split('.').map(Number));
  if (type === 'TXT') {
    const pieces = record.match(/[^]{1,255}/g) ?? [''];
    return Buffer.concat(pieces.map((piece) => Buffer.concat([Buffer.from([piece.length]), Buffer.from(piece)])));
  }
  const [preference = '0', host = ''] = record.split(' ');
  const labels = host.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([Buffer.from([0, Number(preference)]), ...labels, Buffer.from([0])]);
}
