// `casepost demo`, as the README's first line starts it: the story says what issue 2 demands of it, and the page shows every letter.
import { describe, expect, it } from 'vitest';
import { casepost, startCasepost } from './program.ts';

const letterKinds = [
  'acknowledgment',
  'engineer-new-case',
  'answer',
  'follow-up',
  'closed-by-customer',
  'closed-no-response',
  'linked-case',
];

describe('casepost demo', { timeout: 90_000 }, () => {
  it('tells both cases, follow-ups 3, 3 and 4 days apart over the change to summer time, and ends with 0', async () => {
    const { code, stdout, stderr } = await casepost(['demo', '--exit']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const told = stdout.replaceAll(/\s+/g, ' ');
    expect(told).toMatch(/decided: opened, case 00000001/);
    expect(told).toMatch(/severity: (?:severity A by )?weighing /);
    expect(told).toMatch(/plan: Advantage Premier/);
    for (const [kind, count] of [
      ['follow-up', 5],
      ['closed-by-customer', 1],
      ['closed-no-response', 1],
      ['linked-case', 1],
    ] as const) {
      expect(told.match(new RegExp(`letter: ${kind} to `, 'g')), kind).toHaveLength(count);
    }
    expect(told).toMatch(/follow-up 3 of 3/);
    expect(told).toMatch(/says "resolved"/);
    expect(told).toMatch(/case 00000001 is closed \(resolved by customer\)/);
    expect(told).toMatch(/the case is closed \(no response\)/);
    expect(told).toMatch(/decided: linked, case 0000000\d: .*a closed mobility case can not be reopened/);
    expect(stdout).not.toContain('\u001b[');
    const days = [
      ...stdout.matchAll(/^(\w{3}, \w{3} \d\d \d\d:\d\d) .*(?:answers the notification|follow-up \d is due)/gm),
    ].map(([, at]) => at);
    expect(days.slice(0, 4)).toEqual([
      'Mon, Mar 23 10:25',
      'Thu, Mar 26 10:25',
      'Sun, Mar 29 10:25',
      'Thu, Apr 02 10:25',
    ]);
  });

  it('without --exit its page stays up with every letter in text and html', async () => {
    const demo = await startCasepost(['demo'], { ready: null });
    try {
      const { msg } = await demo.says(/Every letter, as text and html: http/, 60);
      await demo.says(/The page stays up/);
      const url = /http:\S+/.exec(msg)?.[0] ?? '';
      expect(new URL(url).hostname).toBe('127.0.0.1');
      const page = await (await fetch(url)).text();
      for (const kind of letterKinds) expect(page).toContain(kind.replaceAll('-', ' '));
      expect(page).toContain('grace.miller@northwind.example');
      for (const [, link] of [...page.matchAll(/(?:href|src)="(\/[^"#]+)"/g)].slice(0, 40)) {
        expect((await fetch(new URL(link ?? '', url))).status, link).toBe(200);
      }
      expect(await demo.stop()).toBe(0);
    } finally {
      await demo.kill9();
    }
  });
});
