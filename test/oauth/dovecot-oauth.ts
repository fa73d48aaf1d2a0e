// A real Dovecot that also takes access tokens (XOAUTH2 and OAUTHBEARER): it asks the token server whose a token is, each time.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import type { TokenServer } from './token-server.ts';

/** Starts it with the user `support`; `mechanisms` are those for tokens that it offers. */
export async function startOAuthDovecot(
  server: Pick<TokenServer, 'url'>,
  mechanisms: ('xoauth2' | 'oauthbearer')[] = ['xoauth2', 'oauthbearer'],
): Promise<Dovecot> {
  const folder = await mkdtemp(join(tmpdir(), 'casepost-oauth-'));
  await chmod(folder, 0o755);
  const settings = join(folder, 'oauth.conf.ext');
  await writeFile(
    settings,
    `introspection_url = ${server.url}/tell\nintrospection_mode = post\nusername_attribute = email\nactive_attribute = active\nactive_value = true\n`,
  );
  const dovecot = await startDovecot({
    extra: `auth_mechanisms = plain login ${mechanisms.join(' ')}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${settings}
}
`,
  });
  return {
    ...dovecot,
    async stop() {
      await dovecot.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
