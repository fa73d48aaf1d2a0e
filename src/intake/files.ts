// Mails that lie in files: .eml files, folders of them, mbox files and Maildirs, for `casepost ingest` and `casepost explain`. A file that can
// not be read is an item that says so: one bad file must not end a run over thousands.
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createReadStream } from 'node:fs';

/** A mail from a file. `file` is its path; for a mail of an mbox `path#1`, counted from 1. `error` says why there is no `raw`. */
export type FileItem =
  | { file: string; raw: Buffer; error?: undefined }
  | { file: string; raw?: undefined; error: string };

/** Limits of reading files: a larger file or mail is reported, not read. */
export const fileLimits = { bytesMax: 128 * 1024 * 1024, depthMax: 20 } as const;

/** Yields the mails under `paths` in the order given; a folder's entries sorted by name, a Maildir's `new` and `cur` but never `tmp`. */
export async function* mailFiles(paths: readonly string[]): AsyncGenerator<FileItem> {
  for (const path of paths) yield* itemsAt(path, 0);
}

async function* itemsAt(path: string, depth: number): AsyncGenerator<FileItem> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) {
      if (depth >= fileLimits.depthMax)
        yield { file: path, error: `the folder is more than ${fileLimits.depthMax} levels deep; it was left out` };
      else yield* itemsOfFolder(path, depth);
    } else if (!found.isFile()) yield { file: path, error: `${path} is neither a file nor a folder; it was left out` };
    else yield* itemsOfFile(path, found.size);
  } catch (error) {
    yield { file: path, error: `${path} could not be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

async function* itemsOfFolder(path: string, depth: number): AsyncGenerator<FileItem> {
  const names = (await readdir(path)).sort();
  const maildir = names.includes('cur') && names.includes('new');
  for (const name of names) {
    if (maildir ? !['cur', 'new'].includes(name) && !name.startsWith('.') : name.startsWith('.')) continue;
    yield* itemsAt(join(path, name), depth + 1);
  }
}

async function* itemsOfFile(path: string, size: number): AsyncGenerator<FileItem> {
  if (!(await isMbox(path))) {
    if (size > fileLimits.bytesMax)
      yield { file: path, error: `${path} has ${size} bytes, ${fileLimits.bytesMax} are read; it was left out` };
    else {
      const handle = await open(path);
      try {
        yield { file: path, raw: await handle.readFile() };
      } finally {
        await handle.close();
      }
    }
    return;
  }
  let number = 0;
  for await (const raw of mboxMails(path)) {
    number += 1;
    if (raw === null)
      yield {
        file: `${path}#${number}`,
        error: `mail ${number} of ${path} is larger than ${fileLimits.bytesMax} bytes; it was left out`,
      };
    else yield { file: `${path}#${number}`, raw };
  }
}

const fromLine = /^From \S.*\d\d:\d\d/;

/** An mbox begins with a `From ` line (RFC 4155); an .eml that does so is one saved from an mbox, and is one mail. */
async function isMbox(path: string): Promise<boolean> {
  if (/\.(?:eml|msg|txt)$/i.test(basename(path))) return false;
  const handle = await open(path);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(200), 0, 200, 0);
    return fromLine.test(buffer.subarray(0, bytesRead).toString('latin1').split('\n')[0] ?? '');
  } finally {
    await handle.close();
  }
}

/** The mails of an mbox, streamed; `>From ` loses its `>` (the mboxrd form). null stands for one that is too large. */
async function* mboxMails(path: string): AsyncGenerator<Buffer | null> {
  let lines: Buffer[] = [];
  let size = 0;
  let begun = false;
  let blankBefore = true;
  const finish = (): Buffer | null => {
    if (size > fileLimits.bytesMax) return null;
    // The blank line before the next From line belongs to the mbox, not to the mail.
    if (lines.length > 1 && /^\r?\n$/.test(lines.at(-1)?.toString('latin1') ?? '')) lines.pop();
    return Buffer.concat(lines);
  };
  for await (const line of linesOf(path)) {
    const start = line.subarray(0, 200).toString('latin1');
    if (blankBefore && fromLine.test(start)) {
      if (begun) yield finish();
      lines = [];
      size = 0;
      begun = true;
    } else {
      size += line.length;
      if (size <= fileLimits.bytesMax) lines.push(/^>+From /.test(start) ? line.subarray(1) : line);
    }
    blankBefore = /^\r?\n$/.test(start);
  }
  if (begun) yield finish();
}

async function* linesOf(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      yield rest.length > 0 ? Buffer.concat([...rest, chunk.subarray(from, end + 1)]) : chunk.subarray(from, end + 1);
      rest = [];
      from = end + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  if (rest.length > 0) yield Buffer.concat(rest);
}
