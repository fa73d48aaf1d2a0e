// Which product, version and build a mail names. The subject is believed before the text, a longer name before a shorter one that it holds;
// a product of the other line moves the case to that line.
import type { ProductLine } from '../cases/support-case.ts';
import type { Meaning } from './compiled.ts';
import type { Found } from './phrases.ts';
import type { Policy } from './policy.ts';
import { shownWords } from './reading.ts';
import type { Reading } from './reading.ts';

/** What a mail says of its product; null for what it does not say. `version` and `build` are as written, without a leading v or #. */
export interface ProductWords {
  readonly line: ProductLine;
  readonly lineBecause: string;
  readonly product: string | null;
  readonly productBecause: string;
  readonly version: string | null;
  readonly build: string | null;
  readonly versionBecause: string;
}

/** Words after "version" or "build" within which its number must stand: "build number is #5519". */
export const numberReach = 3;

/** Words before "version" within which another maker's product takes it: "Windows Server version 2019". */
const foreignReach = 3;

type Named = Found<Extract<Meaning, { is: 'product' }>>;

/** Finds product, version and build in a mail that came in on `line`. */
export function findProduct(reading: Reading, line: ProductLine, policy: Policy): ProductWords {
  const named = reading.found
    .filter((one): one is Named => one.meaning.is === 'product')
    .toSorted((a, b) => better(a, b, reading, line));
  const best = named[0];
  const versions = versionOf(reading, best);
  if (best === undefined) {
    return {
      line,
      lineBecause: `the mailbox is ${line}'s`,
      product: null,
      productBecause: 'no product is named',
      ...versions,
    };
  }
  const { meaning } = best;
  const where = best.from < reading.subjectEnd ? 'subject' : 'text';
  const productBecause = `${shownWords(reading.words, best)} in the ${where}`;
  const lineBecause =
    meaning.line === line
      ? `the mailbox is ${line}'s`
      : `${meaning.product} is a product of ${policy.lines[meaning.line].title}, though the mailbox is ${line}'s`;
  return { line: meaning.line, lineBecause, product: meaning.product, productBecause, ...versions };
}

/** Subject first, then the mailbox's own line, then the longer name, then the earlier place. */
function better(a: Named, b: Named, reading: Reading, line: ProductLine): number {
  return (
    Number(b.from < reading.subjectEnd) - Number(a.from < reading.subjectEnd) ||
    Number(b.meaning.line === line) - Number(a.meaning.line === line) ||
    b.to - b.from - (a.to - a.from) ||
    a.from - b.from
  );
}

function versionOf(
  reading: Reading,
  product: Named | undefined,
): Pick<ProductWords, 'version' | 'build' | 'versionBecause'> {
  const reasons: string[] = [];
  const behindName = product === undefined ? null : numberAt(reading, product.to, versionForm);
  let version = behindName;
  if (behindName !== null) reasons.push(`version ${behindName} behind the product's name`);
  let build: string | null = null;
  const foreignEnds = new Set(reading.found.filter((one) => one.meaning.is === 'foreign').map((one) => one.to));
  for (const one of reading.found) {
    if (one.meaning.is === 'version' && version === null && !foreignBefore(foreignEnds, one.from)) {
      version = numberAfter(reading, one.to, versionForm);
      if (version !== null) reasons.push(`version ${version} after ${shownWords(reading.words, one)}`);
    }
    if (one.meaning.is === 'build' && build === null && !foreignBefore(foreignEnds, one.from)) {
      build = numberAfter(reading, one.to, buildForm);
      if (build !== null) reasons.push(`build ${build} after ${shownWords(reading.words, one)}`);
    }
  }
  return { version, build, versionBecause: reasons.length === 0 ? 'no version is named' : reasons.join(', ') };
}

const versionForm = /^v?(\d{1,4}(?:\.\d{1,6}){0,3})$/;
const buildForm = /^(\d{1,9})$/;

function numberAt(reading: Reading, at: number, form: RegExp): string | null {
  return form.exec(reading.words[at]?.word ?? '')?.[1] ?? null;
}

function numberAfter(reading: Reading, at: number, form: RegExp): string | null {
  for (let distance = 0; distance < numberReach; distance += 1) {
    if (reading.words[at + distance]?.sentence !== reading.words[at - 1]?.sentence) return null;
    const found = numberAt(reading, at + distance, form);
    if (found !== null) return found;
  }
  return null;
}

function foreignBefore(foreignEnds: ReadonlySet<number>, at: number): boolean {
  for (let distance = 0; distance < foreignReach; distance += 1) {
    if (foreignEnds.has(at - distance)) return true;
  }
  return false;
}
