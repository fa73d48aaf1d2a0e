// Transactions in each other's way (40001, 40P01) are decided anew as a whole, five times at most; then the work waits, and nothing is counted
// against it (TRUST F9). A trigger plays the other transaction; its sequence is not rolled back, so it is in the way exactly so often.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certainly } from '../../src/command/certain.ts';
import { receiveNext } from '../../src/intake/receive.ts';
import { rows } from '../../src/store/db.ts';
import { mailText, startDesk, type TestDesk } from '../intake/desk.ts';
import { whyMissing } from '../servers/programs.ts';

const missing = whyMissing('postgres');

describe.skipIf(missing)(
  `transactions in each other's way${missing ? ` (${missing})` : ''}`,
  { timeout: 60_000 },
  () => {
    let desk: TestDesk;
    beforeAll(async () => {
      desk = await startDesk();
      await rows(desk.db, 'create sequence meetings');
      await rows(desk.db, 'create table way (times integer, state text)');
      await rows(desk.db, `insert into way values (0, '')`);
      await rows(
        desk.db,
        `create function in_the_way() returns trigger language plpgsql as $$ begin
         if nextval('meetings') <= (select times from way) then
           raise exception 'in the way' using errcode = (select state from way);
         end if;
         return new;
       end $$`,
      );
      await rows(desk.db, 'create trigger way before insert on cases for each row execute function in_the_way()');
    });
    afterAll(() => desk?.stop());
    async function inTheWay(times: number, state: string): Promise<void> {
      await rows(desk.db, 'update way set times = :times, state = :state', { times, state });
      await rows(desk.db, 'alter sequence meetings restart');
    }
    const receive = () => receiveNext({ db: desk.db, desk: desk.desk, parser: desk.parser, now: () => desk.clock.now });
    const mail = (word: string) =>
      desk.store(mailText({ Subject: word, From: `${word}@${word}.example` }, `About ${word}.`));
    const state = async (id: string) =>
      (await rows(desk.db, 'select disposition, attempts from inbound where id = :id', { id }))[0];

    it.each(['40001', '40P01'])('%s: a mail is decided the sixth time', async (code) => {
      const id = await mail(`m${code.toLowerCase()}`);
      await inTheWay(5, code);
      expect(await receive()).toMatchObject({ disposition: 'opened' });
      expect(await state(id)).toEqual({ disposition: 'opened', attempts: 0 });
    });

    it('six times: the mail waits, uncounted, and is decided when nobody is in the way', async () => {
      const id = await mail('patient');
      await inTheWay(6, '40001');
      await expect(receive()).rejects.toMatchObject({ code: '40001' });
      expect(await state(id)).toEqual({ disposition: null, attempts: 0 });
      expect(await receive()).toMatchObject({ disposition: 'opened' });
    });

    it('a command is carried out the sixth time, and says so when not even then', async () => {
      await rows(desk.db, 'create table acts (act text)');
      await rows(desk.db, 'create trigger way before insert on acts for each row execute function in_the_way()');
      const act = () =>
        certainly(desk.db, 'case 1', (trx) => rows(trx, `insert into acts values ('done') returning act`));
      await inTheWay(5, '40P01');
      expect(await act()).toEqual([{ act: 'done' }]);
      await inTheWay(6, '40P01');
      await expect(act()).rejects.toThrow(/^case 1: .*in the way.*; nothing was changed, run it again$/);
      expect(await rows(desk.db, 'select count(*) from acts')).toEqual([{ count: 1 }]);
    });

    it('a command whose connection ends in the midst of its COMMIT was not carried out, and says so', async () => {
      await rows(desk.db, 'create table last_acts (act text)');
      await rows(
        desk.db,
        `create function ends() returns trigger language plpgsql as $$ begin
         perform pg_terminate_backend(pg_backend_pid());
         return null;
       end $$`,
      );
      // Deferred: it runs when everything else is done and only the COMMIT is left.
      await rows(
        desk.db,
        'create constraint trigger ends after insert on last_acts deferrable initially deferred for each row execute function ends()',
      );
      const act = certainly(desk.db, 'case 1', (trx) => rows(trx, `insert into last_acts values ('never')`));
      await expect(act).rejects.toThrow(
        /^case 1: the database was lost on the way .*; nothing was changed, run it again$/,
      );
      expect(await rows(desk.db, 'select act from last_acts')).toEqual([]);
    });
  },
);
