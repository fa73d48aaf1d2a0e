// The DNS server of the tests answers what its table says, and nothing else.
import { Resolver } from 'node:dns/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DnsServer, startDns } from './dns.ts';

const long = `v=DKIM1; p=${'A'.repeat(400)}`;
let dns: DnsServer;
const resolver = new Resolver({ timeout: 1000, tries: 1 });
beforeAll(async () => {
  dns = await startDns({
    'TXT key.good.test': [long],
    'MX good.test': ['10 mx.good.test', '20 other.test'],
    'A mx.good.test': ['192.0.2.9'],
  });
  resolver.setServers([dns.address]);
});
afterAll(() => dns?.stop());

async function check(type: string, name: string, expected: unknown): Promise<void> {
  const found = await resolver.resolve(name, type as 'A').catch((error: { code: string }) => error.code);
  expect(found).toEqual(expected);
  expect(dns.asked).toContain(`${type} ${name.toLowerCase()}`);
}

it('a text longer than one string comes in pieces that are one', () =>
  check('TXT', 'key.good.test', [[long.slice(0, 255), long.slice(255)]]));
it('mail servers come with their preference', () =>
  check('MX', 'good.test', [
    { type: 'MX', priority: 10, exchange: 'mx.good.test' },
    { type: 'MX', priority: 20, exchange: 'other.test' },
  ]));
it('an address is found in any letter case', () => check('A', 'MX.good.test', ['192.0.2.9']));
it('a known name without such a record has no data', () => check('TXT', 'good.test', 'ENODATA'));
it('an unknown name does not exist', () => check('TXT', 'evil.test', 'ENOTFOUND'));
