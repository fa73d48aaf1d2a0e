// What surrounds us: hosts, ports, secrets, folders. Sole reader of the environment and of casepost.yaml; the rules of support are not
// here but in the policy. It gives a frozen Config or every problem at once, so that a person mends the file in one go.
// Without a file (demo, explain, ingest) `defaultConfig()` stands in: one mailbox, support@localhost, on the embedded database.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { assemble, checkTogether } from './config-assemble.ts';
import { fillFromEnvironment, plainData, problemLines, readYaml, schemaProblems } from './config-problems.ts';
import { errorCode } from './config-reading.ts';
import type { Reading } from './config-reading.ts';
import { configSchema } from './config-schema.ts';
import type { Secret } from './secret.ts';

export type Environment = Record<string, string | undefined>;
export type Security = 'tls' | 'starttls' | 'none';

/**
 * An OAuth2 client whose tokens sign in to mail servers. The endpoints are addresses (RFC 6749, RFC 8628), null where the server has none, and
 * `issuer` is how the server names itself (RFC 9207);
 * `scope` is separated by spaces, null asks for none; `expires` is the ISO date on which its secret or refresh token is known to end.
 */
export interface OAuthAccount {
  name: string;
  issuer: string;
  tokenEndpoint: string;
  authorizationEndpoint: string | null;
  /** Parameters that this server wants beside those of the RFC when a person signs in. */
  authorizationExtra: Record<string, string>;
  deviceEndpoint: string | null;
  clientId: string;
  clientSecret: Secret | null;
  grant: 'refresh-token' | 'client-credentials';
  /** null: "casepost sign-in" gets one. */
  refreshToken: Secret | null;
  scope: string | null;
  expires: string | null;
}

/**
 * Gives an account's tokens for a login: the one at hand, and after a server refused it a newer one (null when it was fresh). They live in the
 * database, so whoever opens that puts this beside `oauth` (src/oauth/login.ts).
 */
export interface TokenSource {
  current(): Promise<Secret>;
  instead(refused: Secret): Promise<Secret | null>;
}

/**
 * An IMAP mailbox to watch. `since` is an ISO date, `beginning`, or null (the day of the first connection decides); `ca` is PEM text; with
 * `oauth` its tokens sign in and the password is empty.
 */
export interface ImapAccount {
  host: string;
  port: number;
  security: Security;
  user: string;
  password: Secret;
  oauth?: OAuthAccount;
  tokens?: TokenSource;
  folder: string;
  processedFolder: string | null;
  since: string | null;
  pollSeconds: number;
  ca: string | null;
}

/** Where letters go. `reversePath`: `verp` (one bounce address a letter), an address, or null for `<>`. `ca` is PEM text. */
export interface SmtpTarget {
  protocol: 'smtp' | 'lmtp';
  host: string;
  port: number;
  security: Security;
  user: string | null;
  password: Secret | null;
  oauth?: OAuthAccount;
  tokens?: TokenSource;
  reversePath: string | null;
  connections: number;
  ratePerSecond: number | null;
  ca: string | null;
}

/**
 * A door for mail. `hosts` are the clients that may connect (addresses or CIDR); null is everyone. `cert` and `key` are PEM text. With `verify`
 * the sender is verified here (SPF, DKIM, DMARC), through the DNS server `resolver` or the system's when null.
 */
export interface Listener {
  protocol: 'smtp' | 'lmtp';
  host: string;
  port: number;
  hosts: string[] | null;
  maxBytes: number;
  tls: { cert: string; key: Secret } | null;
  verify: boolean;
  resolver: string | null;
}

/** A support mailbox. Addresses are lower case; `addressExtension` is the sign before a detail (RFC 5233), null when there is none. */
export interface MailboxConfig {
  id: string;
  address: string;
  name: string | null;
  line: 'corporate' | 'mobility';
  aliases: string[];
  addressExtension: string | null;
  imap: ImapAccount | null;
}

/** Everything configured. Paths are absolute; what is null was not configured. */
export interface Config {
  file: string | null;
  company: string | null;
  publicUrl: string | null;
  database: { kind: 'server'; url: Secret } | { kind: 'folder'; path: string };
  secret: Secret | null;
  oauth: OAuthAccount[];
  mailboxes: MailboxConfig[];
  listeners: Listener[];
  smtp: SmtpTarget | null;
  policy: string | null;
  templates: string | null;
  trustedAuthserv: string[];
  /** `trustProxy`: the proxies (addresses or networks) whose word on where a request comes from counts. */
  web: { host: string; port: number; trustProxy: string[] } | null;
  /** Who may do everything on the pages; addresses in small letters. */
  admins: string[];
  /** A company's own sign-on (OpenID Connect); without a secret we are a public client. */
  oidc: { issuer: string; clientId: string; clientSecret: Secret | null } | null;
  /** Who is told when something is wrong with the gateway, and by which mail server of their own (null: that of the letters). */
  alarms: { to: string[]; smtp: SmtpTarget | null } | null;
  reconcile: { everyHours: number };
  log: { level: string };
}

/** Every problem found, each a line `file:line:column: key: what was found; what is allowed`. */
export interface ConfigProblems {
  problems: string[];
}

/** Reads casepost.yaml at `path` (null: the defaults, in the working folder) and the environment. Never throws for what a person wrote. */
export function readConfig(path: string | null, env: Environment): Config | ConfigProblems {
  if (path === null) return defaultConfig(env);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return {
      problems: [`${path}: cannot be read (${errorCode(error)}); write casepost.yaml there or give another --config`],
    };
  }
  const { yaml, problems: syntax } = readYaml(path, text);
  if (syntax.length > 0) return { problems: problemLines(syntax) };
  const problems = fillFromEnvironment(yaml, env);
  const { data, problems: aliases } = plainData(yaml);
  if (aliases.length > 0) return { problems: problemLines([...problems, ...aliases]) };
  const written = configSchema.safeParse(data);
  if (!written.success) problems.push(...schemaProblems(yaml, configSchema, data, written.error.issues));
  const reading: Reading = { yaml, env, folder: dirname(resolve(path)), problems };
  checkTogether(reading, data);
  if (!written.success || problems.length > 0) return { problems: problemLines(problems) };
  const config = assemble(reading, written.data, resolve(path));
  return problems.length > 0 ? { problems: problemLines(problems) } : frozen(config);
}

/** The configuration when there is no file: one corporate mailbox support@localhost, no doors, the database of DATABASE_URL or embedded. */
export function defaultConfig(env: Environment): Config | ConfigProblems {
  const file = 'the defaults';
  const reading: Reading = { yaml: readYaml(file, '').yaml, env, folder: resolve('.'), problems: [] };
  const written = configSchema.parse({ mailboxes: [{ address: 'support@localhost', line: 'corporate' }] });
  const config = assemble(reading, written, null);
  return reading.problems.length > 0 ? { problems: problemLines(reading.problems) } : frozen(config);
}

/** Nobody changes the configuration of a running gateway by accident. */
function frozen<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) frozen(inner as object);
  return Object.freeze(value);
}
