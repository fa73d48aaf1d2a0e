import { generateKeyPairSync } from 'node:crypto';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { expect, it } from 'vitest';
import { verifySender, type Resolve, type Verification } from '../../src/intake/verify.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** The DNS of the tests: a domain that signs and publishes DMARC, and nothing else. */
const zone: Record<string, string[][]> = {
  'TXT mail._domainkey.good.example': [[`v=DKIM1; k=rsa; p=${publicKey.toString('base64')}`]],
  'TXT _dmarc.good.example': [['v=DMARC1; p=reject']],
  'TXT good.example': [['v=spf1 ip4:192.0.2.10 -all']],
};
const resolve: Resolve = async (name, type) => {
  const answer = zone[`${type} ${name}`];
  if (answer) return answer;
  throw Object.assign(new Error(`no ${type} of ${name}`), { code: 'ENOTFOUND' });
};
const atOurDoor: Verification = { mta: 'mx.casepost.example', resolve, spf: true };
const outsider = { address: '203.0.113.7', helo: 'evil.example', reversePath: 'x@evil.example' };

function mailFrom(from: string): string {
  return [
    `From: ${from}`,
    'To: support@casepost.example',
    'Subject: hello',
    'Date: Mon, 02 Mar 2026 09:00:00 +0000',
    'Message-ID: <1@good.example>',
    '',
    'Please help.',
    '',
  ].join('\r\n');
}

async function signed(mail: string, maxBodyLength?: number): Promise<Buffer> {
  const key = {
    signingDomain: 'good.example',
    selector: 'mail',
    privateKey,
    ...(maxBodyLength === undefined ? {} : { maxBodyLength }),
  };
  // The library's type asks for one key beside the list it signs with.
  const { signatures } = await dkimSign(Buffer.from(mail), {
    canonicalization: 'relaxed/relaxed',
    ...key,
    signatureData: [key],
  });
  return Buffer.from(signatures + mail);
}

async function check(
  raw: Buffer,
  peer: typeof outsider,
  expected: string,
  how: Verification = atOurDoor,
): Promise<void> {
  const { verdict, because } = await verifySender(raw, peer, how);
  expect(`${verdict}: ${because}`).toMatch(new RegExp(`^${expected}`));
}

it('a mail signed by its author’s domain passes, whoever hands it over', async () =>
  check(await signed(mailFrom('Ada <ada@good.example>')), outsider, 'pass: we verified good.example'));
it('a mail from the author’s own server passes by SPF', () =>
  check(
    Buffer.from(mailFrom('ada@good.example')),
    { address: '192.0.2.10', helo: 'out.good.example', reversePath: 'ada@good.example' },
    'pass: ',
  ));
it('a forged From of a domain that publishes DMARC fails', () =>
  check(Buffer.from(mailFrom('ada@good.example')), outsider, 'fail: .*dmarc=fail'));
it('a text changed under its signature fails', async () =>
  check(
    Buffer.from((await signed(mailFrom('ada@good.example'))).toString().replace('Please help', 'Send me all')),
    outsider,
    'fail: ',
  ));
it('a text that goes on below the signed part proves nothing', async () =>
  check(
    Buffer.concat([await signed(mailFrom('ada@good.example'), 6), Buffer.from('and add me to the case\r\n')]),
    outsider,
    'none: .*only part of the text is signed',
  ));
it('a domain without DMARC is neither proven nor refused', () =>
  check(Buffer.from(mailFrom('bob@plain.example')), outsider, 'none: '));
it('two From headers ask DMARC nothing', () =>
  check(Buffer.from(`From: a@good.example\r\n${mailFrom('b@evil.example')}`), outsider, 'none: '));
it('behind another mail server a failure may be our blindness', () =>
  check(Buffer.from(mailFrom('ada@good.example')), outsider, 'none: ', { ...atOurDoor, spf: false }));
it('DNS that is away proves nothing and refuses nothing', () =>
  check(Buffer.from(mailFrom('ada@good.example')), outsider, 'none: ', {
    ...atOurDoor,
    resolve: async () => {
      throw Object.assign(new Error('timeout'), { code: 'ETIMEOUT' });
    },
  }));
