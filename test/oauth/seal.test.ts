// Secrets in the database: opened by the same secret at the same place only, and never twice the same bytes.
import { expect, test } from 'vitest';
import { sealer } from '../../src/secret-seal.ts';
import { secretOf } from '../../src/secret.ts';
import { sealing } from './account.ts';

const token = secretOf('canary ü\0 token');
const here = sealer(sealing, 'oauth');

test('what was sealed opens again', () =>
  expect(here.open(here.seal(token, 'a'), 'a')?.reveal()).toBe('canary ü\0 token'));

test('it does not open with another secret, for another purpose or at another place', () => {
  const sealed = here.seal(token, 'a');
  expect(sealer(secretOf('another secret'), 'oauth').open(sealed, 'a')).toBeNull();
  expect(sealer(sealing, 'other').open(sealed, 'a')).toBeNull();
  expect(here.open(sealed, 'b')).toBeNull();
});

test('one changed bit anywhere, or a cut, opens nothing', () => {
  const sealed = here.seal(token, 'a');
  for (let at = 0; at < sealed.length; at += 1) {
    const altered = Buffer.from(sealed);
    altered[at] = (altered[at] ?? 0) ^ 1;
    expect(here.open(altered, 'a')).toBeNull();
    expect(here.open(sealed.subarray(0, at), 'a')).toBeNull();
  }
});

test('sealing twice gives different bytes, and none of them is the secret', () => {
  const [one, other] = [here.seal(token, 'a'), here.seal(token, 'a')];
  expect(one.equals(other)).toBe(false);
  expect(one.includes('canary')).toBe(false);
});

test('a fingerprint tells equal from unequal, and depends on the secret', () => {
  expect(here.fingerprint(['a', null])).toBe(here.fingerprint(['a', null]));
  expect(here.fingerprint(['a', 'b'])).not.toBe(here.fingerprint(['ab', null]));
  expect(sealer(secretOf('another secret'), 'oauth').fingerprint(['a'])).not.toBe(here.fingerprint(['a']));
});
