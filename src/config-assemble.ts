// From the written configuration to the one we run on: what depends on two keys at once (a password and where it is sent, addresses used
// twice), the files and environment names a key points to, ports and paths that follow from other keys.
import { resolve } from 'node:path';
import type { Config, ImapAccount, Listener, MailboxConfig, OAuthAccount, Security, SmtpTarget } from './config.ts';
import { accountsIn, checkAccounts } from './config-oauth.ts';
import { checkOidc, oidcIn } from './config-oidc.ts';
import { checkLogin, fileText, groupOf, problem, secretIn } from './config-reading.ts';
import type { Path, Reading } from './config-reading.ts';
import { configLimits } from './config-schema.ts';
import type { WrittenConfig } from './config-schema.ts';
import { secretOf } from './secret.ts';

const databaseDefault = '.casepost/data';
const ports = {
  imap: { tls: 993, starttls: 143, none: 143 },
  smtp: { tls: 465, starttls: 587, none: 25 },
} as const satisfies Record<string, Record<Security, number>>;

/**
 * Checks what one key alone cannot show. It reads the unchecked data, so that these problems are told together with the schema's:
 * a part that is not what it should be is passed over here and has its own problem there.
 */
export function checkTogether(reading: Reading, data: unknown): void {
  const file = groupOf(data);
  const boxes = Array.isArray(file['mailboxes']) ? file['mailboxes'].map(groupOf) : [];
  const seen = new Map<string, string>();
  for (const [index, box] of boxes.entries()) {
    const at: Path = ['mailboxes', index];
    const aliases = Array.isArray(box['aliases']) ? box['aliases'] : [];
    const addresses = [
      { path: [...at, 'address'], value: box['address'] },
      ...aliases.map((value, place) => ({ path: [...at, 'aliases', place], value })),
    ];
    for (const { path, value } of addresses) once(reading, seen, path, value);
    if (box['imap'] === undefined) continue;
    const imap = groupOf(box['imap']);
    checkLogin(reading, [...at, 'imap'], imap, { needed: true, security: 'tls' });
    if (imap['processedFolder'] !== undefined && imap['processedFolder'] === (imap['folder'] ?? 'INBOX')) {
      problem(reading, [...at, 'imap', 'processedFolder'], 'is the folder that is watched; write another one');
    }
  }
  checkAccounts(reading, file, [
    ...boxes.map((box, index) => ({ path: ['mailboxes', index, 'imap'], group: groupOf(box['imap']) })),
    { path: ['smtp'], group: groupOf(file['smtp']) },
  ]);
  const ids = new Map<string, string>();
  for (const [index, box] of boxes.entries())
    once(reading, ids, ['mailboxes', index, 'id'], box['id'] ?? box['address']);
  if (file['smtp'] !== undefined)
    checkLogin(reading, ['smtp'], groupOf(file['smtp']), { needed: false, security: 'starttls' });
  checkOidc(reading, file['oidc']);
  const aside = groupOf(file['alarms'])['smtp'];
  if (aside !== undefined)
    checkLogin(reading, ['alarms', 'smtp'], groupOf(aside), { needed: false, security: 'starttls' });
  for (const door of ['smtp', 'lmtp']) {
    const listener = groupOf(groupOf(file['listen'])[door]);
    if ((listener['cert'] === undefined) !== (listener['key'] === undefined)) {
      problem(reading, ['listen', door], 'has only one of cert and key; write both for STARTTLS, or neither');
    }
  }
}

/** Builds the Config; files that cannot be read and database addresses that are none become problems. */
export function assemble(reading: Reading, written: WrittenConfig, file: string | null): Config {
  const path = (found: string | undefined) => (found === undefined ? null : resolve(reading.folder, found));
  const { listen, smtp, trustedAuthserv = [] } = written;
  const oauth = accountsIn(reading, written.oauth ?? []);
  const listeners: Listener[] = [];
  for (const protocol of ['smtp', 'lmtp'] as const) {
    const door = listen?.[protocol];
    if (door) listeners.push(listener(reading, protocol, door));
  }
  return {
    file,
    company: written.company ?? null,
    publicUrl: written.publicUrl ?? null,
    database: database(reading, written.database),
    secret: written.secret === undefined ? null : secretOf(written.secret),
    oauth,
    mailboxes: written.mailboxes.map((box, index) => mailbox(reading, box, index, oauth)),
    listeners,
    smtp: smtp ? smtpTarget(reading, smtp, oauth) : null,
    policy: path(written.policy),
    templates: path(written.templates),
    trustedAuthserv: typeof trustedAuthserv === 'string' ? [trustedAuthserv] : trustedAuthserv,
    web: written.web ?? null,
    admins: written.admins,
    oidc: oidcIn(reading, written.oidc),
    alarms: written.alarms ? alarms(reading, written.alarms) : null,
    reconcile: written.reconcile ?? { everyHours: configLimits.reconcileHoursDefault },
    log: written.log ?? { level: 'info' },
  };
}

function once(reading: Reading, seen: Map<string, string>, path: Path, value: unknown): void {
  if (typeof value !== 'string') return;
  const key = value.toLowerCase();
  const other = seen.get(key);
  const here = `${path[0]}[${path[1]}]`;
  if (other === undefined) seen.set(key, here);
  else problem(reading, path, `"${value}" is already used by ${other}; write each address and id once`);
}

function mailbox(
  reading: Reading,
  box: WrittenConfig['mailboxes'][number],
  index: number,
  oauth: OAuthAccount[],
): MailboxConfig {
  return {
    id: box.id ?? box.address,
    address: box.address,
    name: box.name ?? null,
    line: box.line,
    aliases: box.aliases,
    addressExtension: box.addressExtension ?? null,
    imap: box.imap ? imapAccount(reading, box.imap, ['mailboxes', index, 'imap'], oauth) : null,
  };
}

type WrittenImap = NonNullable<WrittenConfig['mailboxes'][number]['imap']>;
type WrittenListener = NonNullable<NonNullable<WrittenConfig['listen']>['smtp']>;

function imapAccount(reading: Reading, imap: WrittenImap, path: Path, oauth: OAuthAccount[]): ImapAccount {
  return {
    host: imap.host,
    port: imap.port ?? ports.imap[imap.security],
    security: imap.security,
    user: imap.user,
    password: secretIn(reading, imap, 'password', path) ?? secretOf(''),
    ...accountOf(oauth, imap.oauth),
    folder: imap.folder,
    processedFolder: imap.processedFolder ?? null,
    since: imap.since ?? null,
    pollSeconds: imap.pollSeconds,
    ca: fileText(reading, imap.ca, [...path, 'ca']),
  };
}

function smtpTarget(
  reading: Reading,
  smtp: NonNullable<WrittenConfig['smtp']>,
  oauth: OAuthAccount[],
  path: Path = ['smtp'],
): SmtpTarget {
  const portDefault = smtp.protocol === 'lmtp' ? 24 : ports.smtp[smtp.security];
  return {
    protocol: smtp.protocol,
    host: smtp.host,
    port: smtp.port ?? portDefault,
    security: smtp.security,
    user: smtp.user ?? null,
    password: secretIn(reading, smtp, 'password', path),
    ...accountOf(oauth, smtp.oauth),
    reversePath: smtp.reversePath,
    connections: smtp.connections,
    ratePerSecond: smtp.ratePerSecond ?? null,
    ca: fileText(reading, smtp.ca, [...path, 'ca']),
  };
}

function alarms(reading: Reading, { to, smtp }: NonNullable<WrittenConfig['alarms']>): Config['alarms'] {
  return { to, smtp: smtp ? smtpTarget(reading, { ...smtp, reversePath: null }, [], ['alarms', 'smtp']) : null };
}

/** The account a login names; that it exists was checked before. */
function accountOf(oauth: OAuthAccount[], name: string | undefined): { oauth?: OAuthAccount } {
  const account = oauth.find((one) => one.name === name);
  return account ? { oauth: account } : {};
}

function listener(reading: Reading, protocol: 'smtp' | 'lmtp', door: WrittenListener): Listener {
  const cert = fileText(reading, door.cert, ['listen', protocol, 'cert']);
  const key = fileText(reading, door.key, ['listen', protocol, 'key']);
  return {
    protocol,
    host: door.host,
    port: door.port,
    hosts: door.hosts ?? null,
    maxBytes: door.maxBytes,
    tls: cert !== null && key !== null ? { cert, key: secretOf(key) } : null,
    verify: door.verify,
    resolver: door.resolver ?? null,
  };
}

/** DATABASE_URL goes before the file, so that one file serves on a desk and on a server. */
function database(reading: Reading, written: string | undefined): Config['database'] {
  const fromEnv = reading.env['DATABASE_URL'];
  const text = fromEnv || written || databaseDefault;
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { kind: 'folder', path: resolve(reading.folder, text) };
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return { kind: 'server', url: secretOf(text) };
  const allowed = 'write postgres://user@host/name, or a folder for the embedded database';
  if (fromEnv) reading.problems.push({ offset: 0, text: `DATABASE_URL: is not a database we know; ${allowed}` });
  else problem(reading, ['database'], `is not a database we know; ${allowed}`);
  return { kind: 'folder', path: resolve(reading.folder, databaseDefault) };
}
