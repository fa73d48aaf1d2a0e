// Decides which case numbers a subject names, and what is left of it without its prefixes and tags.
// One grammar for every form a customer's mail program or hand produces (TRUST B44). A number alone proves nothing: the desk
// weighs it together with who wrote (TRUST 4.2).

/** Limits of this file. A case number of more digits than this is an overflow, hence no case number. */
export const subjectLimits = { caseDigitsMax: 12, tagCharsMax: 40, prefixesMax: 500 } as const;

/** The case numbers a subject names, in order and without repeats. */
export function caseNumbers(subject: string): number[] {
  const found: number[] = [];
  for (const match of subject.normalize('NFKC').matchAll(/(?:\bcase(?:[ \t]+(?:number|no\.?))?[ \t]{0,4}[:#]{0,2}[ \t]{0,4}|#)([0-9]{8,12}|(?<=case.{0,12})[0-9]{1,12})(?![0-9])/giu)) {
    const number = Number(match[1]);
    if (number > 0 && !found.includes(number)) found.push(number);
  }
  return found;
}

/** The subject without reply and forward prefixes, for comparing. */
export function bareSubject(subject: string): string {
  return subject.replace(/^(?:(?:re|aw|fw|fwd|wg)[ \t]{0,3}:[ \t]*){1,50}/iu, '').trim();
}
