// What a server means by its no: "not now" (too many connections, throttled, a part of it is down) is waited for as long as it says; a wrong
// password is a person's to mend, and asking again soon locks the account (TRUST F24). Gmail and Microsoft 365 say both with one word, NO.
import { errorText } from '../log.ts';

/** A server that tells a longer wait than this is asked earlier. */
const toldSecondsMax = 1800;

/** RFC 5530 3; THROTTLED is Gmail's and Yahoo's. OVERQUOTA is not here: it is also the word for a full processed folder. */
const codes = new Set(['UNAVAILABLE', 'INUSE', 'LIMIT', 'THROTTLED']);

/** The words of those who answer without a code: Gmail, Microsoft 365, Dovecot, Yahoo, in this order. */
const words = [
  /too many simultaneous connections|exceeded (command|bandwidth|command or bandwidth) limits/i,
  /authenticated but not connected|request is throttled|server busy/i,
  /maximum number of connections|too many (connections|sessions)|(connection|session) limit/i,
  /temporary (system|authentication|server)|try again later/i,
];

/**
 * Whether the server asked us to come back later, and after how many seconds where it says so (Microsoft 365: "Suggested Backoff Time: 299961
 * milliseconds", at most `toldSecondsMax`). null: it did not.
 */
export function askedToWait(error: unknown): { toldSeconds: number | null } | null {
  if (!(error instanceof Error)) return null;
  const said = [error.message, wordOf(error, 'responseText'), wordOf(error, 'reason')].join(' ');
  const milliseconds = /backoff time[:=\s]+([0-9]{1,9})/i.exec(said)?.[1];
  if (milliseconds !== undefined) return { toldSeconds: Math.min(Number(milliseconds) / 1000, toldSecondsMax) };
  return codes.has(codeOf(error)) || words.some((pattern) => pattern.test(said)) ? { toldSeconds: null } : null;
}

/** Whether the server said no to the user name or password (or the account is locked): then it is not asked again soon. */
export function loginRefused(error: unknown): boolean {
  const refused = error instanceof Error && 'authenticationFailed' in error && error.authenticationFailed === true;
  return refused && askedToWait(error) === null;
}

/** Whether the server itself answered NO or BAD: the connection is fine, the thing asked for is not. */
export function refusedByServer(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return wordOf(error, 'responseStatus') === 'NO' || wordOf(error, 'responseStatus') === 'BAD';
}

/** What an IMAP failure says to a person: the server's own words where it gave some, its response code (Gmail puts a link there) included. */
export function imapErrorText(error: unknown): string {
  const text = errorText(error);
  // A refused login keeps the whole line with its tag; any other command the text alone.
  const said = wordOf(error, 'response').replace(/^\S+ (NO|BAD) /, '') || wordOf(error, 'responseText');
  const told = said === '' || text.includes(said) ? text : `${text} (${errorText(said)})`;
  return loginRefused(error) ? `login refused: ${told}` : told;
}

/** The response code (RFC 3501 7.1); of a refused FETCH imapflow gives the answer as it was parsed. */
function codeOf(error: Error): string {
  const parsed = 'response' in error ? (error.response as ParsedAnswer | string | null) : null;
  const code = typeof parsed === 'object' ? parsed?.attributes?.[0]?.section?.[0]?.value : undefined;
  return typeof code === 'string' ? code.toUpperCase() : wordOf(error, 'serverResponseCode');
}

interface ParsedAnswer {
  attributes?: { section?: { value?: unknown }[] }[];
}

function wordOf(error: unknown, key: string): string {
  const found = error instanceof Error ? (error as Error & Record<string, unknown>)[key] : undefined;
  return typeof found === 'string' ? found : '';
}
