// The OAuth2 accounts of casepost.yaml: each is named and written once, whoever signs in with it. What a provider needs and offers is known
// here, so that a mistake is told before the first mail and not by the provider's refusal (issue 4, line 5).
import type { Config, OAuthAccount } from './config.ts';
import { checkSecret, groupOf, loopback, problem, secretIn } from './config-reading.ts';
import type { Group, Path, Reading } from './config-reading.ts';
import type { WrittenConfig } from './config-schema.ts';

type WrittenAccount = NonNullable<WrittenConfig['oauth']>[number];

const endpointKeys = ['issuer', 'tokenEndpoint', 'authorizationEndpoint', 'deviceEndpoint'] as const;
const grantDefault = 'refresh-token';

/** What an account asks for when it names no scope: mail by IMAP and SMTP, and a refresh token. */
const scopes = {
  google: 'https://mail.google.com/',
  microsoft: 'https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access',
  microsoftApp: 'https://outlook.office365.com/.default',
} as const;

/** Checks the accounts and who names them, on the unchecked data as `checkTogether` does. */
export function checkAccounts(reading: Reading, file: Group, users: { path: Path; group: Group }[]): void {
  const accounts = Array.isArray(file['oauth']) ? file['oauth'].map(groupOf) : [];
  const names = accounts.map((account) => account['name']);
  for (const [index, account] of accounts.entries()) {
    const path: Path = ['oauth', index];
    checkAccount(reading, path, account);
    if (typeof account['name'] === 'string' && names.indexOf(account['name']) < index)
      problem(reading, [...path, 'name'], `"${account['name']}" is already the name of an account; write each once`);
  }
  if (accounts.length > 0 && file['secret'] === undefined) {
    const text =
      'is missing; tokens are stored encrypted with it: write "${CASEPOST_SECRET}" and set that to 16 characters or more, like from openssl rand -base64 32';
    problem(reading, ['secret'], text);
  }
  for (const { path, group } of users) {
    const { oauth } = group;
    if (typeof oauth !== 'string' || names.includes(oauth)) continue;
    const known = names.filter((name) => typeof name === 'string');
    const allowed = known.length > 0 ? `write ${known.join(' or ')}` : 'write the account under oauth: first';
    problem(reading, [...path, 'oauth'], `there is no account "${oauth}"; ${allowed}`);
  }
}

function checkAccount(reading: Reading, path: Path, account: Group): void {
  const { provider, grant = grantDefault } = account;
  const tell = (key: string, text: string) => problem(reading, [...path, key], text);
  const secret = checkSecret(reading, path, account, 'clientSecret');
  const refresh = checkSecret(reading, path, account, 'refreshToken');
  if (provider === 'microsoft' && account['tenant'] === undefined)
    tell('tenant', 'is missing; write the directory (tenant) id of your organization');
  if (provider !== 'microsoft' && account['tenant'] !== undefined)
    tell('tenant', 'belongs to provider: microsoft only');
  if (provider === 'google' && grant === 'client-credentials')
    tell('grant', 'client-credentials is not offered by google for mail; write refresh-token');
  if ((provider === 'google' || grant === 'client-credentials') && secret.length === 0)
    tell('clientSecret', 'is missing; write one of clientSecret, clientSecretEnv, clientSecretFile');
  if (grant === 'client-credentials' && refresh[0] !== undefined)
    tell(refresh[0], 'comes beside grant: client-credentials, which needs none; take it out');
  if (provider === 'other' && account['tokenEndpoint'] === undefined)
    tell('tokenEndpoint', 'is missing; write the https address where the server gives tokens');
  for (const key of endpointKeys) {
    const found = account[key];
    if (found === undefined) continue;
    if (provider === 'google' || provider === 'microsoft')
      tell(key, 'belongs to provider: other only; it is known for google and microsoft');
    else if (typeof found === 'string' && URL.canParse(found)) {
      const { protocol, hostname } = new URL(found);
      if (protocol !== 'https:' && !loopback(hostname))
        tell(key, `would send secrets to ${hostname} in clear text; write an https address`);
    }
  }
}

/** The accounts ready to use. */
export function accountsIn(reading: Reading, written: WrittenAccount[]): Config['oauth'] {
  return written.map((account, index) => {
    const path: Path = ['oauth', index];
    return {
      name: account.name,
      ...endpointsOf(account),
      clientId: account.clientId,
      clientSecret: secretIn(reading, account, 'clientSecret', path),
      grant: account.grant,
      refreshToken: secretIn(reading, account, 'refreshToken', path),
      scope: account.scope ?? scopeOf(account),
      expires: account.expires ?? null,
    };
  });
}

type Endpoints = Pick<
  OAuthAccount,
  'issuer' | 'tokenEndpoint' | 'authorizationEndpoint' | 'authorizationExtra' | 'deviceEndpoint'
>;

function endpointsOf(account: WrittenAccount): Endpoints {
  if (account.provider === 'google') {
    return {
      issuer: 'https://accounts.google.com',
      tokenEndpoint: 'https://oauth2.googleapis.com/token',
      authorizationEndpoint: 'https://accounts.google.com/o/oauth2/v2/auth',
      // Without these Google gives a refresh token at the first consent only.
      authorizationExtra: { access_type: 'offline', prompt: 'consent' },
      // Google's device flow does not know the mail scope.
      deviceEndpoint: null,
    };
  }
  if (account.provider === 'microsoft') {
    const base = `https://login.microsoftonline.com/${encodeURIComponent(account.tenant ?? '')}`;
    return {
      issuer: `${base}/v2.0`,
      tokenEndpoint: `${base}/oauth2/v2.0/token`,
      authorizationEndpoint: `${base}/oauth2/v2.0/authorize`,
      authorizationExtra: {},
      deviceEndpoint: `${base}/oauth2/v2.0/devicecode`,
    };
  }
  return {
    issuer: account.issuer ?? new URL(account.tokenEndpoint ?? '').origin,
    tokenEndpoint: account.tokenEndpoint ?? '',
    authorizationEndpoint: account.authorizationEndpoint ?? null,
    authorizationExtra: {},
    deviceEndpoint: account.deviceEndpoint ?? null,
  };
}

function scopeOf({ provider, grant }: WrittenAccount): string | null {
  if (provider === 'other') return null;
  return provider === 'microsoft' && grant === 'client-credentials' ? scopes.microsoftApp : scopes[provider];
}
