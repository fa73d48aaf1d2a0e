// What an admin sends with the form of a text: read here once for publishing, checking, showing and testing. Whatever else comes is left out.
import type { LetterKind } from '../cases/decision.ts';
import { letterKinds } from '../letters/variables.ts';
import { field } from './form.ts';

/** Characters of a note that are taken. */
export const noteCharsMax = 500;

/** The form as it was sent. */
export interface TemplateForm {
  /** With plain line ends: a browser sends CRLF. */
  source: string;
  note: string;
  /** The version the writing began from; null for the shipped text. */
  base: number | null;
  /** What to show it with: of a partial the letter, the invented facts, or a case. */
  letter: LetterKind | undefined;
  sample: string | undefined;
  /** As typed; '' for none. */
  caseNumber: string;
}

/** Reads the body of a POST; what is missing is as if it had been left empty. */
export function readForm(body: unknown): TemplateForm {
  const { source } = (body ?? {}) as { source?: unknown };
  return {
    // Blanks around a letter are the letter's.
    source: typeof source === 'string' ? source.replaceAll('\r\n', '\n') : '',
    note: field(body, 'note').slice(0, noteCharsMax),
    base: versionOf(field(body, 'base')),
    letter: letterKinds.find((kind) => kind === field(body, 'letter')),
    sample: field(body, 'sample') || undefined,
    caseNumber: field(body, 'case'),
  };
}

/** `12` as a version, anything else as the shipped text. */
function versionOf(text: string): number | null {
  return /^[1-9][0-9]{0,14}$/.test(text) ? Number(text) : null;
}

/** `00000001`, `1` or `#1` as a number of a case; null when it is none. */
export function caseNumberOf(text: string): number | null {
  const digits = /^#?([0-9]{1,15})$/.exec(text)?.[1];
  return digits === undefined || Number(digits) === 0 ? null : Number(digits);
}
