// `casepost check`: every problem of policy and templates (a wrong configuration has stopped before: exit code 2), without touching a server.
import { loadRules } from '../rules.ts';
import { checkPolicy } from '../policy/check.ts';
import { ProblemsFound } from './ending.ts';
import { configOf, print, type CommonOptions } from './session.ts';

/** Checks everything that is written down, and renders every template. */
export async function check(options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const config = configOf(options, env);
  const rules = await loadRules(config);
  if ('problems' in rules) throw new ProblemsFound(rules.problems.join('\n'));
  const found = {
    mailboxes: config.mailboxes.length,
    engineers: rules.policy.engineers.length,
    plans: rules.policy.plans.size,
    languages: [...rules.templates.languages.keys()],
  };
  const advice = [
    ...(config.smtp ? [] : ['no smtp: letters are made and wait in the outbox']),
    ...(config.alarms
      ? []
      : ['no alarms: nobody is told when something is wrong with the gateway; write alarms: { to: [you@elsewhere] }']),
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
