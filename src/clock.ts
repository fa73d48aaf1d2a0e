// The only file that asks what time it is. Everything else is handed `now`, so that days can be walked in seconds (--now) and a test owns the calendar.

export type Instant = Temporal.Instant;

/** A source of `now`: the system's clock, or one that starts at a given instant and runs on from there. */
export type Clock = () => Instant;

/** The system's time, to the millisecond (PostgreSQL and mail headers keep no more that matters). */
export const systemClock: Clock = () => Temporal.Instant.fromEpochMilliseconds(Date.now());

/** A clock that stands still at `instant`: the `--now` of the command line. */
export function fixedClock(instant: Instant): Clock {
  return () => instant;
}

/** Milliseconds that only ever grow, for durations and deadlines; never a date. */
export function monotonicMs(): number {
  return performance.now();
}

/** Milliseconds since it was made. A machine that was asleep has lost them on the one clock and not on the other: the longer time counts. */
export function stopwatch(): () => number {
  const [monotonic, wall] = [monotonicMs(), Date.now()];
  return () => Math.max(monotonicMs() - monotonic, Math.abs(Date.now() - wall));
}

/**
 * Reads the text of `--now`: an ISO 8601 instant with a zone (`2026-03-02T09:00Z`), or a date-time in a named zone
 * (`2026-03-29T02:30[Europe/Berlin]`). Throws a RangeError that names what was found and what is allowed.
 */
export function readInstant(text: string): Instant {
  try {
    return text.includes('[') ? Temporal.ZonedDateTime.from(text).toInstant() : Temporal.Instant.from(text);
  } catch {
    throw new RangeError(
      `"${text}" is not an instant; write it like 2026-03-02T09:00Z or 2026-03-02T09:00[Europe/Berlin]`,
    );
  }
}
