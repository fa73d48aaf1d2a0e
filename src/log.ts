// What the doors say while they work: a few lines a person can act on. Default lines carry ids, never addresses, subjects or bodies
// (TRUST T27). A dependency that is away is said once when it goes and once when it is back, not at every try.
import type { Instant } from './clock.ts';

/** The part of a pino logger that we use: fields first, then one sentence. */
export interface Log {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** One dependency's being away or not. */
export interface Outage {
  /** It failed: the first time in a row this is logged, with `error` as the cause; later only remembered. */
  down(error: string, now: Instant): void;
  /** It worked: after a failure this is logged, with how long it was away. */
  up(now: Instant): void;
  /** Since when it is away and why; null while it works. */
  current(): { since: Instant; error: string } | null;
}

/** Watches over one dependency; `what` names it in the log line ("IMAP mail.example.com INBOX"). */
export function outage(log: Log, what: string): Outage {
  let away: { since: Instant; error: string } | null = null;
  return {
    down(error, now) {
      if (away === null) log.error({ what, error }, `${what}: ${error}; we keep trying and say when it is back`);
      away = { since: away?.since ?? now, error };
    },
    up(now) {
      if (away === null) return;
      const seconds = Math.round((now.epochMilliseconds - away.since.epochMilliseconds) / 1000);
      log.info({ what, awaySeconds: seconds }, `${what}: back after ${seconds} s`);
      away = null;
    },
    current: () => away,
  };
}

/** An error's message for a log line or a stored row, cut to `charsMax` and on one line; `code` is put before it when there is one. */
export function errorText(error: unknown, charsMax = 500): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  const message = error instanceof Error ? error.message : String(error);
  return `${code}${message}`.replace(/[\p{Cc}\s]+/gu, ' ').slice(0, charsMax);
}

/** What a server says may name people; a log line, an alarm and a page without sign-in do not (TRUST T27). */
export function withoutAddresses(text: string): string {
  return text.replaceAll(/[^\s<>"'(),;:]+@[^\s<>"'(),;]+/g, '(address)');
}
