import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { defaultConfig, readConfig } from '../src/config.ts';
import type { Config, Environment } from '../src/config.ts';
import { secretOf } from '../src/secret.ts';

const folder = mkdtempSync(join(tmpdir(), 'casepost-config-'));
const file = join(folder, 'casepost.yaml');
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'password'), 'from a file\n');
writeFileSync(join(folder, 'ca.pem'), 'PEM');

const box = 'mailboxes:\n  - { address: help@example.com, line: corporate }\n';

function read(yaml: string, env: Environment = {}): Config | { problems: string[] } {
  writeFileSync(file, yaml);
  const result = readConfig(file, env);
  return 'problems' in result ? { problems: result.problems.map((line) => line.replace(`${file}:`, '')) } : result;
}

function good(yaml: string, env: Environment = {}): Config {
  const config = read(yaml, env);
  if ('problems' in config) throw new Error(config.problems.join('\n'));
  return config;
}

function check(yaml: string, expected: string[], env: Environment = {}): void {
  const result = read(yaml, env);
  expect('problems' in result ? result.problems : []).toEqual(expected);
}

test('an unknown key is refused with its place and the nearest key', () =>
  check(`${box}smtp:\n  host: mx.example.com\n  prot: 25\n`, [
    '5:3: smtp.prot: is no key of ours; did you mean "port"?',
  ]));

test('an unknown key that resembles none is answered with the whole list', () =>
  check(`${box}web: { port: 80, xyzzyplugh: 1 }\n`, [
    '3:18: web.xyzzyplugh: is no key of ours; allowed here are host, port, trustProxy',
  ]));

test('a value of the wrong kind is shown with what is allowed', () =>
  check(`${box}web: { port: eighty }\n`, [
    '3:8: web.port: "eighty" is not a port; write a whole number from 1 to 65535'.replace('1 to', '0 to'),
  ]));

test('who may sign in, and through whom, is checked', () => {
  check(`${box}admins: [ada]\nweb: { port: 80, trustProxy: [everybody] }\n`, [
    '3:10: admins[0]: "ada" is not a mail address; write it like support@example.com',
    '4:31: web.trustProxy[0]: "everybody" is not a client; write an IP address or a network like 192.0.2.0/24',
  ]);
  check(`${box}oidc: { issuer: "http://login.example.com", clientId: x, clientSecretEnv: NOWHERE }\n`, [
    '3:9: oidc.issuer: begins with http:; write https:',
    '3:58: oidc.clientSecretEnv: the environment has no NOWHERE; set it to the client secret',
  ]);
});

test('every problem is told at once, in the order of the file', () =>
  check(
    [
      'compny: Example',
      'mailboxes:',
      '  - address: help',
      '    line: corporat',
      '    imap: { host: mail.example.com, user: help, security: none, passwordEnv: NOT_SET }',
      'smtp: { port: 25 }',
    ].join('\n'),
    [
      '1:1: compny: is no key of ours; did you mean "company"?',
      '3:5: mailboxes[0].address: "help" is not a mail address; write it like support@example.com',
      '4:5: mailboxes[0].line: "corporat" is not one of the choices; write corporate or mobility',
      '5:49: mailboxes[0].imap.security: none would send the password to mail.example.com in clear text; write tls or starttls, or allowInsecure: true if that is meant',
      '5:65: mailboxes[0].imap.passwordEnv: the environment has no NOT_SET; set it to the password',
      '6:1: smtp.host: is missing; write a name or an IP address',
    ],
  ));

test('a syntax error is told with its place', () =>
  check('mailboxes:\n  - [help\n', [expect.stringMatching(/^3:1: the YAML cannot be read: /) as unknown as string]));

test('a password that reads as an alias is not repeated', () =>
  check('smtp: { host: x, password: *hunter2 }\n', [
    '1:28: the YAML cannot be read: an alias has no anchor before it; write a text that begins with * in quotes',
  ]));

test('a key written twice is a problem', () =>
  check(`${box}policy: a\npolicy: b\n`, ['4:1: the YAML cannot be read: Map keys must be unique']));

test('a wrong secret is not repeated', () =>
  check(`${box}secret: hunter2\n`, ['3:1: secret: what is written is not a secret; write 16 characters or more']));

test('a missing environment name is a problem where it stands', () =>
  check(`${box}company: "\${COMPANY}"\n`, [
    '3:1: company: is not a name; write it like Example Ltd'.replace('is not a name', '"" is not a name'),
    '3:10: ${COMPANY}: the environment has no COMPANY; set it, or write $${COMPANY} for the text itself',
  ]));

test('an address used by two mailboxes is a problem', () =>
  check(`${box}  - { address: two@example.com, aliases: [HELP@example.com], line: mobility }\n`, [
    '3:43: mailboxes[1].aliases[0]: "HELP@example.com" is already used by mailboxes[0]; write each address and id once',
  ]));

test('two ways to give a password are one too many', () =>
  check(
    `${box}smtp: { host: mx, user: me, password: a, passwordFile: b }\n`,
    [
      '3:42: smtp.passwordFile: comes beside password; write one of password, passwordEnv, passwordFile, oauth',
      expect.stringContaining('cannot be read') as unknown as string,
    ].slice(0, 1),
  ));

test('a login without a password is a problem', () =>
  check(`${box}smtp: { host: mx, user: me }\n`, [
    '3:1: smtp.password: is missing; write one of password, passwordEnv, passwordFile, oauth',
  ]));

test('a processed folder that is the watched one is a problem', () =>
  check(
    'mailboxes:\n  - address: a@b\n    line: mobility\n    imap: { host: localhost, user: u, password: p, processedFolder: INBOX }\n',
    ['4:52: mailboxes[0].imap.processedFolder: is the folder that is watched; write another one'],
  ));

test('a password file that is not there is a problem', () =>
  check(`${box}smtp: { host: mx, user: me, passwordFile: ./none }\n`, [
    `3:29: smtp.passwordFile: "${join(folder, 'none')}" cannot be read (ENOENT); write the path of a file we may read`,
  ]));

test('a database that is none of ours is a problem, and its text is not repeated', () =>
  check(`${box}database: mysql://root:hunter2@db/x\n`, [
    '3:1: database: is not a database we know; write postgres://user@host/name, or a folder for the embedded database',
  ]));

test('a file that is not there is a problem', () => {
  const result = readConfig(join(folder, 'none.yaml'), {});
  expect(result).toEqual({
    problems: [
      `${join(folder, 'none.yaml')}: cannot be read (ENOENT); write casepost.yaml there or give another --config`,
    ],
  });
});

test('a network client that is none is a problem', () =>
  check(`${box}listen: { lmtp: { port: 24, hosts: [10.0.0.0/33] } }\n`, [
    '3:37: listen.lmtp.hosts[0]: "10.0.0.0/33" is not a client; write an IP address or a network like 192.0.2.0/24',
  ]));

test('aliases that multiply are refused', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]',
    'c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]',
    'd: [*c,*c,*c]',
  ];
  const result = read(bomb.join('\n'));
  expect('problems' in result && result.problems[0]).toMatch(/^1:1: .* expand to more than 100 nodes/);
});

test('defaults are filled in: TLS ports, INBOX, 30 s, a null reverse path, three connections', () => {
  const config = good(
    'mailboxes:\n  - address: Help@Example.com\n    line: corporate\n    imap: { host: mail.example.com, user: help, password: "12345" }\nsmtp: { host: mx.example.com }\n',
  );
  expect(config.mailboxes[0]).toMatchObject({
    id: 'help@example.com',
    address: 'help@example.com',
    addressExtension: null,
  });
  expect(config.mailboxes[0]?.imap).toMatchObject({
    port: 993,
    security: 'tls',
    folder: 'INBOX',
    pollSeconds: 30,
    since: null,
  });
  expect(config.smtp).toMatchObject({
    port: 587,
    security: 'starttls',
    reversePath: null,
    connections: 3,
    protocol: 'smtp',
  });
  expect(config.database).toEqual({ kind: 'folder', path: join(folder, '.casepost/data') });
});

test('the environment fills texts and numbers, and $${ stands for itself', () => {
  const config = good(`${box}company: "\${NAME} $\${x}"\nweb: { port: "\${PORT}" }\n`, {
    NAME: 'Example',
    PORT: '8025',
  });
  expect([config.company, config.web?.port]).toEqual(['Example ${x}', 8025]);
});

test('DATABASE_URL goes before the file', () => {
  const config = good(`${box}database: ./elsewhere\n`, { DATABASE_URL: 'postgres://u:p@db/casepost' });
  expect(config.database.kind === 'server' && config.database.url.reveal()).toBe('postgres://u:p@db/casepost');
});

test('paths belong to the folder of the file, and a password file loses its line break', () => {
  const config = good(`${box}policy: ./rules.yaml\nsmtp: { host: mx, user: me, passwordFile: password, ca: ca.pem }\n`);
  expect([config.policy, config.smtp?.password?.reveal(), config.smtp?.ca]).toEqual([
    join(folder, 'rules.yaml'),
    'from a file',
    'PEM',
  ]);
});

test('clear text is allowed on this machine, and elsewhere only when that is said', () => {
  const login = 'user: me, password: x, security: none';
  expect(good(`${box}smtp: { host: 127.0.0.1, ${login} }\n`).smtp?.port).toBe(25);
  expect(good(`${box}smtp: { host: mx.example.com, ${login}, allowInsecure: true }\n`).smtp?.security).toBe('none');
});

test('the configuration cannot be changed', () => {
  const config = good(box);
  expect(() => Object.assign(config.mailboxes[0] ?? {}, { line: 'mobility' })).toThrow(TypeError);
});

test('without a file there is one corporate mailbox and no door', () => {
  expect(defaultConfig({})).toMatchObject({
    file: null,
    mailboxes: [{ address: 'support@localhost', line: 'corporate', imap: null }],
    listeners: [],
    smtp: null,
    web: null,
    admins: [],
    oidc: null,
  });
});

test('without a file a bad DATABASE_URL is still told', () =>
  expect(defaultConfig({ DATABASE_URL: 'mysql://x' })).toEqual({
    problems: [
      'DATABASE_URL: is not a database we know; write postgres://user@host/name, or a folder for the embedded database',
    ],
  }));

test('a secret prints as [secret] in every way', () => {
  const secret = secretOf('hunter2');
  expect(
    [String(secret), JSON.stringify({ secret }), inspect({ secret }), inspect([secret], { showHidden: true })].join(),
  ).not.toContain('hunter2');
  expect(secret.reveal()).toBe('hunter2');
});

test('a syntax error in a line with a password does not repeat the line', () =>
  check('smtp: { host: x, password: "hunter2\\q" }\n', ['1:36: the YAML cannot be read: BAD_DQ_ESCAPE']));

test('who is told of alarms, and by which way, is written once; a way that needs an account is no way out', () => {
  const { alarms, reconcile } = good(
    `${box}alarms: { to: [Admin@Elsewhere.example], smtp: { host: 127.0.0.1, port: 2525, security: none } }\nreconcile: { everyHours: 6 }\n`,
  );
  expect(alarms?.to).toEqual(['admin@elsewhere.example']);
  expect(alarms?.smtp).toMatchObject({ host: '127.0.0.1', port: 2525, reversePath: null });
  expect(reconcile).toEqual({ everyHours: 6 });
  expect(good(box)).toMatchObject({ alarms: null, reconcile: { everyHours: 24 } });
  check(`${box}alarms: { to: [] }\n`, ['3:11: alarms.to: [] is not a list of addresses; write one or more']);
  check(`${box}alarms: { to: [a@b.example], smtp: { host: mx.example.com, user: u, passwordEnv: NOT_SET } }\n`, [
    '3:69: alarms.smtp.passwordEnv: the environment has no NOT_SET; set it to the password',
  ]);
});
