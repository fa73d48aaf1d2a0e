// `casepost engineer list|away|back`: who gets cases, who is away, and how many open cases each has. New cases go to those who are there.
import { backAt } from '../cases/away.ts';
import { absent } from '../policy/assignment.ts';
import type { Engineer, Policy } from '../policy/policy.ts';
import type { Instant } from '../clock.ts';
import { comeBack, goAway, readAway, type Away } from '../store/engineers.ts';
import { readLoad } from '../store/evidence.ts';
import { ProblemsFound, UsageError } from './ending.ts';
import { print, withSession, type CommonOptions, type Session } from './session.ts';

/** `engineer list`: everybody of the policy. */
export async function listEngineers(options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  await withSession(options, env, async ({ database, desk, now }) => {
    const load = await readLoad(database.db);
    const away = await readAway(database.db, now());
    for (const engineer of desk.policy.engineers) {
      const { address, name, lines, products, languages, maxOpen, standIn } = engineer;
      const open = load[address] ?? 0;
      const why = whyAway(engineer, away, desk.policy, now());
      const told = { address, name, lines, products, languages, open, maxOpen, standIn, away: why };
      const stands = why !== null && standIn !== null ? `; ${standIn} stands in` : '';
      const may = maxOpen === null ? '' : ` of ${maxOpen}`;
      print(options, told, `${address}  ${name}  ${lines.join(', ')}  ${open}${may} open  ${why ?? 'there'}${stands}`);
    }
  });
}

/** `engineer away ADDRESS`: no new cases until they are back. */
export async function awayCommand(
  written: string,
  options: CommonOptions & { until?: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await withSession(options, env, async (session) => {
    const now = session.now();
    const engineer = engineerNamed(session, written);
    const until = options.until === undefined ? null : backAt(options.until, engineer, session.desk.policy);
    if (options.until !== undefined && until === null)
      throw new UsageError(`--until: "${options.until}" is no date; write the last day away like 2026-03-13`);
    if (until && Temporal.Instant.compare(until, now) <= 0)
      throw new UsageError(`--until: ${options.until} is over; nothing was changed`);
    await goAway(session.database.db, { address: engineer.address, until }, now);
    const end =
      options.until === undefined
        ? `until "casepost engineer back ${engineer.address}"`
        : `to the end of ${options.until}`;
    const open = (await readLoad(session.database.db))[engineer.address] ?? 0;
    const told = engineer.standIn === null ? 'they are told of them as before' : `${engineer.standIn} is told of them`;
    print(
      options,
      { address: engineer.address, until, open },
      `${engineer.name} is away ${end}: new cases go to others; ${open} open ${open === 1 ? 'case stays' : 'cases stay'} theirs, and ${told}`,
    );
  });
}

/** `engineer back ADDRESS`: cases come again, those that wait without an owner with the next tick. */
export async function backCommand(written: string, options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  await withSession(options, env, async (session) => {
    const engineer = engineerNamed(session, written);
    if (!(await comeBack(session.database.db, engineer.address, session.now())))
      throw new ProblemsFound(`${engineer.address} was not away by "engineer away"; nothing was changed`);
    const still = whyAway(engineer, [], session.desk.policy, session.now()) !== null;
    const but = still ? '; the policy still has them away (away or daysAway)' : '';
    print(options, { address: engineer.address, back: true }, `${engineer.name} is back${but}`);
  });
}

function engineerNamed({ desk }: Session, written: string): Engineer {
  const found = desk.policy.engineers.find(({ address }) => address === written.toLowerCase());
  if (found) return found;
  const known = desk.policy.engineers.map(({ address }) => address).join(', ') || 'none: list engineers: in the policy';
  throw new UsageError(`"${written}" is no engineer of the policy; known: ${known}`);
}

function whyAway(engineer: Engineer, away: Away[], policy: Policy, now: Instant): string | null {
  const own = away.find(({ address }) => address === engineer.address);
  if (own) return own.until === null ? 'away' : `away until ${own.until.toString({ smallestUnit: 'minute' })}`;
  const lines = engineer.lines.filter((line) => line === 'corporate' || line === 'mobility');
  return lines.some((line) => absent(engineer, { line, away: [] }, policy, now)) ? 'away by the policy' : null;
}
