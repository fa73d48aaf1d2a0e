// Dates, sizes and people’s own words come out as a reader expects them, and never as markup.
import { expect, test } from 'vitest';
import { bytes, day, longDate, paragraphs } from '../../src/letters/formatting.ts';

function check(title: string, found: string, expected: string): void {
  test(title, () => expect(found.replaceAll(/[\u00a0\u202f]/g, ' ')).toBe(expected));
}
const berlin = { language: 'en', zone: 'Europe/Berlin' };
const p = '<p style="margin:0 0 14px;overflow-wrap:anywhere">';

check(
  'a long date names the zone',
  longDate('2026-03-02T09:00:00Z', berlin),
  'Monday, 2 March 2026 at 10:00 (GMT+1, Europe/Berlin)',
);
check(
  'summer time is known',
  longDate('2026-07-02T09:00:00Z', berlin),
  'Thursday, 2 July 2026 at 11:00 (GMT+2, Europe/Berlin)',
);
check(
  'UTC is UTC',
  longDate('2026-03-02T09:00:00Z', { language: 'en', zone: 'UTC' }),
  'Monday, 2 March 2026 at 09:00 (UTC)',
);
check(
  'a zone is written without underlines',
  longDate('2026-03-02T09:00:00Z', { language: 'en', zone: 'America/New_York' }),
  'Monday, 2 March 2026 at 04:00 (GMT-5, America/New York)',
);
check(
  'an offset is written as one',
  longDate('2026-03-02T09:00:00Z', { language: 'en', zone: '+05:30' }),
  'Monday, 2 March 2026 at 14:30 (UTC+5:30)',
);
check(
  'German dates are German',
  longDate('2026-03-02T09:00:00Z', { ...berlin, language: 'de' }),
  'Montag, 2. März 2026 um 10:00 (GMT+1, Europe/Berlin)',
);
check('a day near midnight is the reader’s day', day('2026-03-02T23:30:00Z', berlin), 'Tuesday 3 March');
check('small sizes are bytes', bytes(999, 'en'), '999 byte');
check('larger ones kilobytes', bytes(48_213, 'en'), '48 kB');
check('and megabytes', bytes(1_204_000, 'en'), '1.2 MB');

check(
  'html in somebody’s words is shown, not run',
  paragraphs('<img src=x onerror=a()>'),
  `${p}&lt;img src&#x3D;x onerror&#x3D;a()&gt;</p>`,
);
check('a blank line parts paragraphs', paragraphs('a\n\n \nb'), `${p}a</p>\n${p}b</p>`);
check('a line break stays one', paragraphs('a\nb'), `${p}a<br>\nb</p>`);
check(
  'a link ends before the full stop',
  paragraphs('see https://x.example/a?b=1&c=2.'),
  `${p}see <a href="https://x.example/a?b&#x3D;1&amp;c&#x3D;2" rel="noopener noreferrer" class="link" style="color:#0b57a4">https://x.example/a?b&#x3D;1&amp;c&#x3D;2</a>.</p>`,
);
check('a script link is no link', paragraphs('javascript:alert(1)'), `${p}javascript:alert(1)</p>`);
check(
  'a link can not leave its attribute',
  paragraphs('https://x.example/"onclick="a'),
  `${p}<a href="https://x.example/" rel="noopener noreferrer" class="link" style="color:#0b57a4">https://x.example/</a>&quot;onclick&#x3D;&quot;a</p>`,
);

test('an indented block keeps its columns in a fixed font', () => {
  expect(paragraphs('do\n\n    net use\n      more')).toContain(
    'monospace;font-size:14px">&nbsp;&nbsp;&nbsp;&nbsp;net use<br>',
  );
});
test('what is no instant is refused with its text', () => {
  expect(() => longDate(null, berlin)).toThrow('null is no instant');
});
