// Several gateways on one database and the same mailboxes, each cut off from something else in the middle of its work: the database, IMAP, SMTP,
// everything, its own wire, its own processor. What the others do meanwhile is all that has to be done, within a minute; what they do when all is
// back is no mail, case or letter twice (TRUST P2, P3, P11, P13, F30, F40, F41, F42).
import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Namespace, type Networks, startNetworks, whyNoNetworks } from '../servers/networks.ts';
import { type Postgres, startPostgres } from '../servers/postgres.ts';
import { whyMissing } from '../servers/programs.ts';
import { aDesk, type Desk } from '../story/desk.ts';
import { type LogLine, type Program, startCasepost } from '../story/program.ts';
import { until } from '../story/until.ts';
import { firstMail } from '../story/writing.ts';

const missing = whyMissing('postgres', 'dovecot') ?? whyNoNetworks();
const mailsBefore = 24;
const mailsDuring = 8;
/** TRUST P11 and P13. */
const takeoverSecondsMax = 60;
const recoverySecondsMax = 60;
const trickleMilliseconds = 700;
/** Letters that a gateway sends at once: config-schema's default. */
const connections = 3;

/** What happens to each gateway, and how it is undone. */
const fates = {
  healthy: async () => {},
  'without database': ({ network }: Member) => network.cut('database'),
  'without IMAP': ({ network }: Member) => network.cut('imap'),
  'without SMTP': ({ network }: Member) => network.cut('smtp'),
  'in a black hole': ({ network }: Member) => network.cut('database', 'imap', 'smtp'),
  unplugged: ({ network }: Member) => network.unplug(),
  stopped: async ({ program }: Member) => void process.kill(program.pid, 'SIGSTOP'),
};
type Fate = keyof typeof fates;
interface Member {
  fate: Fate;
  network: Namespace;
  program: Program;
}

describe.skipIf(missing)(
  `gateways cut off from each other${missing ? ` (${missing})` : ''}`,
  { timeout: 200_000 },
  () => {
    let networks: Networks;
    let postgres: Postgres;
    let desk: Desk;
    let folder: string;
    const members: Member[] = [];
    const senders: string[] = [];
    beforeAll(async () => {
      networks = await startNetworks();
      folder = mkdtempSync(join(tmpdir(), 'casepost-partition-'));
      chmodSync(folder, 0o755);
      const access = join(folder, 'pg_hba.conf');
      writeFileSync(access, `host all all 127.0.0.1/32 trust\nhost all all ${networks.range} trust\n`);
      const { addresses } = networks;
      const settings = {
        listen_addresses: `127.0.0.1,${addresses.database}`,
        hba_file: access,
        max_connections: '120',
      };
      postgres = await startPostgres({ settings });
      const url = new URL(await postgres.createDatabase('partition'));
      url.hostname = addresses.database;
      desk = await aDesk({ databaseUrl: url.href, hosts: addresses });
      const starting = (Object.keys(fates) as Fate[]).map(async (fate) => {
        const network = await networks.namespace();
        const program = await startCasepost(['start', '-c', desk.config], { within: network.within, ready: null });
        members.push({ fate, network, program });
        await program.says(/casepost is running/, 90);
      });
      await Promise.all(starting);
    }, 120_000);
    afterAll(async () => {
      for (const { program } of members) await program.kill9();
      await desk?.stop();
      await postgres?.stop();
      await networks?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    /** A mail of a sender with a domain of its own. */
    async function arrives(): Promise<void> {
      const from = `person@place${senders.length}.test`;
      senders.push(from);
      const subject = `Matter ${senders.length}`;
      await desk.dovecot.append(firstMail({ from, subject, text: `About matter ${senders.length}, which is new.` }));
    }
    const unanswered = () => senders.filter((sender) => desk.lettersTo(sender).length === 0);
    /** The process of each letter that somebody holds. */
    const holders = async () =>
      (
        await desk.rows<{ pid: string }>(
          `select split_part(claim, ':', 2) as pid from outbox where state = 'waiting' and lease_until > now()`,
        )
      ).map(({ pid }) => pid);

    it('what they hold is taken over within a minute by the one that is left', async () => {
      // The peer keeps back its replies to whole letters until each gateway waits for as many as it may: it can not hear them then, or not record
      // them, or not act. (A letter cut off in its middle has no reply to wait for, and waits five minutes for it: that is RFC 5321, and P3.)
      let waiting = 0;
      let release: () => void = () => {};
      const released = new Promise<void>((resolve) => (release = resolve));
      desk.peer.behave(async ({ verb }) => {
        if (verb !== 'DOT') return undefined;
        waiting += 1;
        await released;
        return undefined;
      });
      for (let mail = 0; mail < mailsBefore; mail += 1) await arrives();
      await until(
        'each gateway waits for replies, and for nothing else',
        async () => {
          const held = await holders();
          return (
            waiting >= connections * members.length && held.length === waiting && new Set(held).size === members.length
          );
        },
        60,
      );
      // These are in somebody's hands, or in nobody's, when it happens.
      for (let mail = 0; mail < mailsDuring; mail += 1) await arrives();
      await Promise.all(members.map((member) => fates[member.fate](member)));
      const began = performance.now();
      release();
      await until('every customer has an acknowledgment', () => unanswered().length === 0, takeoverSecondsMax);
      const deaf = members.find(({ fate }) => fate === 'without SMTP')?.program.pid;
      // It still has its database, and waits for the replies as long as it has to.
      const others = `select 1 from outbox where state <> 'sent' and split_part(claim, ':', 2) is distinct from $1`;
      await until(
        'every letter is recorded but those that wait for a reply',
        async () => (await desk.rows(others, [String(deaf)])).length === 0,
        takeoverSecondsMax - (performance.now() - began) / 1000,
      );
      console.log(`partition: taken over after ${((performance.now() - began) / 1000).toFixed(1)} s`);
    });

    it('once all is back, each works again within a minute', async () => {
      for (const { network, program, fate } of members) {
        program.log.length = 0;
        await network.heal();
        if (fate === 'stopped') process.kill(program.pid, 'SIGCONT');
      }
      const began = performance.now();
      const works = ({ msg }: LogLine) => /^mail \d+: opened|^letter \d+: accepted/.test(msg);
      const idle = () => members.filter(({ program }) => !program.log.some(works)).map(({ fate }) => fate);
      const ends = began + recoverySecondsMax * 1000;
      while (idle().length > 0 && performance.now() < ends) {
        await arrives();
        await new Promise((later) => setTimeout(later, trickleMilliseconds));
      }
      expect(idle()).toEqual([]);
      console.log(`partition: all at work ${((performance.now() - began) / 1000).toFixed(1)} s after healing`);
    });

    it('the end is that of one gateway: a row, a case, an acknowledgment and a flag for every mail', async () => {
      // A letter whose reply was lost for good goes out once more in its minute, which we need not wait for: it has arrived.
      const left = `from outbox where state <> 'sent' and (state <> 'waiting' or unknowns <> 1)`;
      await until('every letter has left', async () => (await desk.rows(`select 1 ${left}`)).length === 0, 60);
      await until('INBOX is empty', async () => (await desk.counted('INBOX')).messages === 0, 60);
      const [counts] = await desk.rows(
        `select (select count(*)::int from inbound) as mails, (select count(*)::int from inbound where disposition = 'opened') as opened,
         (select count(*)::int from cases) as cases, (select count(distinct requester)::int from cases) as requesters,
         (select count(*)::int from outbox where kind = 'acknowledgment') as letters, (select count(*)::int ${left}) as left`,
      );
      const mails = senders.length;
      expect(counts).toEqual({ mails, opened: mails, cases: mails, requesters: mails, letters: mails, left: 0 });
      expect(await desk.counted('Processed')).toEqual({ messages: mails, unseen: 0 });
      // P3: a copy more for a cut in its sending, of the same bytes; a letter begun after the healing has none.
      for (const [index, sender] of senders.entries()) {
        const copies = desk.lettersTo(sender);
        expect(copies.length, sender).toBeLessThanOrEqual(index < mailsBefore + mailsDuring ? 2 : 1);
        expect(new Set(copies.map(({ raw }) => raw.toString('latin1'))).size, sender).toBe(1);
      }
      expect(members.every(({ program }) => program.running())).toBe(true);
    });
  },
);
