// A composed letter is read back by two readers and is what was asked for: subject, headers, chain, recipient, files, the same bytes twice.
import { simpleParser } from 'mailparser';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LetterRequest } from '../../src/cases/decision.ts';
import { compose, referenceChain } from '../../src/letters/compose.ts';
import type { Letter, Sender } from '../../src/letters/letter.ts';
import type { Templates } from '../../src/letters/render.ts';
import { letterKinds } from '../../src/letters/variables.ts';
import { parseMail } from '../../src/mail/parse.ts';
import { caseNumbers } from '../../src/mail/subject.ts';
import { aRequest, aSender, headersOf, now, shippedTemplates } from './build.ts';

let templates: Templates;
beforeAll(async () => {
  templates = await shippedTemplates();
});

function made(request: LetterRequest, sender: Sender = aSender()): Promise<Letter> {
  return compose(request, sender, templates, now);
}

async function check(
  title: string,
  input: { request: LetterRequest; sender?: Sender },
  expected: Record<string, string | undefined>,
): Promise<void> {
  test(title, async () => {
    const headers = new Map(headersOf((await made(input.request, input.sender)).raw));
    for (const [name, value] of Object.entries(expected)) expect([name, headers.get(name)]).toEqual([name, value]);
  });
}

describe.each(letterKinds)('the %s', (kind) => {
  test('comes back whole from the reader of mails', async () => {
    const letter = await made(aRequest(kind));
    const mail = await simpleParser(letter.raw);
    expect(mail.text?.trim()).toBe(letter.text.trim());
    expect(String(mail.html).replaceAll('\r\n', '\n').trim()).toBe(letter.html.trim());
    expect(mail.subject).toBe(letter.subject);
    expect(mail.messageId).toBe(`<${letter.messageId}>`);
    expect(mail.date?.toISOString()).toBe('2026-03-02T09:00:00.000Z');
    const ours = await parseMail(letter.raw);
    expect(ours.defects).toEqual([]);
    expect(ours.from?.addrSpec).toBe('support@help.example');
    expect(ours.to.map((to) => to.addrSpec)).toEqual(['ada@customer.example']);
    expect(ours.automatic !== null).toBe(letter.automatic);
  });
  test('is the same, byte for byte, when composed again', async () => {
    const [first, again] = [await made(aRequest(kind)), await made(aRequest(kind))];
    expect(again.raw.equals(first.raw)).toBe(true);
  });
  test('has CRLF at every line end and no line over 998 bytes', async () => {
    const { raw } = await made(aRequest(kind, {}, { text: 'x'.repeat(5000), bodyText: `ä${'x'.repeat(5000)}` }));
    const text = raw.toString('latin1');
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(Math.max(...text.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
  });
  test('keeps our prose within 72 columns, links apart', async () => {
    const { text } = await made(aRequest(kind, {}, { text: 'a', bodyText: 'a', solution: 'a', replyMarker: 'a' }));
    expect(text.split('\n').filter((line) => line.length > 72 && /\s/.test(line.trim()))).toEqual([]);
  });
  test('loads nothing from outside and runs nothing', async () => {
    const { html } = await made(aRequest(kind));
    expect(html).not.toMatch(/<(?:script|img|link|iframe|form)|url\(|@import|\son\w+=/i);
    expect(html).toMatch(/prefers-color-scheme: dark/);
  });
  test('names its case in the subject, and only this one', async () => {
    const { subject } = await made(aRequest(kind, {}, { subject: 'AW: [Case 00000009] Re: [Case 00000003] disk' }));
    expect(caseNumbers(subject)).toEqual([7]);
  });
});

const tagged = { subject: '[Case 00000007] Backup of the file server stops at 40 %' };
void check('a follow-up keeps the subject of its conversation', { request: aRequest('follow-up') }, tagged);
void check('an answer is a reply', { request: aRequest('answer') }, { subject: `Re: ${tagged.subject}` });
void check(
  'an acknowledgment’s subject is ours',
  { request: aRequest('acknowledgment') },
  { subject: '[Case 00000007] We have received your request' },
);
void check(
  'an automatic answer says so',
  { request: aRequest('acknowledgment') },
  {
    'auto-submitted': 'auto-replied',
    'x-auto-response-suppress': 'All',
    precedence: 'auto_reply',
    'x-casepost-instance': 'tests',
  },
);
void check(
  'a reminder is generated, not a reply',
  { request: aRequest('follow-up') },
  {
    'auto-submitted': 'auto-generated',
    'x-auto-response-suppress': 'All',
    precedence: undefined,
    'x-casepost-instance': 'tests',
  },
);
void check(
  'a person’s answer has none of these',
  { request: aRequest('answer') },
  {
    'auto-submitted': undefined,
    'x-auto-response-suppress': undefined,
    precedence: undefined,
    'x-casepost-instance': undefined,
  },
);
void check(
  'what it answers ends the chain',
  { request: aRequest('answer', { references: ['a@x', 'b@x'], inReplyTo: 'c@x' }) },
  {
    'in-reply-to': '<c@x>',
    references: '<a@x> <b@x> <c@x>',
  },
);
void check(
  'a letter that answers nothing has no chain',
  { request: aRequest('answer', { inReplyTo: null }) },
  {
    'in-reply-to': undefined,
    references: undefined,
  },
);
void check(
  'without address extensions there is no Reply-To',
  { request: aRequest('answer'), sender: aSender({}, { addressExtension: '' }) },
  { 'reply-to': undefined },
);

const chain = Array.from({ length: 30 }, (_, index) => `r${index}@x`);
test('a long chain keeps its first and its last 19', () => {
  expect(referenceChain({ references: chain, inReplyTo: 'last@x' })).toEqual(['r0@x', ...chain.slice(12), 'last@x']);
});
test('an id that could break a header is left out', () => {
  expect(referenceChain({ references: ['a b@x', 'a>\r\nBcc: x', 'ok@x', 'ok@x', 'ü@x', ''], inReplyTo: null })).toEqual(
    ['ok@x'],
  );
});

test('an acknowledgment holds no byte of a stranger’s name or subject', async () => {
  const stranger = { displayName: 'FREE NITRO', addrSpec: 'victim@x.example' };
  const variables = { subject: 'FREE NITRO', recipientName: 'FREE NITRO', text: 'FREE NITRO' };
  for (const kind of ['acknowledgment', 'linked-case'] as const) {
    const { raw, text, html, subject } = await made(aRequest(kind, { to: stranger }, variables));
    expect(`${raw.toString('latin1')}${text}${html}${subject}`).not.toMatch(/NITRO/);
  }
});
test('a variable that is missing is named, and no letter is made', async () => {
  await expect(made(aRequest('answer', {}, { bodyText: undefined, timeline: undefined }))).rejects.toThrow(
    'the answer of case 7 lacks bodyText, timeline',
  );
});
test.each([
  'a@x.example, b@y.example',
  'a@x.example\r\nBcc: b@y',
  '<a@x.example>',
  'a b@x.example',
  'a@b@x.example',
  '@x',
  'a@',
  '',
  'a@x.example;b@y',
  '"a\r\nb"@x',
])('the recipient %j is refused', async (addrSpec) => {
  await expect(made(aRequest('answer', { to: { displayName: '', addrSpec } }))).rejects.toThrow('is not one addr-spec');
});
test('only the first three suggestions are shown, and only web links', async () => {
  const suggestions = [
    'javascript:alert(1)',
    'https://a.example/1',
    'https://a.example/2',
    'https://a.example/3',
    'https://a.example/4',
  ];
  const { html } = await made(
    aRequest('acknowledgment', {}, { suggestions: suggestions.map((url) => ({ title: url, url })) }),
  );
  expect(html).not.toContain('javascript:');
  expect([...html.matchAll(/href="https:\/\/a\.example\/(\d)/g)].map((match) => match[1])).toEqual(['1', '2', '3']);
});
test('attachments go along as they are, under names that are safe', async () => {
  const files = [
    { name: '../é"\r\nx.log', type: 'text/plain', content: Buffer.from('a\r\nb\u0000') },
    { name: '', type: 'message/rfc822', content: Buffer.from('From: eve@x\r\n\r\n') },
  ];
  const letter = await compose(aRequest('answer'), aSender(), templates, now, files);
  const mail = await simpleParser(letter.raw);
  expect(
    mail.attachments.map(({ filename, contentType, content }) => [filename, contentType, content.toString('latin1')]),
  ).toEqual([
    ['.._é_ x.log', 'text/plain', 'a\r\nb\u0000'],
    ['attachment', 'application/octet-stream', 'From: eve@x\r\n\r\n'],
  ]);
  expect(mail.text?.trim()).toBe(letter.text.trim());
  expect((await compose(aRequest('answer'), aSender(), templates, now, files)).raw.equals(letter.raw)).toBe(true);
});
