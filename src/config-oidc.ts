// Signing in to the pages by a company's own sign-on (OpenID Connect), beside the mailed link: where it is, and how we are registered there.
import { z } from 'zod';
import type { Config } from './config.ts';
import { checkSecret, groupOf, loopback, problem, secretIn } from './config-reading.ts';
import type { Reading } from './config-reading.ts';

const textError = 'is not a text; write it like the one your registration shows';
const text = z.string({ error: textError }).min(1, { error: textError });
const issuerError = 'is not a web address; write the issuer, like https://login.example.com';

/** `oidc:` as it may be written. */
export const oidcSchema = z.strictObject(
  {
    issuer: z.url({ protocol: /^https?$/, error: issuerError }),
    clientId: text,
    clientSecret: text.optional(),
    clientSecretEnv: text.optional(),
    clientSecretFile: text.optional(),
  },
  {
    error: (issue) =>
      issue.code === 'invalid_type' ? 'is not a group of keys; write key: value lines below it' : null,
  },
);

/** Checks what its schema can not: that its secret is written once and there, and that nobody on the way can read along. Unchecked data. */
export function checkOidc(reading: Reading, written: unknown): void {
  if (written === undefined) return;
  const group = groupOf(written);
  checkSecret(reading, ['oidc'], group, 'clientSecret');
  const { issuer } = group;
  if (typeof issuer !== 'string' || !issuer.startsWith('http:') || !URL.canParse(issuer)) return;
  if (!loopback(new URL(issuer).hostname)) problem(reading, ['oidc', 'issuer'], 'begins with http:; write https:');
}

/** `oidc:` with its secret fetched; null when it is not written. */
export function oidcIn(reading: Reading, written: z.output<typeof oidcSchema> | undefined): Config['oidc'] {
  if (written === undefined) return null;
  const { issuer, clientId } = written;
  return { issuer, clientId, clientSecret: secretIn(reading, written, 'clientSecret', ['oidc']) };
}
