// What may be wrong with OAuth2 accounts in casepost.yaml, and what is known of the big providers.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readConfig, type Config } from '../../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'casepost-oauth-config-'));
const file = join(folder, 'casepost.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

const secret = 'secret: sixteen characters or more\n';
const box = 'mailboxes: [{ address: help@example.com, line: corporate }]\n';

function read(yaml: string): Config | { problems: string[] } {
  writeFileSync(file, yaml);
  return readConfig(file, { OAUTH_SECRET: 'canary' });
}
function check(yaml: string, expected: string[]): void {
  const found = read(yaml);
  expect('problems' in found ? found.problems.map((line) => line.replace(`${file}:`, '')) : []).toEqual(expected);
}
/** One account in a file that is otherwise sound. */
function account(keys: string, expected: string[]): void {
  check(`${secret}${box}oauth: [{ name: office, ${keys} }]\n`, expected);
}

test('one account serves mailboxes and smtp, and its secret is written once', () => {
  const yaml = `${secret}oauth:
  - { name: office, provider: microsoft, tenant: example.com, clientId: abc, clientSecretEnv: OAUTH_SECRET, grant: client-credentials }
mailboxes:
  - { address: a@example.com, line: corporate, imap: { host: outlook.office365.com, user: a@example.com, oauth: office } }
  - { address: b@example.com, line: mobility, imap: { host: outlook.office365.com, user: b@example.com, oauth: office } }
smtp: { host: smtp.office365.com, user: a@example.com, oauth: office }
`;
  const config = read(yaml);
  if ('problems' in config) throw new Error(config.problems.join('\n'));
  const [office] = config.oauth;
  expect(office).toMatchObject({
    tokenEndpoint: 'https://login.microsoftonline.com/example.com/oauth2/v2.0/token',
    deviceEndpoint: 'https://login.microsoftonline.com/example.com/oauth2/v2.0/devicecode',
    scope: 'https://outlook.office365.com/.default',
    grant: 'client-credentials',
  });
  expect(office?.clientSecret?.reveal()).toBe('canary');
  expect([...config.mailboxes.map(({ imap }) => imap?.oauth), config.smtp?.oauth]).toEqual([office, office, office]);
  expect(JSON.stringify(config)).not.toContain('canary');
});

test('google and microsoft are known: endpoints, scopes, what a sign-in needs', () => {
  const config = read(`${secret}${box}oauth:
  - { name: g, provider: google, clientId: abc, clientSecretEnv: OAUTH_SECRET }
  - { name: m, provider: microsoft, tenant: common, clientId: abc }
`);
  expect(config).toMatchObject({
    oauth: [
      {
        scope: 'https://mail.google.com/',
        deviceEndpoint: null,
        authorizationExtra: { access_type: 'offline' },
        grant: 'refresh-token',
      },
      { scope: expect.stringContaining('offline_access') as unknown, clientSecret: null },
    ],
  });
});

test('without a secret the tokens could not be encrypted', () =>
  check(`${box}oauth: [{ name: office, provider: microsoft, tenant: x, clientId: abc }]\n`, [
    '1:1: secret: is missing; tokens are stored encrypted with it: write "${CASEPOST_SECRET}" and set that to 16 characters or more, like from openssl rand -base64 32',
  ]));

test('an account that nobody wrote is a problem, with those that are there', () =>
  check(
    `${secret}${box}smtp: { host: mx, user: me, oauth: ofice }\noauth: [{ name: office, provider: microsoft, tenant: x, clientId: abc }]\n`,
    ['3:29: smtp.oauth: there is no account "ofice"; write office'],
  ));

test('an account and a password are one too many', () =>
  check(
    `${secret}${box}smtp: { host: mx, user: me, password: x, oauth: office }\noauth: [{ name: office, provider: microsoft, tenant: x, clientId: abc }]\n`,
    ['3:42: smtp.oauth: comes beside password; write one of password, passwordEnv, passwordFile, oauth'],
  ));

test('an account without the user it signs in as is a problem', () =>
  check(
    `${secret}${box}smtp: { host: mx, oauth: office }\noauth: [{ name: office, provider: microsoft, tenant: x, clientId: abc }]\n`,
    ['3:1: smtp.user: is missing; write the user the OAuth2 account is for'],
  ));

test('a token does not go out in clear text', () =>
  check(
    `${secret}${box}smtp: { host: mx, user: me, oauth: office, security: none }\noauth: [{ name: office, provider: microsoft, tenant: x, clientId: abc }]\n`,
    [
      '3:44: smtp.security: none would send the access token to mx in clear text; write tls or starttls, or allowInsecure: true if that is meant',
    ],
  ));

test('a name written twice is a problem', () =>
  check(
    `${secret}${box}oauth:\n  - { name: a, provider: microsoft, tenant: x, clientId: abc }\n  - { name: a, provider: microsoft, tenant: y, clientId: def }\n`,
    ['5:7: oauth[1].name: "a" is already the name of an account; write each once'],
  ));

test('an unknown key of an account is answered with the nearest', () =>
  account('provider: microsoft, tenant: x, clientID: abc', [
    '3:9: oauth[0].clientId: is missing; write it like the one your registration shows',
    '3:57: oauth[0].clientID: is no key of ours; did you mean "clientId"?',
  ]));

test('microsoft needs a tenant, and only microsoft has one', () => {
  account('provider: microsoft, clientId: abc', [
    '3:9: oauth[0].tenant: is missing; write the directory (tenant) id of your organization',
  ]);
  account('provider: google, clientId: abc, clientSecret: x, tenant: y', [
    '3:75: oauth[0].tenant: belongs to provider: microsoft only',
  ]);
});

test('google offers no client credentials for mail, and wants a client secret', () =>
  account('provider: google, clientId: abc, grant: client-credentials', [
    '3:9: oauth[0].clientSecret: is missing; write one of clientSecret, clientSecretEnv, clientSecretFile',
    '3:58: oauth[0].grant: client-credentials is not offered by google for mail; write refresh-token',
  ]));

test('client credentials need a secret and no refresh token', () =>
  account('provider: microsoft, tenant: x, clientId: abc, grant: client-credentials, refreshToken: canary', [
    '3:9: oauth[0].clientSecret: is missing; write one of clientSecret, clientSecretEnv, clientSecretFile',
    '3:99: oauth[0].refreshToken: comes beside grant: client-credentials, which needs none; take it out',
  ]));

test('another provider names its token endpoint, over https unless it is this machine', () => {
  account('provider: other, clientId: abc', [
    '3:9: oauth[0].tokenEndpoint: is missing; write the https address where the server gives tokens',
  ]);
  account('provider: other, clientId: abc, tokenEndpoint: http://login.example.com/token', [
    '3:57: oauth[0].tokenEndpoint: would send secrets to login.example.com in clear text; write an https address',
  ]);
  account('provider: other, clientId: abc, tokenEndpoint: http://127.0.0.1:9/token', []);
  account('provider: google, clientId: abc, clientSecret: x, tokenEndpoint: https://x.example.com', [
    '3:75: oauth[0].tokenEndpoint: belongs to provider: other only; it is known for google and microsoft',
  ]);
});

test('a secret is given in one way, and its environment name is set', () =>
  account('provider: google, clientId: abc, clientSecret: canary, clientSecretEnv: NOT_SET', [
    '3:80: oauth[0].clientSecretEnv: comes beside clientSecret; write one of clientSecret, clientSecretEnv, clientSecretFile',
    '3:80: oauth[0].clientSecretEnv: the environment has no NOT_SET; set it to the client secret',
  ]));

test('a wrong name, grant, date or endpoint is shown with what is allowed', () =>
  account('provider: gogle, clientId: abc, grant: password, expires: soon, deviceEndpoint: nowhere', [
    '3:25: oauth[0].provider: "gogle" is not one of the choices; write google or microsoft or other',
    '3:57: oauth[0].grant: "password" is not one of the choices; write refresh-token or client-credentials',
    '3:74: oauth[0].expires: "soon" is not a date; write it like 2026-03-02',
    '3:89: oauth[0].deviceEndpoint: "nowhere" is not a web address; write it like https://login.example.com/token',
  ]));
