// The shape of casepost.yaml: every key, what it may hold and what it is when left out. Each error text is "is not …; write …", so that
// config-problems.ts can put what was found before it. Paths, passwords and what depends on other keys are read in config.ts.
import { isIP } from 'node:net';
import { z } from 'zod';
import { oidcSchema } from './config-oidc.ts';

/** Limits of what may be configured; each is in the error text of its key. */
export const configLimits = {
  mailboxesMax: 200,
  pollSecondsMin: 5,
  pollSecondsMax: 3600,
  connectionsMax: 20,
  ratePerSecondMax: 1000,
  /** Twice what is read of a mail (mail.ts `mailBytesMax` is 25 MiB): the larger ones are stored and disposed of as `oversize`. */
  listenBytesDefault: 50 * 1024 * 1024,
  listenBytesMax: 200 * 1024 * 1024,
  alarmAddressesMax: 10,
  adminsMax: 100,
  proxiesMax: 20,
  reconcileHoursDefault: 24,
  reconcileHoursMax: 168,
} as const;

const addressPattern = /^[A-Za-z0-9!#$%&'*/=?^_`{|}~.-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const hostPattern = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,39})$/;

/** A whole number, also when it came as digits from `${NAME}`. */
function whole(from: number, to: number, what: string) {
  const error = `is not ${what}; write a whole number from ${from} to ${to}`;
  return z.preprocess(
    (value) => (typeof value === 'string' && /^[0-9]{1,12}$/.test(value) ? Number(value) : value),
    z.number({ error }).int({ error }).min(from, { error }).max(to, { error }),
  );
}

function text(what: string, example: string) {
  const error = `is not ${what}; write it like ${example}`;
  return z.string({ error }).min(1, { error });
}

function oneOf<const T extends readonly [string, ...string[]]>(...choices: T) {
  return z.enum(choices, { error: `is not one of the choices; write ${choices.join(' or ')}` });
}

/** A switch, also when it came as a word from `${NAME}`. */
const yesOrNo = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean({ error: 'is not a switch; write true or false' }),
);

const addressError = 'is not a mail address; write it like support@example.com';
const address = z
  .string({ error: addressError })
  .regex(addressPattern, { error: addressError })
  .transform((found) => found.toLowerCase());
const host = z
  .string({ error: 'is not a host; write a name or an IP address' })
  .regex(hostPattern, { error: 'is not a host; write a name or an IP address' });
const port = whole(1, 65535, 'a port');
const listenPort = whole(0, 65535, 'a port');
const security = oneOf('tls', 'starttls', 'none');
const path = text('a path', './folder/file');
const secretText = text('a text', '${NAME}, so that it stays out of the file');

const clientError = 'is not a client; write an IP address or a network like 192.0.2.0/24';
const client = z.string({ error: clientError }).refine(isClient, { error: clientError });

function section<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'invalid_type' ? 'is not a group of keys; write key: value lines below it' : null,
  });
}

function listOf<T extends z.ZodType>(item: T, what: string) {
  return z.array(item, { error: `is not a list; write ${what}, each on a line with "- " before it` });
}

const date = z
  .string({ error: 'is not a date; write it like 2026-03-02' })
  .refine(isDate, { error: 'is not a date; write it like 2026-03-02' });

const accountNameError = 'is not the name of an account; write letters, digits, _ and - only, like office';
const accountName = z.string({ error: accountNameError }).regex(/^[A-Za-z0-9_-]{1,40}$/, { error: accountNameError });
const endpoint = z.url({
  protocol: /^https?$/,
  error: 'is not a web address; write it like https://login.example.com/token',
});

const oauthAccount = section({
  name: accountName,
  provider: oneOf('google', 'microsoft', 'other'),
  tenant: text('a tenant', '72f988bf-86f1-41af-91ab-2d7cd011db47').optional(),
  issuer: endpoint.optional(),
  tokenEndpoint: endpoint.optional(),
  authorizationEndpoint: endpoint.optional(),
  deviceEndpoint: endpoint.optional(),
  clientId: text('a client id', 'the one your registration shows'),
  clientSecret: secretText.optional(),
  clientSecretEnv: text('the name of an environment variable', 'OAUTH_SECRET').optional(),
  clientSecretFile: path.optional(),
  grant: oneOf('refresh-token', 'client-credentials').default('refresh-token'),
  refreshToken: secretText.optional(),
  refreshTokenEnv: text('the name of an environment variable', 'OAUTH_REFRESH_TOKEN').optional(),
  refreshTokenFile: path.optional(),
  scope: text('a list of scopes', 'https://mail.google.com/').optional(),
  expires: date.optional(),
});

const imap = section({
  host,
  port: port.optional(),
  security: security.default('tls'),
  user: text('a user name', 'support@example.com'),
  password: secretText.optional(),
  passwordEnv: text('the name of an environment variable', 'IMAP_PASSWORD').optional(),
  passwordFile: path.optional(),
  oauth: accountName.optional(),
  folder: text('a folder', 'INBOX').default('INBOX'),
  processedFolder: text('a folder', 'Processed').optional(),
  since: z
    .union([z.literal('beginning'), date], {
      error: 'is not a date; write it like 2026-03-02, or beginning for all mail',
    })
    .optional(),
  pollSeconds: whole(configLimits.pollSecondsMin, configLimits.pollSecondsMax, 'a time between polls').default(30),
  ca: path.optional(),
  allowInsecure: yesOrNo.default(false),
});

const listener = section({
  host: host.default('127.0.0.1'),
  port: listenPort,
  hosts: listOf(client, 'the clients that may connect').optional(),
  maxBytes: whole(1024, configLimits.listenBytesMax, 'a size in bytes').default(configLimits.listenBytesDefault),
  cert: path.optional(),
  key: path.optional(),
  verify: yesOrNo.default(false),
  resolver: text('a DNS server', '127.0.0.1:53').optional(),
});

const smtp = section({
  protocol: oneOf('smtp', 'lmtp').default('smtp'),
  host,
  port: port.optional(),
  security: security.default('starttls'),
  user: text('a user name', 'support@example.com').optional(),
  password: secretText.optional(),
  passwordEnv: text('the name of an environment variable', 'SMTP_PASSWORD').optional(),
  passwordFile: path.optional(),
  oauth: accountName.optional(),
  reversePath: z
    .union([z.literal('verp'), z.null(), address], {
      error: 'is not a reverse path; write verp, null or an address that takes bounces',
    })
    .default(null),
  connections: whole(1, configLimits.connectionsMax, 'a number of connections').default(3),
  ratePerSecond: whole(1, configLimits.ratePerSecondMax, 'a number of letters per second').optional(),
  ca: path.optional(),
  allowInsecure: yesOrNo.default(false),
});

const mailbox = section({
  id: z
    .string({ error: 'is not an id; write letters, digits and - only' })
    .regex(/^[A-Za-z0-9@._-]{1,100}$/, { error: 'is not an id; write letters, digits, @ . _ and - only' })
    .optional(),
  address,
  name: text('a name', 'Example Support').optional(),
  line: oneOf('corporate', 'mobility'),
  aliases: listOf(address, 'addresses').default([]),
  addressExtension: oneOf('+', '-').optional(),
  imap: imap.optional(),
});

/** casepost.yaml as it may be written; unknown keys are refused at every level. */
export const configSchema = section({
  company: text('a name', 'Example Ltd').optional(),
  publicUrl: z
    .url({ protocol: /^https?$/, error: 'is not a web address; write it like https://help.example.com' })
    .optional(),
  database: text('a database', 'postgres://user@host/name or ./folder').optional(),
  secret: secretText.min(16, { error: 'is not a secret; write 16 characters or more' }).optional(),
  oauth: listOf(oauthAccount, 'accounts').optional(),
  mailboxes: listOf(mailbox, 'mailboxes')
    .min(1, { error: 'is not a list of mailboxes; write one or more' })
    .max(configLimits.mailboxesMax, {
      error: `is not a list we can watch; write ${configLimits.mailboxesMax} mailboxes or fewer`,
    }),
  listen: section({ smtp: listener.optional(), lmtp: listener.optional() }).optional(),
  smtp: smtp.optional(),
  policy: path.optional(),
  templates: path.optional(),
  trustedAuthserv: z
    .union([z.string(), z.array(z.string())], {
      error:
        'is not the name of a mail server; write the authserv-id it puts in Authentication-Results, like mx.example.com',
    })
    .optional(),
  web: section({
    host: host.default('127.0.0.1'),
    port: listenPort,
    trustProxy: listOf(client, 'the proxies in front')
      .max(configLimits.proxiesMax, {
        error: `is not a list of proxies; write ${configLimits.proxiesMax} addresses or networks or fewer`,
      })
      .default([]),
  }).optional(),
  admins: listOf(address, 'addresses')
    .max(configLimits.adminsMax, {
      error: `is not a list of admins; write ${configLimits.adminsMax} addresses or fewer`,
    })
    .default([]),
  oidc: oidcSchema.optional(),
  // An account of its own proves nothing when it is the accounts that are refused: this way out takes a password only.
  alarms: section({
    to: listOf(address, 'addresses')
      .min(1, { error: 'is not a list of addresses; write one or more' })
      .max(configLimits.alarmAddressesMax, {
        error: `is not a list we mail to; write ${configLimits.alarmAddressesMax} addresses or fewer`,
      }),
    smtp: smtp.omit({ oauth: true, reversePath: true }).optional(),
  }).optional(),
  reconcile: section({
    everyHours: whole(1, configLimits.reconcileHoursMax, 'a number of hours').default(
      configLimits.reconcileHoursDefault,
    ),
  }).optional(),
  log: section({
    level: oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent').default('info'),
  }).optional(),
});

/** casepost.yaml after the schema: defaults filled in, addresses in lower case. */
export type WrittenConfig = z.output<typeof configSchema>;

function isDate(found: string): boolean {
  try {
    return Temporal.PlainDate.from(found).toString() === found;
  } catch {
    return false;
  }
}

function isClient(found: string): boolean {
  const [ip = '', bits, ...rest] = found.split('/');
  const family = isIP(ip);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
