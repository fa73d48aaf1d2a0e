import { describe, expect, test } from 'vitest';
import { messageIds, ownMessageId } from '../../src/mail/message-id.ts';

describe('the Message-IDs in a header', () => {
  const check = (value: string, ids: string[]): void => {
    test(`${JSON.stringify(value.slice(0, 60))} names ${ids.length}`, () => expect(messageIds(value)).toEqual(ids));
  };
  check('<a@x.example>', ['a@x.example']);
  check('<a@x.example> <b@x.example>', ['a@x.example', 'b@x.example']);
  check('<a@x.example>\r\n\t<b@x.example>,<a@x.example>', ['a@x.example', 'b@x.example']);
  check('Your mail of Monday <a@x.example>', ['a@x.example']);
  check('a@x.example', ['a@x.example']);
  check('< a@x.example >', ['a@x.example']);
  check('<no-at-sign>', ['no-at-sign']);
  check('<a b@x.example> <c@x.example>', ['c@x.example']);
  check('<ä@x.example>', []);
  check(`<${'a'.repeat(5000)}@x.example>`, []);
  check('<>', []);
  check('', []);
  test('of a hundred thousand the last are kept, in order', () => {
    const many = messageIds(Array.from({ length: 100_000 }, (_, index) => `<${index}@x.example>`).join(' '));
    expect(many.at(-1)).toBe('99999@x.example');
    expect(many.length).toBeLessThan(5000);
  });
});

describe("a mail's own id", () => {
  const check = (value: string, id: string | null): void => {
    test(`${JSON.stringify(value)} is ${id ?? 'no key'}`, () => expect(ownMessageId(value)).toBe(id));
  };
  check('<a@x.example>', 'a@x.example');
  check('a@x.example', 'a@x.example');
  check('<a@x.example> <b@x.example>', null);
  check('<"a b"@x.example>', null);
  check('<"a"@x.example>', null);
  check('<>', null);
  check('', null);
});
