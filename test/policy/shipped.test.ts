// Whether the shipped policy says everything that the source documents say: the support handbook (corporate) and the case page (mobility). What
// they leave open is null or [ours], and each of these stands here with its reason, so that a gap is a decision and never an oversight.
import { describe, expect, it } from 'vitest';
import { durationText } from '../../src/schedule/duration.ts';
import { severities } from '../../src/policy/line-schema.ts';
import { shippedPolicy } from '../../src/policy/load.ts';

const policy = shippedPolicy();
const { corporate, mobility } = policy.lines;

describe('the shipped policy has of the documents', () => {
  it('the five plans: availability, methods, scope and the target of what is critical (Table A)', () => {
    const row = [...policy.plans].map(
      ([id, { availability, methods, scope, enhanced, targets }]) =>
        `${id}: ${availability}, ${methods.join('+')}, ${scope}${enhanced ? ', enhanced' : ''}, A ${durationText(targets.A)}`,
    );
    expect(row.toSorted()).toEqual([
      'advantage-premier: around-the-clock, email+chat+phone, unlimited, enhanced, A 1 day',
      // Named beside a product with its expiry date, in no column of Table A: all but its existence is [ours].
      'advantage-standard: business-hours, email, unlimited, A 3 business days',
      'customer-service: business-hours, email+chat, unlimited, A 1 business day',
      'pay-per-incident: around-the-clock, email+chat+phone, incident, enhanced, A 1 business day',
      'trial: business-hours, email+chat, trial, A 3 business days',
    ]);
  });

  // Table A has targets for critical problems only: B as A, C twice, D three times A are [ours].
  it('targets of the lesser severities, B as A, C twice and D three times that', () => {
    for (const [id, { targets }] of policy.plans) {
      const [A, B, C, D] = [targets.A, targets.B, targets.C, targets.D].map(({ amount }) => amount);
      expect([id, B, C, D]).toEqual([id, A, 2 * (A ?? 0), 3 * (A ?? 0)]);
    }
  });

  it('the severities of both lines, in words of their own', () => {
    for (const line of [corporate, mobility])
      expect(Object.values(line.severities).map(({ label }) => label['en'])).toEqual([
        'Critical',
        'Serious',
        'Minor',
        'General question',
      ]);
    const words = [corporate, mobility].flatMap(({ severities }) => Object.values(severities));
    expect(new Set(words.map(({ description }) => description['en'])).size).toBe(8);
    for (const { label } of words) expect(Object.keys(label).toSorted()).toEqual(['de', 'en', 'es', 'fr']);
  });

  it('signs that speak for each severity of both lines', () => {
    for (const line of ['corporate', 'mobility']) {
      const signs = [...policy.rules.signs.values()].filter(({ lines }) => lines.length === 0 || lines.includes(line));
      const spokenFor = severities.filter((severity) => signs.some(({ weigh }) => weigh[severity] > 0));
      expect([line, spokenFor]).toEqual([line, severities]);
    }
  });

  it('what no plan includes, and what needs none', () => {
    const topics = (kind: string) =>
      [...policy.rules.topics].flatMap(([name, one]) => (one.kind === kind ? [name] : []));
    expect(topics('out-of-scope').toSorted()).toEqual([
      'architectural design',
      'networking consultation',
      'security evaluation',
      'third-party products',
      'user and security administration',
    ]);
    expect(topics('administrative')).toEqual(
      expect.arrayContaining(['licence', 'website', 'administrative', 'pre-sales']),
    );
  });

  it('the cadences of both lines, and what follows', () => {
    const cadence = ({ followUp, reopen }: typeof corporate) => ({
      steps: followUp.steps.map(durationText),
      after: followUp.after,
      closeAfter: followUp.closeAfter && durationText(followUp.closeAfter),
      mayAskMoreTime: followUp.mayAskMoreTime,
      reopen,
    });
    expect(cadence(corporate)).toEqual({
      steps: ['3 days', '3 days', '4 days'],
      // The handbook says nothing of closing and reopening: [ours].
      after: 'stay-open',
      closeAfter: null,
      mayAskMoreTime: false,
      reopen: { days: 14 },
    });
    expect(cadence(mobility)).toEqual({
      // "A few days", and "after the second attempt": 3 days each are [ours].
      steps: ['3 days', '3 days'],
      after: 'close',
      closeAfter: '3 days',
      mayAskMoreTime: true,
      reopen: 'never',
    });
    expect([corporate.registrationRequired, mobility.registrationRequired]).toEqual([true, false]);
  });

  it('the products of both lines', () => {
    expect([...corporate.products.keys()].map((name) => name.replace(/^Acronis /, '')).toSorted()).toEqual([
      'Backup & Recovery',
      'Backup and Security',
      'Drive Cleanser',
      'Privacy Expert',
      'Recovery for MS Exchange',
      'Snap Deploy',
      'True Image Enterprise Server',
      'True Image Home',
    ]);
    const names = [...mobility.products].map(
      ([name, { aliases }]) => `${name}: ${aliases.filter((one) => !one.startsWith('Acronis')).join(', ')}`,
    );
    expect(names).toEqual([
      'Cyber Files: Files Advanced, Access Advanced, mobilEcho, activEcho',
      'Files Connect: Access Connect, ExtremeZ-IP, ExtremeZIP',
      'MassTransit: Mass Transit',
    ]);
  });

  const unnamed = 'the documents name no version of it';
  const listed = 'the handbook shows it in a customer’s list only, which says nothing of what is current';
  /** Every value the documents do not give. */
  const open: Record<string, string> = {
    'Acronis Backup & Recovery previous': 'only 10 is named; the product had another name before',
    'Acronis Backup & Recovery latestBuild': 'no build is named',
    'Acronis Recovery for MS Exchange current': 'its build is named, its version is not',
    'Acronis Recovery for MS Exchange previous': unnamed,
    'Acronis True Image Enterprise Server current': unnamed,
    'Acronis True Image Enterprise Server previous': unnamed,
    'Acronis True Image Enterprise Server latestBuild': unnamed,
    'Acronis Snap Deploy current': unnamed,
    'Acronis Snap Deploy previous': unnamed,
    'Acronis Snap Deploy latestBuild': unnamed,
    'Acronis Backup and Security latestBuild': 'no build is named',
    'Acronis Drive Cleanser current': `${listed} (6.0)`,
    'Acronis Drive Cleanser previous': listed,
    'Acronis Drive Cleanser latestBuild': listed,
    'Acronis Privacy Expert current': `${listed} (2003)`,
    'Acronis Privacy Expert previous': listed,
    'Acronis Privacy Expert latestBuild': listed,
    ...Object.fromEntries(
      ['Cyber Files', 'Files Connect', 'MassTransit'].flatMap((name) =>
        ['current', 'previous', 'latestBuild'].map((value) => [
          `${name} ${value}`,
          'the mobility page names products, no versions',
        ]),
      ),
    ),
  };
  it('versions and builds: those that are given, and no others', () => {
    const products = [...corporate.products, ...mobility.products];
    const values = products.flatMap(([name, { current, previous, latestBuild }]) =>
      Object.entries({ current, previous, latestBuild }).map(([key, value]) => [`${name} ${key}`, value] as const),
    );
    expect(Object.fromEntries(values.filter(([, value]) => value !== null))).toEqual({
      'Acronis Backup & Recovery current': '10',
      'Acronis Recovery for MS Exchange latestBuild': 239,
      'Acronis True Image Home current': '2011',
      'Acronis True Image Home previous': '2010',
      'Acronis True Image Home latestBuild': 5519,
      'Acronis Backup and Security current': '2011',
      'Acronis Backup and Security previous': '2010',
    });
    expect(values.flatMap(([name, value]) => (value === null ? [name] : [])).toSorted()).toEqual(
      Object.keys(open).toSorted(),
    );
  });

  it('the self-service pages of both lines', () => {
    const pages = (line: string) =>
      [...policy.acknowledgment.suggestions].flatMap(([name, page]) => (page.lines.includes(line) ? [name] : []));
    // Chapter "Self-Service options", and the page of software updates.
    expect(pages('corporate').toSorted()).toEqual([
      'forum',
      'knowledge base',
      'licensing questions',
      'product selection wizard',
      'product updates',
      'user guides',
    ]);
    // The mobility page names none. The handbook says of these three that they are for every product; updates are had by registered products
    // only, which mobility products are not, and the licensing pages and the wizard speak of the corporate ones.
    expect(pages('mobility').toSorted()).toEqual(['forum', 'knowledge base', 'user guides']);
    for (const [name, { title }] of policy.acknowledgment.suggestions)
      expect([name, Object.keys(title).toSorted()]).toEqual([name, ['de', 'en', 'es', 'fr']]);
  });

  it('what to gather before a case is worked on', () => {
    // "Explain the symptoms" is what every mail does; the desired outcome and other contacts are the engineer's to ask.
    expect([...policy.acknowledgment.asks.keys()]).toEqual([
      'product',
      'version',
      'error',
      'steps',
      'impact',
      'changes',
      'contact',
    ]);
  });

  it('nobody’s names: engineers and the escalation contact are the installation’s', () => {
    expect([policy.engineers, policy.escalation, policy.bugs.url]).toEqual([[], null, null]);
  });
});
