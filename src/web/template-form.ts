// What an admin sends with the form of a text: read here once for publishing, checking, showing and testing. Whatever else comes is left out.
import type { LetterKind } from '../cases/decision.ts';
import { letterKinds } from '../letters/variables.ts';

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
  return {
    source: fieldOf(body, 'source').replaceAll('\r\n', '\n'),
    note: fieldOf(body, 'note').trim().slice(0, noteCharsMax),
    base: versionOf(fieldOf(body, 'base')),
    letter: letterKinds.find((kind) => kind === fieldOf(body, 'letter')),
    sample: fieldOf(body, 'sample') || undefined,
    caseNumber: fieldOf(body, 'case').trim(),
  };
}

/** One field of a form; '' when it is missing, or there more than once. */
export function fieldOf(body: unknown, name: string): string {
  const value = (body as Record<string, unknown> | null | undefined)?.[name];
  return typeof value === 'string' ? value : '';
}

/** `12` as a version, anything else as the shipped text. */
export function versionOf(text: string): number | null {
  return /^[1-9][0-9]{0,14}$/.test(text) ? Number(text) : null;
}

/** `00000001`, `1` or `#1` as a number of a case; null when it is none. */
export function caseNumberOf(text: string): number | null {
  const digits = /^#?([0-9]{1,15})$/.exec(text)?.[1];
  return digits === undefined || Number(digits) === 0 ? null : Number(digits);
}
