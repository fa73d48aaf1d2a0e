// Generators of mail for the properties: pieces that mean something to some reader, put together as no reader expects.
import * as fc from 'fast-check';

/** Bytes that mean something somewhere, between bytes that mean nothing. */
const scraps = fc.constantFrom(
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  '\n ',
  ':',
  ';',
  ',',
  '<',
  '>',
  '@',
  '"',
  '\\',
  '(',
  ')',
  '[',
  ']',
  '=',
  '?',
  '.',
  '--',
  '-- ',
  '\0',
  '\x1b$B',
  '\x7f',
  '\xff',
  '\xed\xa0\x80',
  '\xe2\x80\xae',
  '=?utf-8?Q?=00=0D=0A?=',
  '=?utf-7?Q?+2D0-?=',
  '=?x?B?????=',
  '%00',
  "utf-8''%ed%a0%80",
  '&#0;',
  '&#xD800;',
  'a@b.example',
  'xn--pple-43d',
  '\xd0\xb0',
  'On x wrote:',
  '> ',
  '<div>',
  '</',
  '<!--',
  'begin 644 x',
  '=',
  '=\n',
  '+AAA-',
);
/** Text of scraps and bytes at random. */
export const noise = fc
  .array(fc.oneof(scraps, fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 25 })
  .map((pieces) => pieces.join(''));
/** The text as bytes, its beginning once more in UTF-8. */
export const bytesOf = (text: string): Buffer =>
  Buffer.concat([Buffer.from(text, 'latin1'), Buffer.from(text.slice(0, 200), 'utf8')]);

const names = fc.constantFrom(
  'From',
  'To',
  'Cc',
  'Reply-To',
  'Subject',
  'Date',
  'Message-ID',
  'In-Reply-To',
  'References',
  'Received',
  'Content-Type',
  'Content-Transfer-Encoding',
  'Content-Disposition',
  'Auto-Submitted',
  'Return-Path',
  'Authentication-Results',
  'Precedence',
  'List-Id',
  'X-Failed-Recipients',
  'X-Quagga',
);
const types = fc.constantFrom(
  'text/plain',
  'text/html',
  'text/plain; charset=utf-16',
  'text/plain; charset=utf-7',
  'text/plain; format=flowed; delsp=yes',
  'multipart/mixed',
  'multipart/alternative; boundary=""',
  'multipart/report; report-type=delivery-status; boundary=b',
  'multipart/digest; boundary=b',
  'message/rfc822',
  'message/delivery-status',
  'application/ms-tnef; name="winmail.dat"',
  'image/png',
  'text',
  '/',
  'text/calendar',
  "application/octet-stream; name*0*=utf-8''%00; name*1=x",
);
const encodings = fc.constantFrom(
  '7bit',
  'base64',
  'quoted-printable',
  'x-uuencode',
  'binary',
  'x-foo',
  'BASE64 (yes)',
);
/** A header field with noise for its value. */
export const field = fc.tuple(names, noise).map(([name, value]) => `${name}: ${value}`);
/** A mailbox of a From or To, seldom a right one. */
export const address = fc
  .tuple(
    noise,
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.constantFrom('example', 'b\u00fccher.example', '\u0430pple.example', '[127.0.0.1]', ' .evil', '"x"', ''),
  )
  .map(([name, local, domain]) => `${name} <${local}@${domain}>`);

/** A MIME tree: boundaries now and then missing, wrong, shared or never closed. */
export const { tree } = fc.letrec<{ tree: string; leaf: string; node: string }>((tie) => ({
  tree: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('leaf'), tie('node')),
  leaf: fc
    .tuple(types, encodings, noise, noise)
    .map(
      ([type, encoding, name, body]) =>
        `Content-Type: ${type}\nContent-Transfer-Encoding: ${encoding}\nContent-Disposition: attachment; filename="${name}"\n\n${body}\n`,
    ),
  node: fc
    .tuple(
      fc.constantFrom('a', 'b', 'ab', ' ', '=_x; y'),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.boolean(),
      fc.constantFrom('', 'b', '\t'),
    )
    .map(([boundary, children, closed, extra]) => {
      const parts = children.map((child) => `--${boundary}${extra}\n${child}`).join('\n');
      return `Content-Type: multipart/mixed; boundary="${boundary}"\n\n${parts}${closed ? `\n--${boundary}--` : ''}\n`;
    }),
}));
