// Whether this gateway carries mail, for a monitor: /health answers within two seconds whatever is away, 200 while everything that carries mail
// works and 503 otherwise; /alarms shows people what is open: admins, once people can sign in. Until then everybody, and always for /health, which is
// why both hold numbers, ids and our own words only (TRUST T27).
import { readFile } from 'node:fs/promises';
import { pause } from '../bell.ts';
import type { Clock, Instant } from '../clock.ts';
import type { Desk } from '../desk.ts';
import { withoutAddresses } from '../log.ts';
import { openAlarms, type Alarm } from '../store/alarms.ts';
import { worldFailed, type Db } from '../store/db.ts';
import { readStanding, type Standing } from '../store/standing.ts';
import type { Access } from './access.ts';
import type { PageView } from './page.ts';
import type { Routes } from './server.ts';
import { signInStanding } from './standing.ts';

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

/** The routes /health and /alarms, and the style sheet of every page. */
export function healthRoutes(options: {
  db: Db;
  desk: Pick<Desk, 'config'>;
  doors: () => DoorHealth;
  now: Clock;
}): Routes {
  const { db, desk, doors, now } = options;
  const open: { config: { access: Access } } = { config: { access: 'open' } };
  const { admins } = desk.config;
  const guarded = signInStanding(desk.config).open && admins.length > 0;
  return async (server, pages) => {
    const folder = new URL('../../templates/page/', import.meta.url);
    const css = await readFile(new URL('page.css', folder), 'utf8');
    server.get('/health', open, async (_request, reply) => {
      const at = now();
      const health = healthOf(doors(), await hear(db, at), at);
      if (health.status === 'broken')
        void reply.code(503).header('retry-after', String(healthLimits.retryAfterSeconds));
      return reply.send(health);
    });
    server.get('/page.css', open, (_request, reply) => reply.type('text/css; charset=utf-8').send(css));
    server.get('/alarms', guarded ? { config: { access: ['admin'] } } : open, async (request, reply) => {
      const at = now();
      const heard = await hear(db, at);
      const health = healthOf(doors(), heard, at);
      if (heard === null) void reply.code(503).header('retry-after', String(healthLimits.retryAfterSeconds));
      return pages.show(request, reply, 'alarms', pageView(health));
    });
  };
}

function pageView({ alarms, broken, database }: Health): PageView {
  return {
    title: 'Alarms',
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
