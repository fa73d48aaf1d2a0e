// `casepost check`: every problem of policy and templates (a wrong configuration has stopped before: exit code 2), without touching a server.
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { endingOf } from '../oauth/keeper.ts';
import { checkTexts } from '../letters/lint.ts';
import { problemText } from '../letters/texts.ts';
import { loadRules } from '../rules.ts';
import { checkPolicy } from '../policy/check.ts';
import { signInStanding } from '../web/standing.ts';
import { ProblemsFound } from './ending.ts';
import { configOf, print, type CommonOptions } from './session.ts';

/** Checks everything that is written down, and renders every template. */
export async function check(options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const config = configOf(options, env);
  const rules = await loadRules(config);
  if ('problems' in rules) throw new ProblemsFound(rules.problems.join('\n'));
  const wrong = await checkTexts(rules.texts);
  if (wrong.length > 0) throw new ProblemsFound(wrong.map(problemText).join('\n'));
  const found = {
    mailboxes: config.mailboxes.length,
    engineers: rules.policy.engineers.length,
    plans: rules.policy.plans.size,
    languages: [...rules.texts.keys()],
  };
  const advice = [
    ...(config.smtp ? [] : ['no smtp: letters are made and wait in the outbox']),
    ...(config.alarms
      ? []
      : ['no alarms: nobody is told when something is wrong with the gateway; write alarms: { to: [you@elsewhere] }']),
    ...accountAdvice(config),
    ...signInAdvice(config),
    ...(found.engineers > 0
      ? []
      : ['no engineers: in the policy: cases will have no owner and nobody is told of them']),
    ...checkPolicy(rules.policy).map(({ path, message }) => `policy: ${path.join('.')}: ${message}`),
  ];
  print(
    options,
    { ...found, advice },
    [
      `configuration, policy and templates are sound: ${found.mailboxes} mailboxes, ${found.engineers} engineers, ${found.plans} plans, letters in ${found.languages.join(', ')}`,
      ...advice,
    ].join('\n'),
  );
}

/** What keeps people from signing in to the pages, or lets others in. */
function signInAdvice(config: Config): string[] {
  if (!config.web) return [];
  const standing = signInStanding(config);
  if (!standing.open) return [`web: nobody can sign in: ${standing.because}`];
  const noAdmins =
    'no admins: nobody may edit letters, and /alarms is open to everybody; write admins: [you@example.com]';
  const noProxy =
    'web.trustProxy: publicUrl is https, so a proxy stands in front; name its address, or everybody counts as one network';
  return [
    ...(config.admins.length > 0 ? [] : [noAdmins]),
    ...(standing.secure && config.web.trustProxy.length === 0 ? [noProxy] : []),
  ];
}

/** Accounts that nobody signs in with, or whose end is near. */
function accountAdvice({ oauth, mailboxes, smtp }: Config): string[] {
  const used = new Set([...mailboxes.map(({ imap }) => imap?.oauth?.name), smtp?.oauth?.name]);
  return oauth.flatMap((account) => {
    const ending = endingOf(account, null, systemClock());
    const unused = `oauth: nobody signs in with account "${account.name}"; write oauth: ${account.name} into a mailbox's imap: or into smtp:`;
    return [...(used.has(account.name) ? [] : [unused]), ...(ending === null ? [] : [ending])];
  });
}
