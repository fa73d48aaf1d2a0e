// What is put into the world for the works: mails by the doors, days that pass for a case, and what makes our code fail without a seam in src.
import { ines } from '../story/desk.ts';
import { answerAs, firstMail } from '../story/writing.ts';
import { trustedServer, type World } from './world.ts';

/** What the database must be told for these works: a customer with incidents, and mails that our code fails on (no seam of src is needed). */
export const seams = `
  insert into account_domains values ('paid.test', 'Paid') on conflict do nothing;
  insert into entitlements (id, account, plan, starts_at, incidents_left) values ('incidents', 'Paid', 'pay-per-incident', '2020-01-01Z', 100000) on conflict do nothing;
  create or replace function crash_poison() returns trigger language plpgsql as $$ begin
    if new.requester like 'poison-%' then raise exception 'a fault of ours, as far as the test goes'; end if;
    return new; end $$;
  create or replace trigger crash_poison before insert on cases for each row execute function crash_poison();
  create table if not exists crash_faults (case_number bigint primary key);
  create or replace function crash_step() returns trigger language plpgsql as $$ begin
    if new.kind in ('follow-up', 'engineer-warning') and exists (select 1 from crash_faults where case_number = new.case_number) then
      raise exception 'a fault of ours, as far as the test goes'; end if;
    return new; end $$;
  create or replace trigger crash_step before insert on outbox for each row execute function crash_step();
  create or replace function crash_parked() returns trigger language plpgsql as $$ begin
    if position('From: parked-'::bytea in new.raw) > 0 then new.attempts := 3; new.last_error := 'failed before'; end if;
    return new; end $$;
  create or replace trigger crash_parked before insert on inbound for each row execute function crash_parked();`;

/** Addresses with a domain of their own: the caps per domain are another story's. */
export function at(prefix: string): (token: string) => string {
  return (token) => `${prefix}${token}@${token}.test`;
}

/** A first mail, by one of the doors. */
export async function newMail(
  world: World,
  door: 'imap' | 'lmtp',
  { from = at('someone-'), text }: { from?: (token: string) => string; text?: string } = {},
): Promise<void> {
  const token = world.token();
  const raw = firstMail({
    from: from(token),
    subject: text === undefined ? `Restore ${token} fails` : 'Disk full',
    text: text ?? `The restore of ${token} fails.`,
    headers: { 'X-Token': token },
  });
  if (door === 'imap') await world.byImap(token, raw);
  else world.byLmtp(token, raw);
}

/** The oldest step that waits for nothing but its day is due now; gives its case. */
export async function stepComesDue({ desk, daysPass }: World): Promise<number> {
  const [waiting] = await desk.rows<{ case_number: string }>(
    `select case_number from due where state = 'waiting'
       and not exists (select 1 from outbox where outbox.case_number = due.case_number and outbox.state = 'waiting')
     order by due.id limit 1`,
  );
  if (!waiting) throw new Error('no case of the pool waits for its customer any more: make the pool larger');
  await daysPass(Number(waiting.case_number), 20);
  return Number(waiting.case_number);
}

/** The next warning about an answer that is owed becomes due; gives its case. */
export async function warningComesDue({ desk }: World): Promise<number> {
  const [warned] = await desk.rows<{ case_number: string }>(
    `update warnings set due_at = clock_timestamp() - interval '1 minute' where id = (
       select warnings.id from warnings join cases on cases.number = warnings.case_number
       where settled_at is null and due_at > clock_timestamp() and first_response_at is null and status <> 'closed' and owner is not null
       order by warnings.id limit 1) returning case_number`,
  );
  if (!warned) throw new Error('no case of the works before owes its first answer any more');
  return Number(warned.case_number);
}

let turn = 0;
/** The cases of the pool, one after the other. */
function nextOf(world: World): World['pool'][number] {
  turn += 1;
  return world.pool[turn % world.pool.length]!;
}

/** The bytes of a case's letter of one kind. */
export async function letterOf(world: World, caseNumber: number, kind: string): Promise<Buffer> {
  const [letter] = await world.desk.rows<{ raw: Buffer }>(
    'select raw from outbox where case_number = $1 and kind = $2 order by outbox.id limit 1',
    [caseNumber, kind],
  );
  if (!letter) throw new Error(`case ${caseNumber} has no ${kind}`);
  return letter.raw;
}

/** A case that nobody has answered yet and whose customer has not shown that they read us. */
async function untouchedCase({ desk }: World): Promise<World['pool'][number]> {
  const [found] = await desk.rows<{ number: string; requester: string }>(
    `select number, requester from cases where requester like 'unanswered-%' and first_response_at is null
       and not exists (select 1 from contacts where address = requester and proven_at is not null) order by number limit 1`,
  );
  if (!found) throw new Error('every case has been answered: make the pool larger');
  return { caseNumber: Number(found.number), customer: found.requester };
}

/** The engineer of a case that nobody has answered yet answers. */
export async function engineerAnswersFirst(world: World): Promise<void> {
  const { caseNumber } = await untouchedCase(world);
  const token = world.token();
  const letter = await letterOf(world, caseNumber, 'engineer-new-case');
  await world.byImap(
    token,
    await answerAs('gmail', letter, { from: ines, text: token, headers: { 'X-Token': token } }),
  );
}

/** A customer writes more before anybody has answered: the first thing that shows they read us. */
export async function addsWords(world: World): Promise<void> {
  await answerAcknowledgment(world, await untouchedCase(world), 'It also says error 17.');
}

/** The engineer of a case of the pool answers, and sends a file of so many lines along. */
export async function engineerAnswers(world: World, lines = 1): Promise<void> {
  const { caseNumber } = nextOf(world);
  const token = world.token();
  const letter = await letterOf(world, caseNumber, 'engineer-new-case');
  const answer = await answerAs('gmail', letter, { from: ines, text: token, headers: { 'X-Token': token } });
  await world.byImap(token, withFile(splitOnce(answer), lines));
}

/** A customer of the pool answers the acknowledgment. */
export async function reply(world: World, words: string): Promise<void> {
  await answerAcknowledgment(world, nextOf(world), words);
}

async function answerAcknowledgment(
  world: World,
  { caseNumber, customer }: World['pool'][number],
  words: string,
): Promise<void> {
  const token = world.token();
  const letter = await letterOf(world, caseNumber, 'acknowledgment');
  const text = `${words}\n\nRegards\n${token}`;
  // Proven by the receiving server: the first such answer proves its writer's address.
  const proof = `${trustedServer}; dmarc=pass header.from=${customer.split('@')[1]}`;
  await world.byImap(
    token,
    await answerAs('gmail', letter, {
      from: customer,
      text,
      headers: { 'Authentication-Results': proof, 'X-Token': token },
    }),
  );
}

/** A mail server of a customer of the pool reports that the acknowledgment did not arrive. */
export async function bounce(world: World): Promise<void> {
  const { caseNumber, customer } = nextOf(world);
  const token = world.token();
  const [letter] = await world.desk.rows<{ message_id: string; reverse_path: string }>(
    `select message_id, reverse_path from outbox where case_number = $1 and kind = 'acknowledgment'`,
    [caseNumber],
  );
  const report = [
    'Return-Path: <>',
    `From: MAILER-DAEMON@${customer.split('@')[1]}`,
    `To: ${letter?.reverse_path}`,
    'Subject: Undelivered mail',
    `Message-ID: <${token}@mta.test>`,
    `X-Token: ${token}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="edge"',
    '',
    '--edge',
    'Content-Type: text/plain',
    '',
    `The mail could not be handed over (${token}).`,
    '',
    '--edge',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mta.test',
    '',
    `Final-Recipient: rfc822; ${customer}`,
    'Action: failed',
    'Status: 5.1.1',
    '',
    '--edge',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: <${letter?.message_id}>`,
    '',
    '--edge--',
    '',
  ];
  await world.byImap(token, report.join('\r\n'));
}

function splitOnce(raw: string): [string, string] {
  const end = raw.indexOf('\r\n\r\n');
  return [raw.slice(0, end), raw.slice(end + 4)];
}

/** The mail with a file beside its text. */
function withFile([head, body]: [string, string], lines: number): string {
  const type = /^Content-Type:.*(?:\r\n[ \t].*)*/im.exec(head)?.[0] ?? '';
  const outer = head.replace(type, 'Content-Type: multipart/mixed; boundary="file-edge"');
  const file =
    'Content-Type: text/plain; name=log.txt\r\nContent-Disposition: attachment; filename=log.txt\r\n\r\n' +
    'what the program said\r\n'.repeat(lines);
  return `${outer}\r\n\r\n--file-edge\r\n${type}\r\n\r\n${body}\r\n--file-edge\r\n${file}--file-edge--\r\n`;
}
