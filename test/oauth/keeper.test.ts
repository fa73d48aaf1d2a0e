// Ends that are known beforehand: of a client secret by the configuration, of a refresh token by what its server said.
import { expect, test } from 'vitest';
import { endingOf } from '../../src/oauth/keeper.ts';
import { secretOf } from '../../src/secret.ts';
import { at } from '../builders.ts';
import { anAccount } from './account.ts';

const nowhere = { url: 'http://127.0.0.1:1', endpoint: 'http://127.0.0.1:1/token' };
const now = at('2026-03-02T09:00Z');

function check(expires: string | null, refreshUntil: string | null, expected: RegExp | null): void {
  const token = {
    secret: secretOf(''),
    validUntil: now,
    scope: null,
    refreshUntil: refreshUntil === null ? null : at(refreshUntil),
    trouble: null,
  };
  const ending = endingOf(anAccount(nowhere, { expires }), token, now);
  if (expected) expect(ending).toMatch(expected);
  else expect(ending).toBeNull();
}

test('nothing is known to end', () => check(null, null, null));
test('an end more than two weeks away is not told yet', () => check('2026-03-17', '2026-03-17T00:00Z', null));
test('an end two weeks away is told, with its day and what to do', () =>
  check('2026-03-16', null, /^OAuth2 account "office": .* ends on 2026-03-16; .*run "casepost sign-in office"/));
test('an end that has been is told', () => check('2026-02-01', null, /ends on 2026-02-01/));
test('a refresh token of a week, as Google gives in testing, is told at once', () =>
  check(null, '2026-03-09T09:00Z', /its refresh token ends on 2026-03-09/));
test('who needs no refresh token is not told to sign in', () =>
  expect(endingOf(anAccount(nowhere, { expires: '2026-03-03', grant: 'client-credentials' }), null, now)).toMatch(
    /: put a new client secret and its date into casepost.yaml\.$/,
  ));
