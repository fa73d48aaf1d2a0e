// One SMTP session hangs with a letter in it, as with a peer that greylists by silence: the other letters leave meanwhile (TRUST P12), and a
// database that goes in that very moment does not end the gateway.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';
import { startTcpProxy, type TcpProxy } from '../servers/tcp-proxy.ts';
import { aDesk, type Desk, ines } from './desk.ts';
import { type Program, startCasepost } from './program.ts';
import { until } from './until.ts';
import { firstMail } from './writing.ts';

const missing = whyMissing('postgres', 'dovecot');
const stalled = 'stalled@slow.test';
const othersWaitSecondsMax = 10;
const delayMs = 300;

describe.skipIf(missing)(
  `a peer that hangs with one letter${missing ? ` (${missing})` : ''}`,
  { timeout: 60_000 },
  () => {
    let database: TestDatabase;
    let proxy: TcpProxy;
    let desk: Desk;
    let gateway: Program;
    beforeAll(async () => {
      database = await sharedDatabase('stalled');
      const target = new URL(database.url);
      proxy = await startTcpProxy(Number(target.port));
      target.port = String(proxy.port);
      desk = await aDesk({ databaseUrl: target.href });
      desk.databaseUrl = database.url;
      gateway = await startCasepost(['start', '-c', desk.config]);
    });
    afterAll(async () => {
      await gateway?.kill9();
      await proxy?.stop();
      await desk?.stop();
      await database?.drop();
    });

    async function arrives(from: string): Promise<void> {
      await desk.dovecot.append(
        firstMail({ from, subject: `Matter of ${from}`, text: `About the matter of ${from}.` }),
      );
    }
    /** The letters that reached the dot, whatever the peer answered. */
    function began(recipient: string): number {
      return desk.peer.letters.filter(({ recipients }) => recipients.includes(recipient)).length;
    }

    it('the letters of others leave while one session hangs', async () => {
      desk.peer.behave(({ verb, recipients }) =>
        verb === 'DOT' && recipients.includes(stalled) ? 'stall' : undefined,
      );
      await arrives(stalled);
      await until('the session hangs', () => began(stalled) === 1);
      await desk.letterTo(ines);
      for (const from of ['one@prompt.test', 'two@prompt2.test', 'three@prompt3.test']) {
        await arrives(from);
        await desk.letterTo(from, { seconds: othersWaitSecondsMax });
      }
      expect(began(stalled)).toBe(1);
    });

    it('the database goes while a letter hangs: the gateway lives, and works when it is back', async () => {
      let release: () => void = () => {};
      const released = new Promise<void>((resolve) => (release = resolve));
      const from = 'held@prompt4.test';
      desk.peer.behave(async ({ verb, recipients }) => {
        if (verb !== 'DOT') return undefined;
        if (recipients.includes(stalled)) return 'stall';
        if (recipients.includes(from)) await released;
        return undefined;
      });
      await arrives(from);
      await until('the letter waits for its answer', () =>
        desk.peer.commands.some((line) => line.includes(`RCPT TO:<${from}>`)),
      );
      await desk.letterTo(ines, { count: 5 });
      gateway.log.length = 0;
      // After its record the postbox asks for the next letter; slowed down, that question is under way when the connection is cut.
      proxy.fault({ delayMs });
      release();
      await gateway.says(/^letter \d+: accepted/);
      proxy.fault({ refuse: true });
      proxy.cutAll();
      const tries = proxy.connections();
      await until('the database was asked again', () => !gateway.running() || proxy.connections() >= tries + 2);
      expect(gateway.running()).toBe(true);
      proxy.fault({});
      await arrives('after@prompt5.test');
      await desk.letterTo('after@prompt5.test', { seconds: 40 });
    });
  },
);
