// A CSV file as a CRM or Excel writes it, row by row: which encoding and separator it has, and each row with the line it begins in.
import { createReadStream, openSync, readSync, closeSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { TextDecoderStream } from 'node:stream/web';
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { columnsOf, unknownColumn, customerColumns, type CustomerKind } from '../policy/customer-row.ts';
import type { BadRow, GivenRow } from '../customers.ts';
import { ProblemsFound, UsageError } from './ending.ts';

/** The most of a file's beginning that is looked at for its encoding and header, and of one row. */
const headBytesMax = 64 * 1024;
const rowCharsMax = 64 * 1024;

const separators = [',', ';', '\t'];

/**
 * Rows of the file, streamed; one with more or fewer cells than the header comes as a bad one. Throws a UsageError when the file can not be opened
 * or its header is not the kind's, and ProblemsFound where it stops being CSV or text.
 */
export async function* rowsOf(path: string, kind: CustomerKind): AsyncGenerator<GivenRow | BadRow, void, undefined> {
  const { encoding, head } = headOf(path);
  const delimiter = separators.toSorted((a, b) => head.split(b).length - head.split(a).length)[0] ?? ',';
  const parser = parse({
    delimiter,
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: rowCharsMax,
  });
  const text = Readable.toWeb(createReadStream(path)).pipeThrough(new TextDecoderStream(encoding, { fatal: true }));
  // What goes wrong on the way in comes out of the parser as well.
  const feeding = pipeline(Readable.fromWeb(text), parser).catch(() => undefined);
  let header: string[] | null = null;
  let line = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      // The parser counts where a row ends; one with line breaks in it began earlier.
      line = info.lines - record.reduce((breaks, cell) => breaks + cell.split('\n').length - 1, 0);
      if (header === null) {
        header = headerOf(path, kind, record);
        continue;
      }
      if (record.length !== header.length) {
        yield { line, column: '', problem: `has ${record.length} cells; the header has ${header.length}` };
        continue;
      }
      yield { line, record: Object.fromEntries(header.map((name, index) => [name, record[index]])) };
    }
  } catch (error) {
    if (error instanceof CsvError)
      throw new ProblemsFound(
        `${path}:${line}: it is no CSV from here or the next row on: ${error.message}; nothing was written`,
      );
    if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new ProblemsFound(
        `${path}:${line}: here or below is what is no ${encoding}; nothing was written, save it as "CSV UTF-8"`,
      );
    throw error;
  } finally {
    parser.destroy();
    await feeding;
  }
  if (header === null)
    throw new UsageError(`${path}: it is empty; its first row names the columns: ${columnsOf(kind).join(', ')}`);
}

function headerOf(path: string, kind: CustomerKind, cells: readonly string[]): string[] {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const known = columnsOf(kind);
  const problems = [
    ...names.filter((name) => !known.includes(name)).map((name) => `"${name}" ${unknownColumn(kind, name)}`),
    ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `"${name}" stands there twice`),
    ...customerColumns[kind]
      .filter((column) => column.endsWith('!') && !names.includes(column.replace('!', '')))
      .map((column) => `"${column.replace('!', '')}" is missing`),
  ];
  if (problems.length > 0) throw new UsageError(problems.map((problem) => `${path}:1: ${problem}`).join('\n'));
  return names;
}

/** The encoding by the file's first bytes, and its first line. */
function headOf(path: string): { encoding: string; head: string } {
  const bytes = Buffer.alloc(headBytesMax);
  let read: number;
  try {
    const file = openSync(path, 'r');
    try {
      read = readSync(file, bytes);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new UsageError(`${path}: it can not be read: ${(error as Error).message}`);
  }
  const start = bytes.subarray(0, read);
  const encoding =
    start[0] === 0xff && start[1] === 0xfe ? 'utf-16le' : start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : 'utf-8';
  return { encoding, head: new TextDecoder(encoding).decode(start).split('\n')[0] ?? '' };
}
