import { describe, expect, test } from 'vitest';
import { decodeText } from '../../src/mail/charset.ts';
import { cleanText, displayText, hasControls, readParameters } from '../../src/mail/encoded-word.ts';

describe('header text for people', () => {
  const check = (value: string, shown: string): void => {
    test(`${JSON.stringify(value)} shows as ${shown}`, () => expect(displayText(value)).toBe(shown));
  };
  check('plain', 'plain');
  check('=?utf-8?Q?Gr=C3=BC=C3=9Fe?=', 'Grüße');
  check('=?UTF-8?b?R3LDvMOfZQ==?= aus =?iso-8859-1?q?K=F6ln?=', 'Grüße aus Köln');
  check('=?utf-8?Q?one?= =?utf-8?Q?_two?=', 'one two');
  check('=?utf-8?Q?one?=\r\n =?utf-8?Q?two?=', 'onetwo');
  check('=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=', 'Grüße');
  check('=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=', 'Grüße');
  check('"=?utf-8?Q?Gr=C3=BC=C3=9Fe?="', '"Grüße"');
  check('=?utf-8?Q?with spaces?=', 'with spaces');
  check('=?utf-8?Q?a=00b=0D=0Ac?=', 'ab c');
  check('a\u202eb\u2066c', 'abc');
  check('=?x?y?z', '=?x?y?z');
  check('=?utf-8?X?abc?=', '=?utf-8?X?abc?=');
});

describe('the parameters of a MIME field', () => {
  const check = (header: string, value: string, parameters: Record<string, string>): void => {
    test(header, () =>
      expect({ ...readParameters(header), parameters: { ...readParameters(header).parameters } }).toEqual({
        value,
        parameters,
      }),
    );
  };
  check('Text/Plain; charset=utf-8', 'text/plain', { charset: 'utf-8' });
  check('text/plain; charset="utf-8" (a comment; x=y)', 'text/plain', { charset: 'utf-8' });
  check('multipart/mixed; boundary="a;b=c"', 'multipart/mixed', { boundary: 'a;b=c' });
  check('text/plain; name="a\\"b"', 'text/plain', { name: 'a"b' });
  check('text/plain; name=a; name=b', 'text/plain', { name: 'a' });
  check("a/b; name*=utf-8''%C3%BC.txt", 'a/b', { name: 'ü.txt' });
  check("a/b; name*0*=iso-8859-1'de'%FC; name*1*=%DF; name*2=x", 'a/b', { name: 'üßx' });
  check('a/b; name*1=b; name*0=a', 'a/b', { name: 'ab' });
  check('a/b; name="=?utf-8?Q?=C3=BC?="', 'a/b', { name: 'ü' });
  check("a/b; name*=utf-8''100%", 'a/b', { name: '100%' });
  check('a/b; name="open', 'a/b', { name: 'open' });
  check('attachment', 'attachment', {});
  test('a parameter called __proto__ is only a name', () => {
    expect(readParameters('a/b; __proto__=x').parameters['__proto__']).toBe('x');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('bytes to text', () => {
  const check = (bytes: number[], declared: string | null, text: string, wrong = false): void => {
    test(`${Buffer.from(bytes).toString('hex')} declared ${declared} is ${JSON.stringify(text)}`, () => {
      const read = decodeText(Uint8Array.from(bytes), { declared });
      expect(read.text).toBe(text);
      expect(read.wrong !== null).toBe(wrong);
    });
  };
  check([0xfc], 'iso-8859-1', 'ü');
  check([0xa4], 'iso-8859-15', '€');
  check([0x80], 'iso-8859-1', '€');
  check([0xc3, 0xbc], 'iso-8859-1', 'ü', true);
  check([0xc3, 0xbc], null, 'ü');
  check([0xfc], null, 'ü');
  check([0xfc], 'us-ascii', 'ü');
  check([0xfc], 'utf-8', 'ü', true);
  check([0xc3, 0xbc, 0xc3, 0xbc, 0xff], 'utf-8', 'üü\ufffd', true);
  check([0xff, 0xfe, 0x61, 0x00], null, 'a');
  check([0x00, 0x61], 'utf-16be', 'a');
  check([0x2b, 0x41, 0x50, 0x77, 0x2d], 'unicode-1-1-utf-7', 'ü');
  check([0xb0, 0xa1], 'ks_c_5601-1987', '가');
  check([0xc4, 0xe3], 'gb2312', '你');
  check([0x87, 0x40], 'cp932', '①');
  check([0xcf], 'koi8-r', 'о');
  check([0xe4], 'windows-1251', 'д');
  check([0x61], 'klingon', 'a', true);
});

test('controls, bidi marks and lone surrogates are taken out, line breaks made one kind', () => {
  expect(cleanText('a\0b\x1b\u202ec\ud800\r\nd\u2028e\tf')).toBe('abc\ufffd\nd\ne\tf');
  expect(hasControls('a\u202eb')).toBe(true);
  expect(hasControls('Grüße\n')).toBe(false);
});

describe('an undeclared text', () => {
  const check = (charset: string, base64: string, text: string): void => {
    test(`in ${charset} is read`, () =>
      expect(decodeText(Buffer.from(base64, 'base64'), { declared: null }).text).toBe(text));
  };
  check('shift_jis', 'g3aDioOTg16CqpOugquC3IK5gvGBQo+Vgq+CxIKtgr6Cs4KigUI=', 'プリンタが動きません。助けてください。');
  check('euc-jp', 'pdel6qXzpb+krMawpK2k3qS7pPOho731pLGkxqSvpMCktaSkoaM=', 'プリンタが動きません。助けてください。');
  check('euc-kr', 'x8G4sMXNsKEgwNu1v8fPwfYgvsq9wLTPtNkuILW1v83B1ry8v+Qu', '프린터가 작동하지 않습니다. 도와주세요.');
  check(
    'gb18030',
    'ztK1xLTy06G7+rK7xNzTw8HLo6zE48PHv8nS1MC0v7TSu8/CwvChow==',
    '我的打印机不能用了，你们可以来看一下吗。',
  );
  check('big5', 'p9qquqZMqu2+96Sjr+ClzqRGoUGnQa3MpWmlSKjTrN2kQKRVttyhQw==', '我的印表機不能用了，你們可以來看一下嗎。');
  check(
    'koi8-r',
    '8NLJztTF0iDOxSDSwcLP1MHF1Cwg0M/Nz8fJ1MUg0M/WwczVytPUwS4=',
    'Принтер не работает, помогите пожалуйста.',
  );
  check(
    'windows-1251',
    'z/Do7fLl8CDt5SDw4OHu8uDl8iwg7+7s7uPo8uUg7+7m4Ovz6fHy4C4=',
    'Принтер не работает, помогите пожалуйста.',
  );
  check(
    'windows-1252',
    'R3L832UgYXVzIEv2bG4sIHdvIGRlciBEcnVja2VyIGJyZW5udC4=',
    'Grüße aus Köln, wo der Drucker brennt.',
  );
});
