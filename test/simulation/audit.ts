// What must be true of everything that is committed, looked at from time to time; and what must be true when all is quiet: nothing waits, nothing is
// missing (P1, P6, P10, P13).
import { broken } from './oracle.ts';
import { instantOf, type World } from './world.ts';

/** Looks through all rows. */
export function audit(world: World): void {
  const { ledger } = world;
  for (const row of ledger.inbound) {
    if ((row.disposition === null) !== (row.decidedAt === null) || (row.disposition !== null && !row.because))
      broken(world, row.caseNumber, `mail ${row.id} is half decided`);
  }
  for (const [number, { letters, due, supportCase }] of ledger.cases) {
    const acknowledgments = letters.filter(({ kind }) => kind === 'acknowledgment' || kind === 'linked-case');
    if (acknowledgments.length > 1)
      broken(world, number, `case ${number} is acknowledged ${acknowledgments.length} times`);
    const keys = new Set(due.map(({ rule, step, anchor }) => `${rule} ${step} ${anchor}`));
    if (keys.size < due.length) broken(world, number, `case ${number} has a step twice`);
    if (supportCase.status === 'closed' && due.some(({ state }) => state === 'waiting'))
      broken(world, number, `case ${number} is closed and waits for a step`);
  }
}

/** Looks whether all is done: everybody was quiet for long, and every server was there. */
export function auditEnd(world: World): void {
  const { ledger, folders, writings, oracle } = world;
  const now = instantOf(world);
  for (const row of ledger.undecided) broken(world, null, `mail ${row.id} still waits, until ${row.nextAt.toString()}`);
  for (const row of ledger.waiting)
    broken(
      world,
      row.caseNumber,
      `letter ${row.id} of case ${row.caseNumber} has not left: until ${row.nextAt.toString()}`,
    );
  for (const row of ledger.failed) broken(world, row.caseNumber, `letter ${row.id} failed, and its case was not told`);
  for (const row of ledger.due)
    broken(
      world,
      row.caseNumber,
      `${row.rule} ${row.step} of case ${row.caseNumber} is due at ${row.dueAt.toString()}, and it is ${now.toString()}`,
    );
  for (const { caseNumber, percent, dueAt } of ledger.warnings)
    if (Temporal.Instant.compare(dueAt, now) <= 0)
      broken(world, caseNumber, `the warning at ${percent} % of case ${caseNumber} was due at ${dueAt.toString()}`);
  for (const row of ledger.unmarked) broken(world, row.caseNumber, `mail ${row.id} is not shown as read on its server`);
  for (const [name, { inbox }] of Object.entries(folders))
    if (inbox.size > 0) broken(world, null, `${inbox.size} mails lie in ${name} that nobody has taken`);
  for (const [raw, { what, about }] of writings)
    if (!oracle.first.has(raw)) broken(world, about, `a mail (${what}) was never decided on`);
  for (const [number, { supportCase, letters }] of ledger.cases) {
    const asking = oracle.asking.get(number);
    if (supportCase.status !== 'waiting on customer' || !asking) continue;
    const { line, requester } = supportCase;
    const undelivered =
      ledger.suppressed.has(requester) ||
      letters.some(({ recipient, state }) => recipient === requester && state === 'failed');
    if (line === 'corporate' && asking.step === 3) continue;
    if (!undelivered)
      broken(world, number, `case ${number} waits for its customer after ${asking.step} follow-ups, and nobody asks`);
  }
}
