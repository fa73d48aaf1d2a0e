// kill -9 of the gateway at random moments under load, by both doors (IMAP and LMTP): every mail is one row and one case, every
// acknowledgment leaves, and copies of it are the same bytes (TRUST P1–P3). A failure prints the seed that shows it again.
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../servers/ports.ts';
import { whyMissing } from '../servers/programs.ts';
import { aDesk, type Desk } from './desk.ts';
import { type Program, startCasepost } from './program.ts';
import { until } from './until.ts';
import { firstMail } from './writing.ts';

const missing = whyMissing('postgres', 'dovecot');
const kills = 15;
const mailsPerKill = 4;
/** A start takes about so long. */
const startMilliseconds = 1500;
/** A mail is decided, and its two letters leave. */
const workLine = /^(mail|letter) /;
const linesPerMail = 3;
const afterLineMillisecondsMax = 30;
const retryMilliseconds = 50;
const seed = Number(process.env['CASEPOST_TEST_SEED']) || Temporal.Now.instant().epochMilliseconds % 2 ** 31;

describe.skipIf(missing)(
  `kill -9 under load, seed ${seed}${missing ? ` (${missing})` : ''}`,
  { timeout: 400_000 },
  () => {
    let desk: Desk;
    let gateway: Program | null = null;
    let lmtpPort: number;
    const tokens: string[] = [];
    const handedOver: Promise<void>[] = [];
    const moments: string[] = [];
    beforeAll(async () => {
      [lmtpPort] = (await freePorts(1)) as [number];
      desk = await aDesk({ listen: `  lmtp: { port: ${lmtpPort} }` });
    });
    afterAll(async () => {
      await gateway?.kill9();
      await desk?.stop();
    });

    it(`survives ${kills} kills, each at a moment of its own`, async () => {
      const random = chance(seed);
      for (let kill = 0; kill < kills; kill += 1) {
        for (let mail = 0; mail < mailsPerKill; mail += 1) {
          const token = `token${tokens.length}x${Math.floor(random() * 1e9)}`;
          tokens.push(token);
          const raw = tokenMail(token);
          handedOver.push(mail % 2 === 0 ? desk.dovecot.append(raw).then(() => {}) : overLmtp(lmtpPort, raw, token));
        }
        gateway = await startCasepost(['start', '-c', desk.config], { ready: null });
        // Somewhere in its start, or in the middle of the work: there the log's lines are the milestones, and some milliseconds on top.
        const { log } = gateway;
        if (kill % 3 === 0) await pause(random() * startMilliseconds);
        else {
          const lines = 1 + Math.floor(random() * linesPerMail * mailsPerKill);
          const written = () => log.filter(({ msg }) => workLine.test(msg)).length;
          await until(`${lines} mails decided and letters sent`, () => written() >= lines, 30);
          await pause(random() * afterLineMillisecondsMax);
        }
        await gateway.kill9();
        moments.push(log.at(-1)?.msg ?? 'before the first line');
        await leasesRunOut(desk);
      }
      gateway = await startCasepost(['start', '-c', desk.config]);
      await leasesRunOut(desk);
      await Promise.all(handedOver);
      await until('every mail is decided and every letter has left', () => settled(desk, tokens.length), 240);
      // Kills that all fell before the work began would prove nothing.
      expect(moments.filter((moment) => workLine.test(moment)).length, moments.join('; ')).toBeGreaterThan(kills / 3);
    });

    it('every mail delivered is exactly one row and one case', async () => {
      const stored = await desk.rows<{ raw: Buffer; disposition: string; case_number: string }>(
        'select raw, disposition, case_number from inbound',
      );
      expect(stored.map(({ raw }) => tokenIn(raw)).sort()).toEqual([...tokens].sort());
      expect(new Set(stored.map(({ disposition }) => disposition))).toEqual(new Set(['opened']));
      expect(new Set(stored.map(({ case_number }) => case_number)).size).toBe(tokens.length);
      const [cases] = await desk.rows<{ count: string }>('select count(*) from cases');
      expect(Number(cases?.count)).toBe(tokens.length);
    });

    it('every customer has the acknowledgment; copies are the same bytes and no more than the kills explain', () => {
      for (const token of tokens) {
        const copies = desk.lettersTo(addressOf(token));
        expect(copies.length, token).toBeGreaterThanOrEqual(1);
        expect(copies.length, token).toBeLessThanOrEqual(1 + kills);
        expect(new Set(copies.map(({ raw }) => createHash('sha256').update(raw).digest('hex'))).size, token).toBe(1);
      }
      const ids = desk.peer.accepted().map(({ raw }) => /^message-id: *(.*)\r$/im.exec(raw.toString('latin1'))?.[1]);
      const letters = 2 * tokens.length;
      expect(new Set(ids).size).toBeLessThanOrEqual(letters);
      expect(ids.length).toBeLessThanOrEqual(letters + kills * connectionsDefault);
    });

    it('on the server every mail is \\Seen and moved, none is left', async () => {
      await until('INBOX is empty', async () => (await desk.counted('INBOX')).messages === 0);
      expect(await desk.counted('Processed')).toEqual({ messages: Math.ceil(tokens.length / 2), unseen: 0 });
    });
  },
);

/** Letters that may be on their way at the moment of one kill: config-schema's default of `connections`. */
const connectionsDefault = 3;

function tokenMail(token: string): string {
  return firstMail({ from: addressOf(token), subject: `Restore of ${token}`, text: `The restore of ${token} fails.` });
}

/** Each sender has a domain of its own: the caps per domain are another story's. */
function addressOf(token: string): string {
  return `someone@${token}.test`;
}

function tokenIn(raw: Buffer): string {
  return /someone@(token\w+)\.test/.exec(raw.toString('latin1'))?.[1] ?? '';
}

/** Hands over as an MTA does: again and again until a 250 was read. */
async function overLmtp(port: number, raw: string, token: string): Promise<void> {
  for (;;) {
    const transport = createTransport({ host: '127.0.0.1', port, lmtp: true, ignoreTLS: true });
    try {
      const sent = await transport.sendMail({ envelope: { from: addressOf(token), to: ['support@desk.test'] }, raw });
      if (sent.accepted.length === 1) return;
    } catch {
      // Nobody listens, or the gateway died in the middle: an MTA keeps the mail.
    } finally {
      transport.close();
    }
    await pause(retryMilliseconds);
  }
}

/** The gateway is dead, so its claims count for nothing any more: what a minute's waiting would do. */
async function leasesRunOut(desk: Desk): Promise<void> {
  await desk
    .rows(`update outbox set lease_until = clock_timestamp() where state = 'waiting' and lease_until is not null`)
    .catch(() => {});
  await desk.rows(`update inbound set marker_until = clock_timestamp() where marked_at is null`).catch(() => {});
}

async function settled(desk: Desk, mails: number): Promise<boolean> {
  const [left] = await desk.rows<{ stored: string; undecided: string; waiting: string }>(
    `select (select count(*) from inbound) as stored, (select count(*) from inbound where disposition is null) as undecided,
       (select count(*) from outbox where state = 'waiting') as waiting`,
  );
  return Number(left?.stored) === mails && left?.undecided === '0' && left.waiting === '0';
}

/** A small generator of numbers from 0 to 1: the same seed, the same moments. */
function chance(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
