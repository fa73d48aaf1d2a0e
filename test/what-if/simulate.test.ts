// What another policy would have made of stored mails: only what differs, with its reason, and nothing is written.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rows } from '../../src/store/db.ts';
import { simulate, type Changed } from '../../src/what-if/simulate.ts';
import { begunCases } from '../../src/store/replay.ts';
import { decideAgain, factsOfThen } from '../../src/what-if/replay.ts';
import { explainOpening } from '../../src/what-if/explanation.ts';
import { outcomeOf } from '../../src/cases/outcome.ts';
import { saveEntitlement } from '../../src/store/entitlements.ts';
import { at, aPolicy } from '../builders.ts';
import { startDesk, type TestDesk } from '../intake/desk.ts';
import { whyMissing } from '../servers/programs.ts';

const missing = whyMissing('postgres');
const nothingElse = { load: {}, away: [], policies: [] };

function mail(from: string, subject: string, text: string): string {
  return `From: ${from}\nTo: support@help.example\nSubject: ${subject}\nMessage-ID: <${subject.replaceAll(' ', '-')}@x.example>\nDate: Mon, 02 Mar 2026 09:00:00 +0000\n\n${text}\n`;
}

describe.skipIf(missing)(`stored mails${missing ? ` (${missing})` : ''}`, { timeout: 120_000 }, () => {
  let desk: TestDesk;
  beforeAll(async () => {
    desk = await startDesk();
    const { db } = desk;
    await rows(db, `insert into account_domains (domain, account) values ('rich.example', 'rich')`);
    await saveEntitlement(db, {
      id: 'incident-1',
      account: 'rich',
      plan: 'pay-per-incident',
      product: null,
      startsAt: at('2026-01-01T00:00Z'),
      expiresAt: null,
      incidentsLeft: 1,
    });
    await desk.store(mail('ann@cust.example', 'Backup fails', 'The backup of our file server fails every night.'));
    await desk.store(mail('bob@rich.example', 'Restore fails', 'The restore of our mail server fails, we lost data.'));
    await desk.store(mail('eve@cust2.example', 'Flux', 'The flux is purple today, and it was green before.'));
    await desk.decideAll();
  });
  afterAll(() => desk?.stop());

  const run = async (text: string) => {
    const changed: Changed[] = [];
    const before = await counts();
    const totals = await simulate(desk, aPolicy(text), { since: null, mailsMax: 100 }, (one) => changed.push(one));
    expect(await counts()).toEqual(before);
    return { totals, changed };
  };
  const counts = () =>
    rows(
      desk.db,
      `select (select count(*) from outbox) as letters, (select last_value from case_numbers) as numbers, (select incidents_left from entitlements) as left`,
    );

  it('under the same policy differ in nothing, spent incidents included', async () => {
    const { totals, changed } = await run('');
    expect(changed).toEqual([]);
    expect(totals).toEqual({ mails: 3, changed: 0, byValue: {}, movedOn: 0 });
  });

  it('are decided as they were: line, severity, plan, target, owner and letters', async () => {
    const begun = await begunCases(desk.db, { after: '0', limit: 10, since: null, caseNumber: null });
    for (const one of begun) {
      const replayed = await factsOfThen(desk.db, desk.desk, one, await desk.parser.parse(one.raw), nothingElse);
      const again = outcomeOf(decideAgain(replayed, desk.desk.policy));
      const [recorded] = await rows(
        desk.db,
        `select severity, plan, owner, line, product, disposition,
           (select string_agg(kind, ', ' order by outbox.id) from outbox where inbound_id = inbound.id) as letters
         from cases join inbound on case_number = number where number = :number`,
        { number: one.caseNumber },
      );
      expect(again).toMatchObject(recorded as object);
    }
  });

  it('under another rule differ in severity and target, with the rule as the reason', async () => {
    const { changed, totals } = await run('rules: { severity: { purple: { severity: A, any: [flux is purple] } } }');
    expect(changed.map(({ caseNumber, differences }) => [caseNumber, differences.map(({ what }) => what)])).toEqual([
      [3, ['severity', 'target']],
    ]);
    expect(changed[0]?.differences[0]).toMatchObject({
      before: 'C',
      after: 'A',
      because: expect.stringContaining('rule "purple"'),
    });
    expect(totals.byValue).toEqual({ severity: 1, target: 1 });
  });

  it('under another plan differ in plan and target for who holds it', async () => {
    const { changed } = await run('plans: { pay-per-incident: null, customer-service: { targets: { A: 4h } } }');
    expect(changed.map(({ caseNumber, differences }) => [caseNumber, ...differences.map(({ what }) => what)])).toEqual([
      [1, 'target'],
      [2, 'plan', 'target'],
    ]);
  });

  it('without acknowledgments differ in their letters', async () => {
    const { totals } = await run('loops: { acknowledgmentsPerCase: 0 }');
    expect(totals.byValue).toEqual({ letters: 3 });
  });

  it('that a person has judged since are counted apart', async () => {
    await rows(desk.db, `update cases set severity = 'D', severity_by = 'engineer' where number = 1`);
    expect((await run('')).totals).toEqual({ mails: 3, changed: 0, byValue: {}, movedOn: 1 });
  });

  it('since a day are only those that came then', async () => {
    const totals = await simulate(desk, aPolicy(), { since: at('2027-01-01T00:00Z'), mailsMax: 100 }, () => {});
    expect(totals.mails).toBe(0);
  });

  it('explain every engineer and every entitlement of their case', async () => {
    const [begun] = await begunCases(desk.db, { after: '0', limit: 1, since: null, caseNumber: 2 });
    if (!begun) throw new Error('case 2 was begun by a mail');
    const replayed = await factsOfThen(desk.db, desk.desk, begun, await desk.parser.parse(begun.raw), nothingElse);
    const explanation = explainOpening(replayed, desk.desk.policy, aPolicy('linkAfterDays: 3'));
    expect(explanation?.entitlements.map(({ id, because }) => `${id} ${because}`)).toEqual([
      expect.stringMatching(/^incident-1 is valid and answers severity A by 2026-03-03/),
    ]);
    expect(explanation?.engineers.map(({ address }) => address)).toEqual(['grace@help.example']);
    expect(explanation?.target?.steps.length).toBeGreaterThan(0);
    expect(explanation?.today).toEqual([]);
  });
});
