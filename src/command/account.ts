// `casepost account show`: what is known of a customer, and which plan would serve which product and severity now, and why.
import type { Instant } from '../clock.ts';
import type { ProductLine } from '../cases/support-case.ts';
import { chooseEntitlement, recordStandings, type EntitlementFacts } from '../policy/entitlement.ts';
import type { Policy } from '../policy/policy.ts';
import { accountOf, readAccount, type AccountKnown } from '../store/account.ts';
import { ProblemsFound } from './ending.ts';
import { print, withSession, type CommonOptions } from './session.ts';

const lines: readonly ProductLine[] = ['corporate', 'mobility'];
const severities = ['A', 'B', 'C', 'D'] as const;

/** Shows the account of an address, an id or a name. */
export async function showAccount(word: string, options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  await withSession(options, env, async (session) => {
    const { db } = session.database;
    const found = await accountOf(db, word);
    if (!found)
      throw new ProblemsFound(
        `"${word}" is no address, id or name of an account; without one, requests are served as ${session.desk.policy.fallbackPlan}`,
      );
    const known = await readAccount(db, found.id);
    const { standings, served } = servedNow(known, word, session.desk.policy, session.now());
    const entitlements = known.entitlements.map((record) => ({
      ...record,
      because: standings.find(({ id }) => id === record.id)?.because ?? '',
    }));
    const shown = { ...known, entitlements, foundBy: found.by, served };
    print(options, shown, shownText(shown));
  });
}

/** What serves an ordinary technical request about one product, by severity; `product` null is one that names none. */
interface Served {
  line: ProductLine;
  product: string | null;
  severity: (typeof severities)[number];
  plan: string;
  because: string;
}

function servedNow(known: AccountKnown, requester: string, policy: Policy, now: Instant) {
  const facts = (line: ProductLine, product: string | null, severity: Served['severity']): EntitlementFacts => ({
    requester,
    account: known.account.id,
    records: known.entitlements,
    serials: known.serials,
    severity,
    administrative: false,
    outOfScope: false,
    line,
    product,
    version: null,
    build: null,
  });
  const named = [...known.entitlements, ...known.serials].flatMap(({ product }) => (product === null ? [] : [product]));
  const held = [...new Set(named)].toSorted();
  const served = lines.flatMap((line) =>
    [null, ...held.filter((product) => policy.lines[line].products.has(product))].flatMap((product) =>
      severities.map((severity): Served => {
        const { title, because } = chooseEntitlement(facts(line, product, severity), policy, now);
        return { line, product, severity, plan: title, because };
      }),
    ),
  );
  // Of which product a record is does not matter here: each is told whether it counts for its own.
  return { standings: recordStandings(facts('corporate', null, 'A'), policy, now), served };
}

function shownText(
  shown: Omit<AccountKnown, 'entitlements'> & {
    entitlements: (AccountKnown['entitlements'][number] & { because: string })[];
    foundBy: string;
    served: Served[];
  },
): string {
  const { account, contacts, contactCount, domains, serials, entitlements, foundBy, served } = shown;
  const of = (...words: (string | null)[]) => words.filter((word) => word !== null && word !== '').join(', ');
  const groups = Map.groupBy(served, ({ line, product, plan, because }) =>
    JSON.stringify([line, product, plan, because]),
  );
  return [
    `account ${account.id}  ${of(account.name, account.language, account.zone)}  (found by ${foundBy})`,
    ...(account.notes === '' ? [] : [account.notes]),
    `domains: ${domains.join(', ') || 'none'}`,
    `contacts: ${contactCount}`,
    ...contacts.map(({ address, name, language, zone }) => `  ${of(address, name, language, zone)}`),
    `serial numbers: ${serials.length}`,
    ...serials.map(({ serial, product, version, registered }) => `  ${of(serial, product, version, registered)}`),
    `plans: ${entitlements.length}`,
    ...entitlements.map((record) => {
      const incidents =
        record.incidentsLeft === null ? null : `${record.incidentsLeft} of ${record.incidentsBought} left`;
      return `  ${of(record.id, record.plan, record.product, incidents)}: ${record.because}`;
    }),
    'a technical request now:',
    ...[...groups.values()].map((same) => {
      const { line, product, plan, because } = same[0] as Served;
      const grades = same.map(({ severity }) => severity).join('');
      return `  ${line}, ${product ?? 'no product named'}, ${grades}: ${plan}\n    ${because}`;
    }),
  ].join('\n');
}
