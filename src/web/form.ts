// What came with a form or an address: text that was sent once, and paths that stay on these pages.

/** The longest path that is gone back to after signing in. */
export const pathCharsMax = 500;

/** A field of a form or query that was sent once, without blanks around it; '' otherwise. */
export function field(sent: unknown, name: string): string {
  const value = typeof sent === 'object' && sent !== null ? (sent as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value.trim() : '';
}

/** A path of ours to go to after signing in; `/` for anything else (TRUST B64). */
export function pathOf(found: string, origin: string): string {
  if (found.length > pathCharsMax || !/^\/(?![/\\])[^\\\s\p{Cc}]*$/u.test(found)) return '/';
  const ours = URL.canParse(found, origin) && new URL(found, origin).origin === origin;
  return ours && !found.startsWith('/sign-in') ? found : '/';
}
