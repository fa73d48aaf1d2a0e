// Support mails for measuring: each from a domain of its own (the caps per domain must not end the measurement), some with html, some with an
// attachment, of the length people write. The same number gives the same mail.
const topics = [
  ['Nightly backup fails since the update', 'our nightly backup fails with an error since we installed the update'],
  ['Restore is slow', 'restoring a folder of forty gigabytes takes more than nine hours'],
  [
    'How do I move the licence to another server',
    'we have a new server and would like to move the licence of the old one',
  ],
  [
    'The agent does not start',
    'after the restart of the server the agent stays stopped, and the console shows it as offline',
  ],
  [
    'Validation of the archive ends with a warning',
    'the validation of the weekly archive ends with a warning about the last volume',
  ],
] as const;
const attachmentBytes = 24 * 1024;
const paragraphs = 5;

/** The address the mail `index` comes from. */
export function senderOf(index: number): string {
  return `person${index}@company${index}.test`;
}

/** Mail number `index`, ready for the wire; every fourth has an html part, every tenth a log file of 24 KiB. */
export function generatedMail(index: number): Buffer {
  const [subject, sentence] = topics[index % topics.length] ?? topics[0];
  const text = [
    'Hello,',
    ...Array.from({ length: paragraphs }, (_, at) =>
      `${sentence}; this is remark ${at + 1} of request ${index}. `.repeat(3).trim(),
    ),
    `Person ${index}\nCompany ${index}, +49 30 ${100000 + index}`,
  ].join('\n\n');
  const head = [
    `From: Person ${index} <${senderOf(index)}>`,
    'To: Example Support <support@desk.test>',
    `Subject: ${subject} (${index})`,
    'Date: Mon, 02 Mar 2026 09:00:00 +0000',
    `Message-ID: <request-${index}@company${index}.test>`,
    'MIME-Version: 1.0',
  ];
  const plain = `Content-Type: text/plain; charset=utf-8\n\n${text}\n`;
  const html = `Content-Type: text/html; charset=utf-8\n\n<html><body>${text.replaceAll('\n\n', '<br><br>')}</body></html>\n`;
  const log = Buffer.from(`request ${index} line of the log\n`.repeat(1000))
    .subarray(0, attachmentBytes)
    .toString('base64');
  const file = `Content-Type: text/plain; name=agent.log\nContent-Disposition: attachment; filename=agent.log\nContent-Transfer-Encoding: base64\n\n${log.replaceAll(/.{76}/g, '$&\n')}\n`;
  const body =
    index % 10 === 9
      ? multipart('mixed', [plain, file])
      : index % 4 === 3
        ? multipart('alternative', [plain, html])
        : plain;
  return Buffer.from(`${head.join('\n')}\n${body}`.replaceAll('\n', '\r\n'));
}

function multipart(kind: string, parts: string[]): string {
  const inner = parts.map((part) => `--part\n${part}`).join('');
  return `Content-Type: multipart/${kind}; boundary=part\n\n${inner}--part--\n`;
}
