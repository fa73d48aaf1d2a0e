// What a gateway is given to do so that it passes each of its awaits: one kind of work for each way through the house. Each leaves its work
// while no gateway runs; some take part while one does.
import type { Program } from '../story/program.ts';
import { until } from '../story/until.ts';
import { firstMail } from '../story/writing.ts';
import {
  addsWords,
  at,
  bounce,
  engineerAnswers,
  engineerAnswersFirst,
  newMail,
  reply,
  stepComesDue,
  warningComesDue,
} from './mails.ts';
import { processedFolder, type World } from './world.ts';

/** A kind of work. */
export interface Work {
  name: string;
  /** Leaves the work. */
  put(world: World): Promise<void>;
  /** What happens to the gateway while it runs; may end early when the gateway does. */
  meanwhile?(world: World, program: Program): Promise<void>;
  /** Makes the world well again after the gateway is gone. */
  heal?(world: World): Promise<void>;
  /** When all that the work brings has happened; by default when nothing is left to do. */
  done?(world: World, program: Program): Promise<void>;
}

const awaySeconds = 4;
/** Two letters are tried at once; the third greeting is the second drain's. */
const downGreetings = 3;

/** Works on a database without any mail. */
export const untouched: Work[] = [
  {
    name: 'an empty database',
    async put({ desk, sent }) {
      if (sent.length > 0) throw new Error('an empty database comes first, before any mail');
      await desk.rows('drop schema public cascade; create schema public');
      const imap = await desk.dovecot.client();
      await imap.mailboxDelete(processedFolder).catch(() => {});
      await imap.logout();
    },
  },
  { name: 'nothing to do', put: async () => {} },
];

/** Works of a desk that has its pool of cases. */
export const works: Work[] = [
  { name: 'a mail by IMAP', put: (world) => newMail(world, 'imap') },
  { name: 'a mail by LMTP', put: (world) => newMail(world, 'lmtp') },
  {
    name: 'a mail by LMTP whose 250 was lost',
    async put(world) {
      const token = world.token();
      const raw = firstMail({ from: at('')(token), subject: 'Twice', text: token, headers: { 'X-Token': token } });
      world.byLmtp(token, raw, 2);
    },
  },
  {
    name: 'mails by LMTP that are handed over at once',
    async put(world) {
      for (let mail = 0; mail < 8; mail += 1) await newMail(world, 'lmtp');
    },
  },
  {
    name: 'a customer with incidents',
    put: (world) => newMail(world, 'imap', { from: (token) => `${token}@paid.test` }),
  },
  { name: 'a letter refused for good', put: (world) => newMail(world, 'imap', { from: at('refused-') }) },
  { name: 'a letter refused for now', put: (world) => newMail(world, 'imap', { from: at('later-') }) },
  {
    name: 'a letter in trouble',
    async put({ desk }) {
      await desk.rows(
        `update outbox set state = 'failed', sent_at = null, last_error = '550 5.1.1 nobody of that name' where id = (
           select min(id) from outbox where kind = 'acknowledgment' and state = 'sent' and recipient not like 'pool-%' and recipient not like 'unanswered-%')`,
      );
    },
  },
  {
    name: 'three mails of one conversation',
    async put(world) {
      const from = `${world.token()}@burst.test`;
      for (let mail = 0; mail < 3; mail += 1) await newMail(world, 'imap', { from: () => from });
    },
  },
  {
    name: 'a storm of one text',
    async put(world) {
      const from = `${world.token()}@storm.test`;
      const text = 'The disk of the host is full again, please look after it as soon as you can.';
      for (let mail = 0; mail < 6; mail += 1) await newMail(world, 'imap', { from: () => from, text });
    },
  },
  {
    name: 'a mail that we fail on, and one behind it',
    async put(world) {
      const from = `poison-${world.token()}@poison.test`;
      await newMail(world, 'imap', { from: () => from });
      await newMail(world, 'imap', { from: () => from });
    },
    // The tries that follow come after the hours that pass.
    done: async ({ desk }) =>
      void (await until('both are put off', async () => {
        const waiting = await desk.rows(
          `select 1 from inbound where disposition is null and next_at > clock_timestamp()`,
        );
        return waiting.length >= 2;
      })),
  },
  { name: 'a mail that we failed on before', put: (world) => newMail(world, 'imap', { from: at('parked-') }) },
  { name: 'an engineer’s answer with a file', put: (world) => engineerAnswers(world) },
  // More than is read from the database at once, as a mail and as the letter made of it.
  { name: 'an engineer’s answer with a large file', put: (world) => engineerAnswers(world, 60_000) },
  { name: 'an engineer’s first answer', put: engineerAnswersFirst },
  { name: 'more of a customer whom nobody has answered', put: addsWords },
  { name: 'RESOLVED', put: (world) => reply(world, 'RESOLVED') },
  { name: 'a step that is due', put: async (world) => void (await stepComesDue(world)) },
  {
    name: 'a step that is due before our letter has left',
    async put(world) {
      const caseNumber = await stepComesDue(world);
      await world.desk.rows(
        `update outbox set state = 'waiting', sent_at = null, next_at = clock_timestamp() + interval '1 hour'
         where id = (select max(id) from outbox where case_number = $1 and kind = 'answer')`,
        [caseNumber],
      );
    },
  },
  {
    name: 'a step that we fail on',
    async put(world) {
      await world.desk.rows('insert into crash_faults values ($1)', [await stepComesDue(world)]);
    },
    heal: async (world) => void (await world.desk.rows('delete from crash_faults')),
  },
  { name: 'a warning that is due', put: async (world) => void (await warningComesDue(world)) },
  {
    name: 'a warning that we fail on',
    async put(world) {
      await world.desk.rows('insert into crash_faults values ($1)', [await warningComesDue(world)]);
    },
    heal: async (world) => void (await world.desk.rows('delete from crash_faults')),
  },
  { name: 'a bounce', put: bounce },
  {
    name: 'a peer that takes nothing',
    async put(world) {
      await newMail(world, 'imap');
      Object.assign(world.peer, { down: true, greeted: 0 });
    },
    done: async (world) =>
      void (await until('the peer was asked twice', () => world.peer.greeted >= downGreetings, 30)),
    heal: async (world) => void (world.peer.down = false),
  },
  {
    name: 'a database that goes away',
    put: (world) => newMail(world, 'lmtp'),
    async meanwhile(world, program) {
      await program.says(/mail \d+: opened/).catch(() => {});
      await world.databaseAway(true);
      // A look at the folder that finds something to store, while it can not be stored.
      await newMail(world, 'imap');
      await until('it has ended', () => !program.running(), awaySeconds).catch(() => {});
      await world.databaseAway(false);
    },
    heal: (world) => world.databaseAway(false),
  },
  {
    name: 'a mail server that goes away',
    put: (world) => newMail(world, 'imap'),
    async meanwhile(world, program) {
      const { desk } = world;
      await program.says(/mail \d+: opened/).catch(() => {});
      await desk.dovecot.kill9();
      world.kills += 1;
      await until('it has ended', () => !program.running(), awaySeconds).catch(() => {});
      await desk.dovecot.start();
    },
  },
  {
    name: 'being told to stop',
    put: (world) => newMail(world, 'imap'),
    async meanwhile(_, program) {
      await program.says(/mail \d+: opened/).catch(() => {});
      if (program.running()) process.kill(program.pid, 'SIGTERM');
    },
    done: async (_, program) => void (await until('it has stopped', () => !program.running(), 15)),
  },
];
