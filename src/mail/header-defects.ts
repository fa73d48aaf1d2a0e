// Who the header names as author, and what in it is not as RFC 5322 has it: every deviation is told with what we did about it (TRUST B2–B16, B33–B36).
import { parseAuthor } from './address.ts';
import { cut, displayText, hasControls } from './encoded-word.ts';
import { firstValue, valuesOf } from './header-block.ts';
import { limits, type Defect, type Header, type Mail } from './mail.ts';
import { ownMessageId } from './message-id.ts';

/** Most Received fields of a mail that is not going in circles (Postfix stops at 50; TRUST B34). */
const receivedMax = 50;

/** A date header as an ISO instant, or null when it is none or absurd (RFC 5322 section 3.3; TRUST B33). */
export function isoDate(value: string): string | null {
  const milliseconds = Date.parse(
    value
      .replace(/\([^()]*\)/g, ' ')
      .trim()
      .slice(0, 100),
  );
  return Number.isFinite(milliseconds) && Math.abs(milliseconds) < 253_402_300_800_000
    ? Temporal.Instant.fromEpochMilliseconds(milliseconds).toString()
    : null;
}

/** The one author, or null with the defect that says why there is none. */
export function authorOf(headers: Header[]): { address: Mail['from']; defects: Defect[] } {
  const values = valuesOf(headers, 'from');
  if (values.length === 0)
    return { address: null, defects: [{ code: 'no-from', detail: 'there is no From header; the mail has no sender' }] };
  if (values.length > 1) {
    return {
      address: null,
      defects: [{ code: 'two-froms', detail: `${values.length} From headers, one is allowed; no sender was taken` }],
    };
  }
  const { address, why } = parseAuthor(values[0] ?? '');
  if (address) return { address, defects: [] };
  const code = /authors|group/.test(why) ? 'several-senders' : 'invalid-from';
  return { address: null, defects: [{ code, detail: `${why}; no sender was taken` }] };
}

/** The deviations of a header, the author's apart. */
export function headerDefects(headers: Header[]): Defect[] {
  const defects: Defect[] = [];
  const twice: [string, Defect['code']][] = [
    ['subject', 'two-subjects'],
    ['message-id', 'two-message-ids'],
    ['date', 'two-dates'],
  ];
  for (const [name, code] of twice) {
    const found = valuesOf(headers, name).length;
    if (found > 1) defects.push({ code, detail: `${found} ${name} headers, one is allowed; the topmost was taken` });
  }
  const id = firstValue(headers, 'message-id');
  if (id === '') defects.push({ code: 'no-message-id', detail: 'there is no Message-ID; the content is the key' });
  else if (ownMessageId(id) === null) {
    defects.push({
      code: 'bad-message-id',
      detail: `"${cut(displayText(id), 100)}" is not one usable Message-ID; the content is the key`,
    });
  }
  const date = firstValue(headers, 'date');
  if (date !== '' && isoDate(date) === null) {
    defects.push({
      code: 'bad-date',
      detail: `"${cut(displayText(date), 60)}" is not a date; only the time of receipt counts`,
    });
  }
  const received = valuesOf(headers, 'received').length;
  if (received > receivedMax)
    defects.push({ code: 'many-received', detail: `${received} Received headers, ${receivedMax} are allowed` });
  if (headers.length >= limits.headersMax)
    defects.push({ code: 'many-headers', detail: `more than ${limits.headersMax} headers; the rest was left out` });
  const shown = ['from', 'to', 'cc', 'reply-to', 'subject'].filter((name) => hasControls(firstValue(headers, name)));
  if (shown.length > 0)
    defects.push({
      code: 'control-characters',
      detail: `control characters in ${shown.join(', ')}; taken out for showing`,
    });
  const addresses =
    ['to', 'cc']
      .flatMap((name) => valuesOf(headers, name))
      .join(',')
      .split('@').length - 1;
  if (addresses > limits.addressesMax)
    defects.push({
      code: 'many-addresses',
      detail: `about ${addresses} recipients; at most ${limits.addressesMax} were taken`,
    });
  return defects;
}
