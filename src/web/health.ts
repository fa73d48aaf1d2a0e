// Whether this gateway carries mail, for a monitor: /health answers within two seconds whatever is away, 200 while everything that carries mail
// works and 503 otherwise; /alarms shows people what is open. Numbers, ids and our own words only: no sign-in stands before them (TRUST T27).
import { readFile } from 'node:fs/promises';
import Handlebars from 'handlebars';
import { pause } from '../bell.ts';
import type { Clock, Instant } from '../clock.ts';
import { withoutAddresses } from '../log.ts';
import { openAlarms, type Alarm } from '../store/alarms.ts';
import { worldFailed, type Db } from '../store/db.ts';
import { readStanding, type Standing } from '../store/standing.ts';
import type { Routes } from './server.ts';

/** Limits of answering. */
export const healthLimits = {
  /** The database has so long; an answer is due within two seconds. */
  databaseMs: 1500,
  retryAfterSeconds: 30,
  /** A tick comes each minute; one that is missing so long is broken. */
  tickMinutes: 5,
} as const;

/** What one gateway knows of its own doors; `error` texts name no address. */
export interface DoorHealth {
  mailboxes: { id: string; lastLookAt: Instant | null; error: { since: Instant; error: string } | null }[];
  /** null when no `smtp:` is configured. */
  postbox: { error: { since: Instant; error: string } | null } | null;
  lastTickAt: Instant | null;
  startedAt: Instant;
}

/** The answer of /health; `broken` names what does not carry mail now. */
export interface Health {
  status: 'ok' | 'broken';
  broken: string[];
  database: 'ok' | 'away';
  mailboxes: DoorHealth['mailboxes'];
  postbox: {
    paused: boolean;
    error: { since: Instant; error: string } | null;
    waiting: number | null;
    oldestWaitingMinutes: number | null;
    held: number | null;
  } | null;
  mails: { waiting: number | null; oldestWaitingMinutes: number | null };
  lastTickAt: Instant | null;
  alarms: { key: string; since: Instant; text: string }[];
}

/** What the database says; null when it said nothing in time. */
export type Heard = { standing: Standing; alarms: Alarm[] } | null;

/** Puts together what is known. Pure. */
export function healthOf(doors: DoorHealth, heard: Heard, now: Instant): Health {
  const standing = heard?.standing ?? null;
  const minutes = (instant: Instant | null | undefined) =>
    instant ? Math.max(0, Math.floor((now.epochMilliseconds - instant.epochMilliseconds) / 60_000)) : null;
  const ticked = doors.lastTickAt ?? doors.startedAt;
  const broken = [
    ...(heard === null ? ['database'] : []),
    ...doors.mailboxes.filter(({ error }) => error !== null).map(({ id }) => `mailbox ${id}`),
    ...(doors.postbox?.error ? ['postbox'] : []),
    ...((minutes(ticked) ?? 0) >= healthLimits.tickMinutes ? ['tick'] : []),
  ];
  return {
    status: broken.length === 0 ? 'ok' : 'broken',
    broken,
    database: heard === null ? 'away' : 'ok',
    mailboxes: doors.mailboxes,
    postbox: doors.postbox && {
      paused: doors.postbox.error !== null,
      error: doors.postbox.error,
      waiting: standing?.letters.waiting ?? null,
      oldestWaitingMinutes: minutes(standing?.letters.oldestDueAt),
      held: standing?.letters.held ?? null,
    },
    mails: { waiting: standing?.mails.waiting ?? null, oldestWaitingMinutes: minutes(standing?.mails.oldestStoredAt) },
    lastTickAt: doors.lastTickAt,
    alarms: (heard?.alarms ?? []).map(({ key, since, text }) => ({ key, since, text: withoutAddresses(text) })),
  };
}

/** Asks the database, for `databaseMs` at most. */
async function hear(db: Db, now: Instant): Promise<Heard> {
  const signal = new AbortController();
  const asked = Promise.all([readStanding(db, now), openAlarms(db)]).then(
    ([standing, alarms]) => ({ standing, alarms }),
    (error: unknown) => {
      if (worldFailed(error)) return null;
      throw error;
    },
  );
  const late = pause(healthLimits.databaseMs, signal.signal).then(() => null);
  const heard = await Promise.race([asked, late]);
  signal.abort();
  return heard;
}

/** The routes /health and /alarms. */
export function healthRoutes(options: { db: Db; doors: () => DoorHealth; now: Clock }): Routes {
  const { db, doors, now } = options;
  return async (server) => {
    const folder = new URL('../../templates/page/', import.meta.url);
    const css = await readFile(new URL('letters.css', folder), 'utf8');
    const page = Handlebars.create().compile(await readFile(new URL('alarms.hbs', folder), 'utf8'), {
      strict: true,
      knownHelpersOnly: true,
    });
    server.get('/health', async (_request, reply) => {
      const at = now();
      const health = healthOf(doors(), await hear(db, at), at);
      if (health.status === 'broken')
        void reply.code(503).header('retry-after', String(healthLimits.retryAfterSeconds));
      return reply.send(health);
    });
    server.get('/page.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(css));
    server.get('/alarms', async (_request, reply) => {
      const at = now();
      const heard = await hear(db, at);
      const health = healthOf(doors(), heard, at);
      if (heard === null) void reply.code(503).header('retry-after', String(healthLimits.retryAfterSeconds));
      return reply.type('text/html; charset=utf-8').send(page(pageView(health)));
    });
  };
}

function pageView({ alarms, broken, database }: Health): object {
  return {
    away: database === 'away',
    broken: broken.join(', '),
    alarms: alarms.map(({ key, since, text }) => ({
      key,
      text,
      since: since.toString(),
      when: `${since.toZonedDateTimeISO('UTC').toPlainDateTime().toString({ smallestUnit: 'minute' }).replace('T', ' ')} UTC`,
    })),
  };
}
