// The corpus of the intake measurement: two thousand support mails as they come, about 6 KB each, a tenth with a file of 50 KB, three in ten answers to
// an acknowledgment of ours. Each writer has a domain of his own, and no two texts are alike.
import { subjectOf } from '../story/desk.ts';
import { senderOf } from './generated-mails.ts';

const words = [
  ...'backup restore server agent console archive volume licence schedule network storage snapshot error log update version'.split(
    ' ',
  ),
  ...'window disk file folder machine night week fails stopped slowly again since yesterday our the we every after before'.split(
    ' ',
  ),
];
const attachmentChars = 50_000;
const textChars = 900;

/** A mail that opens a case. */
export function newMail(index: number): Buffer {
  const head = [
    ...headOf(index),
    `Subject: ${sentence(index, 5)} (${index})`,
    'To: Example Support <support@desk.test>',
  ];
  return mailOf(index, head, `Hello,\n\n${textOf(index)}\n\nPerson ${index}, Company ${index}`);
}

/** The answer of mail `index`'s writer to our acknowledgment of it. */
export function answerTo(letter: Buffer, index: number): Buffer {
  const read = (name: string) =>
    new RegExp(`^${name}: *([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)`, 'im').exec(letter.toString('latin1'))?.[1] ?? '';
  const id = read('Message-ID');
  const head = [
    ...headOf(index, 'answer'),
    `Subject: Re: ${subjectOf(letter)}`,
    `To: ${read('Reply-To') || read('From')}`,
    `In-Reply-To: ${id}`,
    `References: ${id}`,
  ];
  return mailOf(
    index,
    head,
    `${textOf(index + 1_000_000)}\n\nOn Monday Example Support wrote:\n> We have received your request.\n> ${sentence(index, 9)}`,
  );
}

function headOf(index: number, kind = 'request'): string[] {
  return [
    // What a mail gains on its way is most of its head.
    ...[1, 2, 3].map(
      (hop) =>
        `Received: from mx${hop}.company${index}.test (mx${hop}.company${index}.test [192.0.2.${hop}]) by mx${hop + 1}.test with ESMTPS id ${index}${hop}; Mon, 02 Mar 2026 09:00:0${hop} +0000`,
    ),
    `From: Person ${index} <${senderOf(index)}>`,
    'Date: Mon, 02 Mar 2026 09:00:00 +0000',
    `Message-ID: <${kind}-${index}@company${index}.test>`,
    'MIME-Version: 1.0',
  ];
}

function mailOf(index: number, head: string[], text: string): Buffer {
  const boundary = `part-${index}`;
  const html = `<html><head><style>p { margin: 0 }</style></head><body>${text
    .split('\n\n')
    .map((one) => `<p style="font-family: Calibri, sans-serif; font-size: 11pt">${one.replaceAll('\n', '<br>')}</p>`)
    .join('\n')}</body></html>`;
  const alternative = [
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8\n',
    text,
    `--${boundary}`,
    'Content-Type: text/html; charset=utf-8\n',
    html,
    `--${boundary}--`,
    '',
  ].join('\n');
  const body = index % 10 === 0 ? withFile(index, alternative) : alternative;
  return Buffer.from([...head, body].join('\n').replaceAll('\n', '\r\n'));
}

function withFile(index: number, body: string): string {
  const file = Buffer.from(`${sentence(index, 200)}\n`.repeat(40))
    .toString('base64')
    .slice(0, attachmentChars)
    .replaceAll(/.{76}/g, '$&\n');
  const head =
    'Content-Type: text/plain; name="agent.log"\nContent-Disposition: attachment; filename="agent.log"\nContent-Transfer-Encoding: base64';
  return `Content-Type: multipart/mixed; boundary="whole"\n\n--whole\n${body}\n--whole\n${head}\n\n${file}\n--whole--\n`;
}

function textOf(index: number): string {
  const lines: string[] = [];
  for (let at = 0, chars = 0; chars < textChars; at += 1) {
    const line = `${sentence(index * 31 + at, 11)}; this is remark ${at + 1} of request ${index}.`;
    lines.push(line);
    chars += line.length;
  }
  return lines.join('\n\n');
}

/** The same number gives the same words. */
function sentence(seed: number, count: number): string {
  let state = (seed + 1) >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return words[(state % 9973) % words.length];
  }).join(' ');
}
