// The fields of an RFC 3464 report, one group for each recipient: read from a message/delivery-status part, or from a text into which a mail system
// copied them. Tolerates what is really sent: groups without blank lines, types left out, brackets, several spellings.
import { cleanText } from './encoded-word.ts';
import { addressesIn } from './returned-message.ts';
import type { DeliveryReport } from './delivery-report.ts';

/** One recipient's fields; null or '' when the report does not say. */
export interface RecipientStatus {
  recipient: string;
  action: DeliveryReport['action'] | null;
  status: string | null;
  diagnostic: string;
}

const fieldsMax = 2000;
/** RFC 3464 section 2.3.3 and the words that some systems use instead. */
const actions: [RegExp, DeliveryReport['action']][] = [
  [/^fail|^error|^bounce|^reject|^undeliver/i, 'failed'],
  [/^delay|^defer|^warn/i, 'delayed'],
  [/^deliver(?:ed|able)|^success/i, 'delivered'],
  [/^relay/i, 'relayed'],
  [/^expand/i, 'expanded'],
];

/** Reads every recipient's group in `text` (RFC 3464 section 2.3). A report without recipients yields one group if it has a status at all. */
export function deliveryStatuses(text: string): RecipientStatus[] {
  const groups: Map<string, string>[] = [];
  let group = new Map<string, string>();
  for (const { name, value } of fields(text)) {
    // A second field of the kind that begins a group begins the next, blank line or not.
    const begins = (name === 'final-recipient' || name === 'original-recipient') && group.has(name);
    if (begins) {
      groups.push(group);
      group = new Map();
    }
    if (name === '' ? group.has('final-recipient') || group.has('original-recipient') : false) {
      groups.push(group);
      group = new Map();
    } else if (name !== '' && !group.has(name)) group.set(name, value);
  }
  groups.push(group);
  return groups.filter((fieldsOfGroup) => isRecipient(fieldsOfGroup)).map(toStatus);
}

function isRecipient(group: Map<string, string>): boolean {
  return (
    group.has('final-recipient') || group.has('original-recipient') || (group.has('status') && group.has('action'))
  );
}

function toStatus(group: Map<string, string>): RecipientStatus {
  const value = (name: string): string => group.get(name) ?? '';
  const [final = ''] = addressesIn(value('final-recipient'));
  const [original = ''] = addressesIn(value('original-recipient'));
  const [actual = ''] = addressesIn(value('x-actual-recipient'));
  const action = actions.find(([pattern]) => pattern.test(value('action')))?.[1] ?? null;
  const status = /([245])\s*\.\s*(\d{1,3})\s*\.\s*(\d{1,3})/.exec(value('status'));
  const diagnostic =
    value('diagnostic-code') || value('x-supplementary-info') || value('x-display-name') || value('x-notes');
  return {
    recipient: final || original || actual,
    action,
    status: status ? `${status[1]}.${Number(status[2])}.${Number(status[3])}` : null,
    diagnostic: diagnostic.replace(/^\s*(?:smtp|x-[\w-]+|dns|x\.\d+)\s*;\s*/i, ''),
  };
}

/** `Name: value` lines, unfolded; a blank line comes out as an entry with an empty name. */
function fields(text: string): { name: string; value: string }[] {
  const found: { name: string; value: string }[] = [];
  for (const line of cleanText(text).split('\n')) {
    const field = /^[ \t]{0,4}([A-Za-z][A-Za-z-]{2,40})[ \t]*:[ \t]*(.*)$/.exec(line);
    const last = found.at(-1);
    if (line.trim() === '') found.push({ name: '', value: '' });
    else if (/^[ \t]/.test(line) && last && last.name !== '' && !(field && known.has((field[1] ?? '').toLowerCase())))
      last.value += ` ${line.trim()}`;
    else if (field) found.push({ name: (field[1] ?? '').toLowerCase(), value: field[2] ?? '' });
    // Some systems wrap a diagnostic without indenting the next line.
    else if (last?.name === 'diagnostic-code') last.value += ` ${line.trim()}`;
    if (found.length >= fieldsMax) break;
  }
  return found;
}

const known = new Set([
  'final-recipient',
  'original-recipient',
  'action',
  'status',
  'diagnostic-code',
  'remote-mta',
  'last-attempt-date',
  'reporting-mta',
]);
