// The whole loop with OAuth2 as an operator lives it: sign in once, mail in, letters out; the access is withdrawn, everything waits and the admin is
// told; sign in again, and nothing was lost, doubled or counted. No secret is anywhere it should not be.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dovecot } from '../servers/dovecot.ts';
import { whyMissing } from '../servers/programs.ts';
import { sharedDatabase, type TestDatabase } from '../servers/shared-postgres.ts';
import { startSmtpPeer, type SmtpPeer } from '../servers/smtp-peer.ts';
import { casepost, startCasepost, type Ended, type Program } from '../story/program.ts';
import { until } from '../story/until.ts';
import { firstMail } from '../story/writing.ts';
import { startOAuthDovecot } from './dovecot-oauth.ts';
import { startTokenServer, type TokenServer } from './token-server.ts';

const missing = whyMissing('postgres', 'dovecot');
const env = { CASEPOST_SECRET: 'canary-sealing-secret-of-32-letters', OAUTH_SECRET: 'canary-client-secret' };

describe.skipIf(missing)(`the loop with OAuth2${missing ? ` (${missing})` : ''}`, { timeout: 90_000 }, () => {
  let database: TestDatabase;
  let server: TokenServer;
  let dovecot: Dovecot;
  let peer: SmtpPeer;
  let gateway: Program;
  let client: Client;
  let folder: string;
  /** Everything that was ever printed or logged. */
  const said: string[] = [];
  beforeAll(async () => {
    database = await sharedDatabase('oauth');
    client = new Client({ connectionString: database.url });
    await client.connect();
    server = await startTokenServer();
    server.refreshTokens.clear();
    server.rotates = true;
    dovecot = await startOAuthDovecot(server);
    const users = Object.defineProperty({}, 'support', { get: () => server.accessTokens.at(-1) ?? 'nobody' });
    peer = await startSmtpPeer({ users });
    folder = await mkdtemp(join(tmpdir(), 'casepost-oauth-'));
    await writeFile(
      join(folder, 'casepost.yaml'),
      `company: Example Ltd
database: ${database.url}
secret: "\${CASEPOST_SECRET}"
oauth:
  - { name: office, provider: other, tokenEndpoint: "${server.endpoint}", authorizationEndpoint: "${server.url}/authorize", clientId: desk, clientSecretEnv: OAUTH_SECRET, scope: mail }
mailboxes:
  - { id: support, address: support@desk.test, line: corporate, imap: { host: 127.0.0.1, port: ${dovecot.ports.imap}, security: none, user: support, oauth: office, processedFolder: Processed, pollSeconds: 5 } }
smtp: { host: 127.0.0.1, port: ${peer.port}, security: none, user: support, oauth: office }
`,
    );
  });
  afterAll(async () => {
    await gateway?.kill9();
    await Promise.all([dovecot?.stop(), peer?.stop(), server?.stop()]);
    await client?.end();
    await database?.drop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  async function run(words: string[]): Promise<Ended> {
    const ended = await casepost([...words, '-c', join(folder, 'casepost.yaml')], { env });
    said.push(ended.stdout, ended.stderr);
    return ended;
  }
  /** Signs in as a person does: runs the command, opens its address in a browser, which is led back to it. */
  async function signIn(): Promise<string> {
    const command = await startCasepost(['sign-in', 'office', '--json', '-c', join(folder, 'casepost.yaml')], {
      ready: null,
      env,
    });
    const invitation = JSON.parse((await command.says(/"open"/, 40)).msg) as { open: string };
    const page = await fetch(invitation.open);
    expect(await page.text()).toContain('Casepost has what it needs');
    await until('the command has ended', () => !command.running(), 40);
    said.push(...command.log.map(({ msg }) => msg));
    return command.log.at(-1)?.msg ?? '';
  }
  async function rows<Row>(sql: string): Promise<Row[]> {
    return (await client.query(sql)).rows as Row[];
  }
  const arrives = (word: string) =>
    dovecot.append(firstMail({ from: `${word}@customer.test`, subject: `About ${word}`, text: 'The backup fails.' }));
  const lettersTo = (word: string) =>
    peer.accepted().filter(({ recipients }) => recipients.includes(`${word}@customer.test`));

  it('before anybody signed in, doctor says what to run, and it is an alarm', async () => {
    await run(['migrate']);
    const doctor = await run(['doctor']);
    const told = 'it has no refresh token yet: run "casepost sign-in office"';
    expect(doctor.stdout).toContain(`WRONG  OAuth2 account office: OAuth2 account "office": ${told}`);
    expect(doctor.code).toBe(1);
    expect(await rows('select key from alarms where cleared_at is null')).toEqual([{ key: 'oauth:office' }]);
    expect(server.asked).toEqual([]);
  });

  it('a person signs in once: mail comes in, the acknowledgment goes out, each with a token', async () => {
    expect(JSON.parse(await signIn())).toMatchObject({ account: 'office', scope: expect.anything() as unknown });
    gateway = await startCasepost(['start', '-c', join(folder, 'casepost.yaml')], { env });
    await arrives('ann');
    await until('ann has her acknowledgment', () => lettersTo('ann').length > 0, 50);
    expect(lettersTo('ann')[0]?.user).toBe('support');
    expect(await rows('select key from alarms where cleared_at is null')).toEqual([]);
    const doctor = await run(['doctor']);
    expect(doctor.stdout).toMatch(/ok {5}OAuth2 account office: token valid until \S+, scopes /);
    expect(doctor.stdout).toMatch(/ok {5}IMAP of support: /);
    expect(doctor.stdout).toMatch(/ok {5}SMTP: /);
    expect(doctor.code).toBe(0);
  });

  it('the access is withdrawn: one renewal is refused, the alarm stands, and letters wait uncounted', async () => {
    server.accessTokens.length = 0;
    server.refreshTokens.clear();
    // As if it had been obtained a while ago: a fresh token is not renewed for a refused login.
    await client.query(`update oauth_tokens set obtained_at = obtained_at - interval '10 minutes'`);
    const asked = server.asked.length;
    await dovecot.restart();
    await gateway.says(/OAuth2 account office: the token server refused \(invalid_grant\)/, 40);
    expect((await run(['case', 'reply', '1', 'Please try again.'])).code).toBe(0);
    // Said after the letter was given back.
    await gateway.says(/^SMTP server .*the token server refused \(invalid_grant\)/, 40);
    expect(await rows(`select attempts from outbox where state = 'waiting'`)).toEqual([{ attempts: 0 }]);
    const [alarm] = await rows<{ key: string; text: string }>('select key, text from alarms where cleared_at is null');
    expect(alarm).toMatchObject({
      key: 'oauth:office',
      text: expect.stringContaining('run "casepost sign-in office"') as unknown,
    });
    await arrives('bob');
    // Neither door shows its server the refused token again, and the token server was asked once for both.
    const logins = peer.commands.filter((line) => line.startsWith('AUTH')).length;
    await run(['doctor']);
    expect(peer.commands.filter((line) => line.startsWith('AUTH')).length).toBeLessThanOrEqual(logins + 1);
    expect(server.asked.slice(asked).map(({ grant_type: grant }) => grant)).toEqual(['refresh_token', 'refresh_token']);
  });

  it('a person signs in again: what waited comes in and goes out, once', async () => {
    await signIn();
    await until(
      'all letters have left',
      async () =>
        (await rows(`select 1 from outbox where state <> 'sent'`)).length === 0 && lettersTo('bob').length > 0,
      50,
    );
    await gateway.says(/OAuth2 account office: back after/);
    expect(lettersTo('ann')).toHaveLength(2);
    expect(lettersTo('bob')).toHaveLength(1);
    expect(await rows('select distinct attempts from outbox')).toEqual([{ attempts: 1 }]);
    expect(await rows('select key from alarms where cleared_at is null')).toEqual([]);
  });

  it('no secret is in the log, in what commands print, or readable in the database', async () => {
    await run(['case', 'show', '1', '--json']);
    await gateway.stop();
    const tables = await rows<{ name: string }>(
      `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'`,
    );
    for (const { name } of tables) {
      said.push(...(await rows<{ text: string }>(`select t::text as text from ${name} t`)).map(({ text }) => text));
    }
    const everything = [...said, JSON.stringify(gateway.log)].join('\n');
    expect(everything.length).toBeGreaterThan(10_000);
    for (const secret of ['canary', ...server.accessTokens]) {
      expect(everything.includes(secret), secret).toBe(false);
      expect(everything.includes(Buffer.from(secret).toString('hex')), secret).toBe(false);
    }
  });
});
