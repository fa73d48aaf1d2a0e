// `casepost case escalate|deescalate` and `casepost bug link|unlink|list|show`: cases that engineering has, and the bugs they are on.
import { randomUUID } from 'node:crypto';
import { bugId, bugUrl, decideOnEscalation, type EscalationRequest } from '../cases/on-escalation.ts';
import { caseNumberText } from '../cases/support-case.ts';
import { casesOnBug, listBugs, readBugs, readTold } from '../store/bugs.ts';
import { readCases } from '../store/cases.ts';
import { readDescription } from '../store/history.ts';
import { carryOut, signingKey } from '../desk.ts';
import { lockCase } from '../store/cases.ts';
import { caseNumberOf, engineerOf, printDecision, sendNow } from './case.ts';
import { caseLine } from './case-text.ts';
import { certainly } from './certain.ts';
import { ProblemsFound, UsageError } from './ending.ts';
import { print, withSession, type CommonOptions } from './session.ts';

type ByEngineer = CommonOptions & { as?: string };

/** `case escalate N`: engineering has the case; its maintenance queue is told, and the customer is asked nothing meanwhile. */
export async function escalateCommand(
  text: string,
  options: ByEngineer & { note?: string; status?: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { note = '', status: statusNote = '' } = options;
  await change(text, options, env, (by) => ({ request: 'escalate', by, note, statusNote, key: randomUUID() }));
}

/** `case deescalate N`: support has the case again, and its owner is told. */
export async function deescalateCommand(
  text: string,
  options: ByEngineer & { note?: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await change(text, options, env, (by) => ({
    request: 'deescalate',
    by,
    note: options.note ?? '',
    key: randomUUID(),
  }));
}

/** `bug link N BUG` and `bug unlink N BUG`: a case may be on several bugs, and a bug holds many cases. */
export async function linkCommand(
  request: 'link-bug' | 'unlink-bug',
  [text, written]: [string, string],
  options: ByEngineer,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const bug = bugOf(written);
  await change(text, options, env, (by) => ({ request, by, bug }));
}

/** `bug list`: every bug that a case is on. */
export async function listBugsCommand(options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  await withSession(options, env, async ({ database, desk }) => {
    for (const line of await listBugs(database.db)) {
      const { bug, cases, open, customers, told } = line;
      const url = bugUrl(bug, desk.policy);
      const sentence = `${bug}  ${cases} ${cases === 1 ? 'case' : 'cases'} (${open} open) of ${customers} ${customers === 1 ? 'customer' : 'customers'}, ${told} told of a release${url === null ? '' : `  ${url}`}`;
      print(options, { ...line, url }, sentence);
    }
  });
}

/** `bug show BUG`: its cases, and who was told of which release. */
export async function showBugCommand(written: string, options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const bug = bugOf(written);
  await withSession(options, env, async ({ database, desk }) => {
    const { db } = database;
    const cases = await readCases(db, await casesOnBug(db, bug));
    const told = await readTold(db, bug);
    if (cases.length === 0 && told.length === 0) throw new ProblemsFound(`no case is on bug ${bug}`);
    const url = bugUrl(bug, desk.policy);
    const lines = [
      `Bug ${bug}${url === null ? '' : `  ${url}`}`,
      ...cases.map((one) => `  ${caseLine(one)}`),
      ...told.map(
        (one) =>
          `  told of ${one.release}: ${one.address}, in case ${caseNumberText(one.caseNumber)}, ${one.toldAt.toString({ smallestUnit: 'minute' })}`,
      ),
    ];
    print(options, { bug, url, cases, told }, lines.join('\n'));
  });
}

/** A bug id as a person wrote it. Throws a UsageError when it is none. */
export function bugOf(written: string): string {
  const bug = bugId(written);
  if (bug !== null) return bug;
  throw new UsageError(
    `"${written}" is not the id of a bug; write it like ABR-1234 (letters, digits and . _ # / -, at most 60)`,
  );
}

async function change(
  text: string,
  options: ByEngineer,
  env: NodeJS.ProcessEnv,
  requestOf: (by: string) => EscalationRequest,
): Promise<void> {
  const number = caseNumberOf(text);
  await withSession(options, env, async (session) => {
    const { database, desk } = session;
    const now = session.now();
    const decision = await certainly(database.db, `case ${caseNumberText(number)}`, async (trx) => {
      const placed = await lockCase(trx, number, now);
      if (!placed) throw new ProblemsFound(`case ${caseNumberText(number)} does not exist`);
      const by = engineerOf(session, options.as, placed.supportCase.owner);
      const description = await readDescription(trx, number);
      const facts = { key: signingKey(desk), description, bugs: await readBugs(trx, number) };
      const decided = decideOnEscalation(requestOf(by), placed, facts, desk.policy, now);
      if ('refused' in decided) throw new ProblemsFound(decided.refused);
      await carryOut(trx, desk, decided, { inboundId: null, mailbox: placed.supportCase.mailbox }, now);
      return decided;
    });
    printDecision(options, number, decision, await sendNow(session));
  });
}
