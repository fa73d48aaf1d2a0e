// The house that is simulated: two mailboxes, one of each line, in two of the world's zones, engineers, an escalation contact. The same texts make the
// real desk that the model is compared with.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, type Config } from '../../src/config.ts';
import type { Desk } from '../../src/desk.ts';
import { templatesOf } from '../../src/letters/render.ts';
import { loadLetters } from '../../src/templates.ts';
import { shippedText } from '../../src/policy/load.ts';
import { problemText, readPolicy } from '../../src/policy/policy.ts';

/** The zones of the two lines; between them they have the clocks changing in both halves of the year, by an hour and by half an hour. */
export interface Zones {
  corporate: string;
  mobility: string;
}

export const zonesOfTheWorld = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'America/St_Johns',
  'Pacific/Auckland',
  'Asia/Kolkata',
] as const;

/** Our receiving server, whose Authentication-Results are believed. */
export const mx = 'mx.desk.test';
export const mailboxes = { support: 'support@desk.test', mobility: 'mobility@desk.test' } as const;
export type MailboxId = keyof typeof mailboxes;
export const engineers = ['ines@engineers.test', 'tom@engineers.test', 'noor@engineers.test'] as const;
export const lead = 'lead@engineers.test';

const hours =
  '{ mon: ["09:00-18:00"], tue: ["09:00-18:00"], wed: ["09:00-18:00"], thu: ["09:00-18:00"], fri: ["09:00-18:00"] }';

function policyText({ corporate, mobility }: Zones): string {
  return `
calendars:
  here: { zone: ${corporate}, hours: ${hours}, holidays: [] }
  there: { zone: ${mobility}, hours: ${hours}, holidays: [] }
lines:
  corporate: { calendar: here }
  mobility: { calendar: there }
engineers:
  - { name: Ines Castell, address: ${engineers[0]}, lines: [corporate] }
  - { name: Tom Okafor, address: ${engineers[1]}, lines: [mobility] }
  - { name: Noor Haddad, address: ${engineers[2]}, lines: [corporate, mobility] }
escalation: { address: ${lead} }
# The hourly count of who uses a plan beyond its number reads the store's own rows, which the model has none of: test/plan-use has it.
plans: { advantage-premier: { warnAboveCases: null }, advantage-standard: { warnAboveCases: null }, customer-service: { warnAboveCases: null } }
`;
}

function configText(): string {
  return `company: Example Ltd
database: ./nowhere
policy: ./policy.yaml
secret: ${'the secret of a world that is none'.replaceAll(' ', '-')}-0123456789abcdef
mailboxes:
  - { id: support, address: ${mailboxes.support}, name: Example Support, line: corporate, addressExtension: + }
  - { id: mobility, address: ${mailboxes.mobility}, name: Example Mobility, line: mobility, addressExtension: + }
smtp: { host: 127.0.0.1, port: 9, security: none, reversePath: verp }
trustedAuthserv: [${mx}]
`;
}

function configOf(zones: Zones): Config {
  const folder = mkdtempSync(join(tmpdir(), 'casepost-simulation-'));
  try {
    writeFileSync(join(folder, 'policy.yaml'), policyText(zones));
    writeFileSync(join(folder, 'casepost.yaml'), configText());
    const config = readConfig(join(folder, 'casepost.yaml'), {});
    if ('problems' in config) throw new Error(config.problems.join('\n'));
    return config;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The desk of a model world, without any database. */
export async function deskOf(zones: Zones): Promise<Desk> {
  const config = configOf(zones);
  const read = readPolicy(shippedText(), { name: 'policy.yaml', text: policyText(zones) });
  if ('problems' in read) throw new Error(read.problems.map(problemText).join('\n'));
  const loaded = await loadLetters(config);
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const secret = config.secret?.reveal() ?? '';
  return {
    config,
    policy: read.policy,
    policyVersion: 'simulated',
    baseTexts: loaded.texts,
    templates: templatesOf(loaded.texts),
    keys: [{ id: '0', secret }],
    company: 'Example Ltd',
    instance: createHash('sha256').update(`instance:${secret}`).digest('hex').slice(0, 16),
  };
}
