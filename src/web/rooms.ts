// Every page and route of a gateway, in one list: what is served, and what the test of the walls walks.
import type { Clock } from '../clock.ts';
import type { Desk } from '../desk.ts';
import type { Checker } from '../letters/checker.ts';
import type { Log } from '../log.ts';
import type { Db } from '../store/db.ts';
import { apiRoutes } from './api.ts';
import { healthRoutes, type DoorHealth } from './health.ts';
import type { Routes } from './server.ts';
import { templateRoutes } from './template-pages.ts';
import { signInRoutes } from './visitors.ts';

/** What the rooms need; `onLetter`: a letter waits in the outbox. */
export interface RoomOptions {
  db: Db;
  desk: Desk;
  /** Tries templates, where they can harm nothing. */
  checker: Checker;
  doors: () => DoorHealth;
  log: Log;
  now: Clock;
  onLetter: () => void;
}

/** All routes; who is signed in is known from the first on. */
export function rooms(options: RoomOptions): Routes[] {
  return [signInRoutes(options), healthRoutes(options), templateRoutes(options), apiRoutes(options)];
}
