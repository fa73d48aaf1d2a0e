// Three gateways on one database and one mailbox come to the same end as one: the same mails and answers leave the same rows in every
// table but for ids, case numbers and times, and the same letters at the mail server (TRUST P11, F40).
import { describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { aDesk, type Desk } from '../story/desk.ts';
import { type Program, startCasepost } from '../story/program.ts';
import { until } from '../story/until.ts';
import { firstMail, type MailProgram } from '../story/writing.ts';

const missing = whyMissing('postgres', 'dovecot');
const mails = 60;
const programs: MailProgram[] = ['gmail', 'outlook', 'apple'];

/** What the customers write first; every fifth is a robot, every seventh is sent twice. */
const subjects = ['Backup fails', 'Restore is slow', 'A question about licences', 'The agent does not start'];
const senderOf = (index: number) => `person${index}@place${index}.test`;
const robot = (index: number) => index % 5 === 4;
const sentTwice = (index: number) => index % 7 === 6;
const everybody = Array.from({ length: mails }, (_, index) => index);
const people = everybody.filter((index) => !robot(index));
/** Every other person answers the acknowledgment. */
const answers = (index: number) => index % 2 === 0;
const words = ['RESOLVED', 'Thank you, and it happens again on Fridays.', 'Here is what you asked for: version 12.5.'];

/** One world: its gateways, the mails, and everything that came of them. */
async function endOf(gateways: number): Promise<Record<string, string[]>> {
  // Which letter to an engineer would be the first too many depends on who decides first.
  const desk = await aDesk({ policy: 'loops: { noticesPerEngineerAnHour: 1000 }\n' });
  const running: Program[] = [];
  try {
    for (let gateway = 0; gateway < gateways; gateway += 1)
      running.push(await startCasepost(['start', '-c', desk.config]));
    await Promise.all(everybody.map((index) => arrives(desk, index)));
    await Promise.all(people.map((index) => hears(desk, index)));
    await atRest(desk).catch(async (late: unknown) => {
      throw new Error(`not at rest: ${await whatIsLeft(desk, running)}`, { cause: late });
    });
    // Every gateway had a part in it, or nothing was compared.
    for (const { log } of running) expect(log.some(({ msg }) => /^mail \d+: /.test(msg))).toBe(true);
    return await everything(desk);
  } finally {
    for (const gateway of running) await gateway.kill9();
    await desk.stop();
  }
}

async function arrives(desk: Desk, index: number): Promise<void> {
  const text = `This is matter ${index}: it began after the update and stops at step ${index * 17}.`;
  const headers: Record<string, string> = { 'Message-ID': `<first${index}@place${index}.test>` };
  if (robot(index)) headers['Auto-Submitted'] = 'auto-generated';
  const mail = firstMail({ from: senderOf(index), subject: `${subjects[index % 4]} (${index})`, text, headers });
  for (const _ of sentTwice(index) ? [1, 2] : [1]) await desk.dovecot.append(mail);
}

/** Waits for the acknowledgment, and answers it. */
async function hears(desk: Desk, index: number): Promise<void> {
  const letter = await desk.letterTo(senderOf(index), { seconds: 60 });
  if (!answers(index)) return;
  const headers = { 'Message-ID': `<answer${index}@place${index}.test>` };
  const answer = { from: senderOf(index), text: words[index % 3] ?? '', headers };
  await desk.answer(programs[index % 3] ?? 'gmail', letter, answer);
}

async function atRest(desk: Desk): Promise<void> {
  await until('INBOX is empty', async () => (await desk.counted('INBOX')).messages === 0, 60);
  await until(
    'everything is decided, flagged and sent',
    async () => {
      const [left] = await desk.rows<{ count: number }>(
        `select (select count(*)::int from inbound where marked_at is null) + (select count(*)::int from outbox where state <> 'sent') as count`,
      );
      return left?.count === 0;
    },
    60,
  );
}

/** What a person would look at: the mails that are not done with, and what the gateways complained of. */
async function whatIsLeft(desk: Desk, running: Program[]): Promise<string> {
  const mails = await desk.rows(
    `select id, source_key, disposition, reason, attempts, next_at, last_error, marker, marker_until, clock_timestamp() as now
      from inbound where marked_at is null`,
  );
  const complaints = running.map(({ log }) => log.filter(({ level }) => level >= 40).map(({ msg }) => msg));
  return JSON.stringify({ mails, inbox: await desk.counted('INBOX'), complaints }, null, 1);
}

/** Every table without ids, times and tokens; a case is named by its requester. Numbers in sentences are those of cases and letters. */
async function everything(desk: Desk): Promise<Record<string, string[]>> {
  const tables = {
    inbound: `select i.mailbox, i.message_id, from_address, i.subject, disposition, i.reason, i.because, defects::text, c.requester
      from inbound i left join cases c on c.number = i.case_number`,
    cases: `select mailbox, line, subject, status, status_note, close_reason, severity, severity_by, severity_because, plan, plan_because, product, version,
      requester, owner, owner_because, language, solution, target_because, linked_from is null as alone from cases`,
    participants: `select c.requester, p.address, p.role, p.confirmed from participants p join cases c on c.number = p.case_number`,
    entries: `select c.requester, kind, visibility, author, text, attachments::text, e.reason, e.because from entries e join cases c on c.number = e.case_number`,
    outbox: `select o.kind, recipient, reverse_path, automatic, proven, o.subject, o.because, state, attempts, c.requester
      from outbox o join cases c on c.number = o.case_number`,
    due: `select c.requester, rule, step, d.state, d.because from due d join cases c on c.number = d.case_number`,
    contacts: `select address, name, proven_at is not null as proven from contacts`,
    suppressed: `select address, because from suppressed`,
  };
  const found: Record<string, string[]> = {};
  for (const [table, sql] of Object.entries(tables)) {
    const lines = (await desk.rows<Record<string, unknown>>(sql)).map((row) => anonymous(JSON.stringify(row)));
    found[table] = lines.toSorted((one, other) => (one < other ? -1 : 1));
  }
  found['letters'] = desk.peer
    .accepted()
    .map(({ recipients, reversePath }) => `${reversePath} ${recipients.join()}`)
    .toSorted((one, other) => (one < other ? -1 : 1));
  const { messages, unseen } = await desk.counted('Processed');
  found['processed'] = [`${messages} messages, ${unseen} unseen`];
  return found;
}

function anonymous(line: string): string {
  return line
    .replaceAll(/\b0\d{7}\b/g, 'NUMBER')
    .replaceAll(/\((mail|letter) \d+\)/g, '($1)')
    .replaceAll(/has \d+ open cases?/g, 'has open cases')
    .replaceAll(/case-\d+\.[a-z0-9.]+@/g, 'ID@')
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+\d\d(:\d\d)?)?/g, 'TIME')
    .replaceAll(/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) TIME/g, 'TIME');
}

describe.skipIf(missing)(`one gateway and three${missing ? ` (${missing})` : ''}`, { timeout: 200_000 }, () => {
  let alone: Record<string, string[]>;
  it('the end of one gateway has every mail, case and letter', async () => {
    alone = await endOf(1);
    const count = (table: string) => alone[table]?.length ?? 0;
    expect(count('inbound')).toBe(mails + everybody.filter(sentTwice).length + people.filter(answers).length);
    expect(alone['processed']).toEqual([`${count('inbound')} messages, 0 unseen`]);
    expect(new Set(alone['letters']).size).toBeGreaterThan(people.length);
  });

  it('the end of three gateways is the same', async () => {
    const together = await endOf(3);
    const differ = (one: string[], other: string[]) => one.filter((line) => !other.includes(line));
    for (const [table, lines] of Object.entries(alone)) {
      const others = together[table] ?? [];
      expect({ table, gone: differ(lines, others), new: differ(others, lines) }).toEqual({ table, gone: [], new: [] });
      expect([table, others.length]).toEqual([table, lines.length]);
    }
  });
});
