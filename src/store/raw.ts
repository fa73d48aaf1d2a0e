// The bytes of a stored mail or letter. PostgreSQL tells them as text of twice their length, and pg holds that text two or three times over: a mail of
// 25 MB asked for at once takes 200. A large one is asked for slice by slice.
import { rows, type Db } from './db.ts';

/** So many bytes are asked for at once. */
export const wholeBytesMax = 1024 * 1024;

/** Where the server keeps the bytes compressed it reads all before a slice to give it: the longer the slices, the less of that. */
const sliceBytes = 2 * 1024 * 1024;

/** The `bytes` bytes of a row of `inbound` or `outbox`. Throws when it has fewer, or is gone. */
export async function readInSlices(
  db: Db,
  { table, id, bytes }: { table: 'inbound' | 'outbox'; id: string; bytes: number },
): Promise<Buffer> {
  const raw = Buffer.allocUnsafeSlow(bytes);
  for (let at = 0; at < bytes; at += sliceBytes) {
    const [read] = await rows<{ slice: Buffer }>(
      db,
      `select substring(raw from cast(:from as integer) for cast(:count as integer)) as slice from ${table} where id = :id`,
      { id, from: at + 1, count: Math.min(sliceBytes, bytes - at) },
    );
    const copied = read?.slice.copy(raw, at) ?? 0;
    if (copied !== Math.min(sliceBytes, bytes - at))
      throw new Error(`${table} ${id}: ${copied} bytes came from byte ${at} on, and it had ${bytes} in all`);
  }
  return raw;
}
