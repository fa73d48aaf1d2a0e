// Large mails and letters come out of the database slice by slice, and are the same bytes.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rows } from '../../src/store/db.ts';
import { readRaw } from '../../src/store/evidence.ts';
import { claimLetters, wholeLetter } from '../../src/store/outbox.ts';
import { readInSlices } from '../../src/store/raw.ts';
import { startDesk, type TestDesk } from '../intake/desk.ts';
import { whyMissing } from '../servers/programs.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(`large bytes ${missing ?? ''}`, () => {
  let desk: TestDesk;
  beforeAll(async () => {
    desk = await startDesk();
  }, 60_000);
  afterAll(() => desk?.stop());

  const check = (what: string, raw: Buffer): void => {
    test(what, async () => {
      const id = await desk.store(raw);
      expect((await readRaw(desk.db, id))?.equals(raw)).toBe(true);
    });
  };
  check('of no length', Buffer.alloc(0));
  check('of one slice and a bit', randomBytes(2 * 1024 * 1024 + 3));
  check('of three slices to the byte', randomBytes(6 * 1024 * 1024));
  check('that the server compresses', Buffer.alloc(5_000_000, 'The log of the night says nothing.\n'));

  test('of a mail that is gone are null, and of a row that has fewer an error', async () => {
    const id = await desk.store(randomBytes(100));
    expect(await readRaw(desk.db, '0')).toBeNull();
    const more = readInSlices(desk.db, { table: 'inbound', id, bytes: 101 });
    await expect(more).rejects.toThrow(`inbound ${id}: 100 bytes came from byte 0 on, and it had 101 in all`);
  });

  test('of a letter are sent as they were written', async () => {
    const raw = randomBytes(3_000_000);
    await rows(
      desk.db,
      `insert into outbox (key, case_number, kind, message_id, recipient, reverse_path, automatic, proven, subject, text, html, raw, because, state, next_at, created_at)
       values ('one', null, 'answer', 'one', 'ann@customer.example', '', false, true, '', '', '', :raw, '', 'waiting', :now, :now)`,
      { raw, now: desk.clock.now },
    );
    const [letter] = await claimLetters(desk.db, { owner: 'test', limit: 1, leaseSeconds: 60 }, desk.clock.now);
    expect(letter?.raw).toBeNull();
    expect(letter && (await wholeLetter(desk.db, letter)).raw.equals(raw)).toBe(true);
  });
});
