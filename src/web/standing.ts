// Whether people can sign in at all, and where: links in letters come from the configuration and never from a request (TRUST B63).
import type { Config } from '../config.ts';
import { loopback } from '../config-reading.ts';

/** Open at an origin (`https://help.example.com`), with cookies for https only or not; or closed, and why, in a sentence for the admin. */
export type SignInStanding = { open: true; origin: string; secure: boolean } | { open: false; because: string };

/** What the configuration allows. */
export function signInStanding({ publicUrl, smtp }: Pick<Config, 'publicUrl' | 'smtp'>): SignInStanding {
  const closed = (because: string): SignInStanding => ({ open: false, because });
  if (publicUrl === null)
    return closed('publicUrl is not set in casepost.yaml; write the address that people open these pages at');
  if (smtp === null) return closed('smtp: is not set in casepost.yaml, so no link can be mailed');
  const { protocol, origin, pathname, hostname } = new URL(publicUrl);
  if (pathname !== '/')
    return closed(`publicUrl ends with the path ${pathname}; these pages need a host of their own, without a path`);
  const secure = protocol === 'https:';
  if (!secure && !loopback(hostname.replaceAll(/[[\]]/g, '')))
    return closed('publicUrl begins with http:, which anybody on the way can read; write https:');
  return { open: true, origin, secure };
}
