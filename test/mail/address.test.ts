import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressText, canonicalDomain, deliverable, parseAddressList, parseAuthor } from '../../src/mail/address.ts';

describe('the author of a mail', () => {
  const check = (from: string, addrSpec: string | null, displayName = ''): void => {
    test(`${JSON.stringify(from)} is ${addrSpec ?? 'nobody'}`, () => {
      const { address, why } = parseAuthor(from);
      expect(address).toEqual(addrSpec === null ? null : { displayName, addrSpec });
      expect(why === '').toBe(addrSpec !== null);
    });
  };
  check('anna@customer.example', 'anna@customer.example');
  check('Anna Adler <Anna@Customer.Example>', 'anna@customer.example', 'Anna Adler');
  check('"Adler, Anna" <anna@customer.example>', 'anna@customer.example', 'Adler, Anna');
  check('anna@customer.example (Anna)', 'anna@customer.example');
  check('=?utf-8?Q?J=C3=BCrgen?= <j@customer.example>', 'j@customer.example', 'Jürgen');
  check('"boss@corp.example" <anna@evil.example>', 'anna@evil.example', 'boss@corp.example');
  check('Anna <anna@аpple.example>', 'anna@xn--pple-43d.example', 'Anna');
  check('"anna" <"anna"@customer.example>', 'anna@customer.example', 'anna');
  check("o'hara+{{x}}%s@customer.example", "o'hara+{{x}}%s@customer.example");
  check('"two words"@customer.example', '"two words"@customer.example');
  check('root@[127.0.0.1]', 'root@[127.0.0.1]');
  check('a@good.example .evil.example', null);
  check('a@good.example (x) .evil.example', null);
  check('a@good.example(x).evil.example', null);
  check('<a@good.example> <b@evil.example>', null);
  check('<@relay.example:a@good.example>', null);
  check('a@good.example <b@evil.example> c', null);
  check('"boss@corp.example x"@evil.example', '"boss@corp.example x"@evil.example');
  check('a@b@c.example', null);
  check('a@corp\0@evil.example', null);
  check('a@corp.example\r\nBcc: x@y.example', null);
  check('a@corp.example.', null);
  check('a@-corp.example', null);
  check('=?utf-8?Q?boss?=@corp.example', null);
  check('Team: a@x.example, b@x.example;', null);
  check('a@x.example, Team:;', null);
  check('a@x.example, Team: b@x.example;', null);
  check('a@[', null);
  check('a@[127.0.0.1', null);
  check('a@[127.0.0.1]x', null);
  check('a@[nonsense]', null);
  check('a@x.example [', null);
  check('a@x.example (', null);
  check('"a@x.example', null);
  check('undisclosed-recipients:;', null);
  check('a@x.example, b@x.example', null);
  check('<>', null);
  check('', null);
  check('anna', null);
  check(`${'a'.repeat(250)}@x.example`, null);
});

describe('an address list', () => {
  const check = (value: string, addresses: string[]): void => {
    test(`${JSON.stringify(value)} has ${addresses.length}`, () => {
      expect(parseAddressList(value).map(({ addrSpec }) => addrSpec)).toEqual(addresses);
    });
  };
  check('a@x.example, "B, C" <b@x.example>', ['a@x.example', 'b@x.example']);
  check('Team: a@x.example, b@x.example; c@x.example', ['a@x.example', 'b@x.example', 'c@x.example']);
  check('nonsense, a@x.example, <>', ['a@x.example']);
  check('a@x.example,,b@x.example', ['a@x.example', 'b@x.example']);
  check('undisclosed-recipients:;', []);
  test('at most fifty are taken of five thousand', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `a${index}@x.example`).join(', ');
    expect(parseAddressList(many)).toHaveLength(50);
  });
});

describe('where an automatic mail may go', () => {
  const check = (addrSpec: string, may: boolean): void => {
    test(`${addrSpec} ${may ? 'may' : 'may not'} be written to`, () => expect(deliverable(addrSpec)).toBe(may));
  };
  check('anna@customer.example', true);
  check("o'hara+x@sub.customer.example", true);
  check('jürgen@customer.example', true);
  check('a%evil@good.example', false);
  check('a!b@good.example', false);
  check('a..b@good.example', false);
  check('.a@good.example', false);
  check('"a b"@good.example', false);
  check('a@[127.0.0.1]', false);
  check('a@127.0.0.1', false);
  check('a@localhost', false);
  check('a@good.example.', false);
  check(`${'a'.repeat(65)}@good.example`, false);
});

test('a domain in any letters is one A-label, and a look-alike stays another domain', () => {
  expect(canonicalDomain('BÜCHER.example')).toBe('xn--bcher-kva.example');
  expect(canonicalDomain('xn--bcher-kva.example')).toBe('xn--bcher-kva.example');
  expect(canonicalDomain('аpple.example')).not.toBe(canonicalDomain('apple.example'));
  expect(canonicalDomain('a b.example')).toBeNull();
});

test('what we write as an address reads back as the same address', () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
  const name = fc.string({
    unit: fc.constantFrom('a', 'B', ' ', '"', '\\', ',', '<', '>', '@', '(', ';', 'ü'),
    maxLength: 20,
  });
  fc.assert(
    fc.property(word, word, name, (local, domain, displayName) => {
      const address = { displayName: displayName.replace(/\s+/g, ' ').trim(), addrSpec: `${local}@${domain}.example` };
      expect(parseAuthor(addressText(address)).address).toEqual(address);
    }),
  );
});

test('no text makes the parser throw or yield an address with white space or control characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (value) => {
      for (const { addrSpec } of parseAddressList(value)) expect(addrSpec).toMatch(/^(?:"[^"\0-\x1f]*|[^\s\0-\x1f]+)/);
      expect(parseAuthor(value).why).toBeTypeOf('string');
    }),
  );
});
