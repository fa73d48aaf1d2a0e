// Whether a machine wrote a mail (RFC 3834): such a mail gets no automatic answer, reopens nothing and is not a person's word (TRUST 4.3). The signs
// stand in tables with a weight each; below `enough` the writer is a person. A machine taken for a person costs one letter, a person
// taken for a machine goes unanswered: so words alone never suffice, only words of two kinds or a sign that no mail program of people sets.
import { addressSigns, contentSigns, headerSigns } from './automatic-signs.ts';
import { automaticPhrases } from './automatic-phrases.ts';
import { cut } from './encoded-word.ts';
import type { Header, Mail } from './mail.ts';

/** What kind of machine wrote, and one sentence with the sign that told. */
export type Automatic = {
  kind: 'auto-replied' | 'auto-generated' | 'list' | 'read-receipt' | 'complaint' | 'delivery-report' | 'robot';
  because: string;
};

/** What is looked at. `reported` is whether delivery-report.ts took the mail for a report; `types` the MIME types of its parts. */
export interface AutomaticFacts {
  headers: readonly Header[];
  from: Mail['from'];
  subject: string;
  text: string;
  types: readonly string[];
  reported: boolean;
}

/** One sign met: `weight` counts in units of which `enough` make a machine. */
export interface Sign {
  kind: Automatic['kind'];
  weight: number;
  because: string;
}

const enough = 2;
/** Of several kinds met, the one that says most. */
const kindsByExactness: readonly Automatic['kind'][] = [
  'delivery-report',
  'read-receipt',
  'complaint',
  'auto-replied',
  'list',
  'robot',
  'auto-generated',
];
/** How much of the text the phrases are looked for in: automatic answers come to the point. */
const textCharsLooked = 600;

/** Tells a machine's mail, or null for a person's. */
export function automatic(facts: AutomaticFacts): Automatic | null {
  const signs = [
    ...reportSign(facts),
    ...contentSignsOf(facts),
    ...headerSignsOf(facts),
    ...addressSignsOf(facts),
    ...wordSigns(facts),
  ];
  const weight = signs.reduce((sum, sign) => sum + sign.weight, 0);
  if (weight < enough) return null;
  const kind = kindsByExactness.find((candidate) => signs.some((sign) => sign.kind === candidate)) ?? 'auto-generated';
  return { kind, because: signs.map((sign) => sign.because).join('; ') };
}

/** Whether an addr-spec belongs to a machine by its name (RFC 3834 section 2, RFC 2142): never write to it automatically. */
export function robotAddress(addrSpec: string): boolean {
  const localPart = addrSpec.slice(0, addrSpec.lastIndexOf('@'));
  return addressSigns.some((sign) => sign.localPart.test(localPart));
}

function reportSign(facts: AutomaticFacts): Sign[] {
  return facts.reported ? [{ kind: 'delivery-report', weight: enough, because: 'it is a delivery report' }] : [];
}

function headerSignsOf(facts: AutomaticFacts): Sign[] {
  return facts.headers.flatMap(({ name, value }) => {
    const sign = headerSigns.find((candidate) => candidate.name.test(name) && candidate.value.test(value.trim()));
    return sign
      ? [{ kind: sign.kind, weight: sign.weight, because: `${name}: ${cut(value.trim(), 60)} (${sign.source})` }]
      : [];
  });
}

function addressSignsOf(facts: AutomaticFacts): Sign[] {
  const localPart = facts.from?.addrSpec.slice(0, facts.from.addrSpec.lastIndexOf('@')) ?? '';
  const sign = addressSigns.find((candidate) => candidate.localPart.test(localPart));
  return sign ? [{ kind: 'robot', weight: sign.weight, because: `the sender is ${localPart}@ (${sign.source})` }] : [];
}

function contentSignsOf(facts: AutomaticFacts): Sign[] {
  return contentSigns.flatMap((sign) => {
    const found = sign.type ? facts.types.find((type) => sign.type?.test(type)) : undefined;
    const subject = sign.subject?.test(facts.subject) ? cut(facts.subject, 60) : undefined;
    const met =
      sign.type && sign.subject ? found !== undefined && subject !== undefined : (found ?? subject) !== undefined;
    return met
      ? [
          {
            kind: sign.kind,
            weight: sign.weight,
            because: `${subject === undefined ? found : `the subject "${subject}"`} (${sign.source})`,
          },
        ]
      : [];
  });
}

/**
 * An out-of-office answer without any header: the form of its subject counts one; an absence told in its first lines another, and so does being an
 * answer at all: a person's answer begins with `Re:`, which the subject forms do not allow.
 */
function wordSigns(facts: AutomaticFacts): Sign[] {
  const text = facts.text.slice(0, textCharsLooked);
  const subject = automaticPhrases.find((phrases) => phrases.subject.test(facts.subject));
  if (!subject) return [];
  const signs: Sign[] = [
    { kind: 'auto-replied', weight: 1, because: `the subject begins like an automatic answer (${subject.language})` },
  ];
  const body = automaticPhrases.find((phrases) => phrases.text.test(text));
  if (body)
    signs.push({
      kind: 'auto-replied',
      weight: 1,
      because: `its first lines tell of an absence or of a machine (${body.language})`,
    });
  if (facts.headers.some(({ name }) => name === 'in-reply-to' || name === 'references'))
    signs.push({ kind: 'auto-replied', weight: 1, because: 'it answers a mail without Re:' });
  return signs;
}
