import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { explainPaths } from '../../src/explain.ts';
import { mailFiles } from '../../src/intake/files.ts';

const folder = mkdtempSync(join(tmpdir(), 'casepost-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (path: string, content: string): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
};
const mail = (subject: string): string => `From: anna@customer.example\nSubject: ${subject}\n\nText of ${subject}.\n`;
write('eml/b.eml', mail('b'));
write('eml/a.eml', mail('a'));
write('eml/deeper/c.eml', mail('c'));
write('eml/.hidden', mail('hidden'));
write('Maildir/cur/1.x:2,S', mail('read'));
write('Maildir/new/2.x', mail('new'));
write('Maildir/tmp/3.x', mail('half'));
write('Maildir/.Sent/cur/4.x', mail('sent'));
write('Maildir/.Sent/new/5.x', mail('sent too'));
write(
  'box',
  `From anna@x Mon Mar  2 09:00:00 2026\n${mail('first')}>From here on it is quoted.\n>>From deeper.\n\nFrom bert@x Mon Mar  2 10:00:00 2026\n${mail('second')}\n`,
);
write('one.eml', `From anna@x Mon Mar  2 09:00:00 2026\n${mail('saved')}`);
write('empty/nothing.eml', '');

describe('mails in files', () => {
  const check = (fact: string, paths: string[], found: string[]): void => {
    test(fact, async () => {
      const items = await Array.fromAsync(mailFiles(paths.map((path) => join(folder, path))));
      expect(
        items.map(
          ({ file, raw }) =>
            `${file.slice(folder.length + 1)} ${/^Subject: (.*)$/m.exec(raw?.toString() ?? '')?.[1] ?? (raw ? 'empty' : 'error')}`,
        ),
      ).toEqual(found);
    });
  };
  check('a file is one mail', ['eml/a.eml'], ['eml/a.eml a']);
  check(
    'a folder is read in the order of names, with its folders',
    ['eml'],
    ['eml/a.eml a', 'eml/b.eml b', 'eml/deeper/c.eml c'],
  );
  check(
    'a Maildir is read but for tmp',
    ['Maildir'],
    ['Maildir/.Sent/cur/4.x sent', 'Maildir/.Sent/new/5.x sent too', 'Maildir/cur/1.x:2,S read', 'Maildir/new/2.x new'],
  );
  check('an mbox is read mail by mail', ['box'], ['box#1 first', 'box#2 second']);
  check('an .eml saved from an mbox is one mail', ['one.eml'], ['one.eml saved']);
  check('an empty file is an empty mail', ['empty'], ['empty/nothing.eml empty']);
  check('a missing file is an error and ends nothing', ['none.eml', 'eml/a.eml'], ['none.eml error', 'eml/a.eml a']);
  test('in an mbox a quoted From line loses one mark', async () => {
    const [first] = await Array.fromAsync(mailFiles([join(folder, 'box')]));
    expect(first?.raw?.toString()).toMatch(/\nFrom here on it is quoted.\n>From deeper.\n$/);
  });
});

test('explain writes one line of JSON for each file, errors among them', async () => {
  const lines: string[] = [];
  await explainPaths([join(folder, 'eml'), join(folder, 'none.eml')], (line) => lines.push(line));
  const read = lines.map(
    (line) => JSON.parse(line) as { file: string; subject?: string; from?: string; text?: string; error?: string },
  );
  expect(read.map(({ subject, error }) => subject ?? (error ? 'error' : ''))).toEqual(['a', 'b', 'c', 'error']);
  expect([read[0]?.from, read[0]?.text]).toEqual(['anna@customer.example', 'Text of a.\n']);
});
