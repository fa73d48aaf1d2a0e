// The words of `casepost policy`, each leading to its command, which is loaded only then.
import type { Command } from 'commander';
import { common, nowOption } from './words.ts';

/** Adds `policy` and what follows it to the program. */
export function addPolicyCommands(program: Command, env: NodeJS.ProcessEnv): void {
  const policy = program
    .command('policy')
    .description('the rules of support: read, check, compare, apply, take back')
    .exitOverride();
  const word = (name: string, description: string): Command => common(policy.command(name).description(description));
  const applying = (name: string, description: string): Command =>
    word(name, description)
      .option('--note <text>', 'why, for the history')
      .option('--as <author>', 'who does it (else the user of the shell)')
      .option(...nowOption);
  const load = () => import('./policy.ts');

  word('check', 'every mistake of a policy file, with line, what is allowed and the nearest right word; no database')
    .argument('[file]', 'else the one of casepost.yaml')
    .action(async (file: string | undefined, options) => (await load()).checkCommand(file, options, env));
  word('show', 'what the installation lays over the shipped rules')
    .argument('[version]', 'else the one in force')
    .option('--shipped', 'the shipped rules of that version')
    .option('--effective', 'both laid together, and for each key where it comes from')
    .action(async (version: string | undefined, options) => (await load()).showCommand(version, options, env));
  word('history', 'every version that was applied, newest first').action(async (options) =>
    (await load()).historyCommand(options, env),
  );
  word('diff', 'the lines that differ between two versions or files; alone: what the last applying changed')
    .argument('[from-to...]', 'one: from the version in force to this one')
    .action(async (words: string[], options) => (await load()).diffCommand(words, options, env));
  const repinned = [
    '--accept-golden',
    'though pinned mails come out otherwise: they are pinned anew, and the history says so',
  ] as const;
  applying('apply', 'checks a policy file and lets it rule; running gateways take it within seconds')
    .argument('<file>')
    .option(...repinned)
    .option('--base <version>', 'only if this version still rules: nobody has applied another meanwhile')
    .action(async (file: string, options) => (await load()).applyCommand(file, options, env));
  applying('rollback', 'lets an earlier version rule again')
    .argument('[version]', 'else the one before')
    .option(...repinned)
    .action(async (version: string | undefined, options) => (await load()).rollbackCommand(version, options, env));
  word('simulate', 'what a changed policy would have made of the stored mails: only what differs; nothing is written')
    .argument('<file>')
    .option('--since <instant>', 'only mails received from then on, like 2026-03-01')
    .option('--limit <mails>', 'at most so many, the oldest')
    .action(async (file: string, options) =>
      (await import('./policy-simulate.ts')).simulateCommand(file, options, env),
    );
  word('explain', 'how severity, plan, target and owner of a case came about, and what would be decided today')
    .argument('<case>')
    .action(async (number: string, options) =>
      (await import('./policy-explain.ts')).explainCommand(number, options, env),
    );
  const golden = policy
    .command('golden')
    .description('mails pinned with their outcome: a policy that breaks one does not come into force')
    .exitOverride();
  const pinned = (name: string, description: string): Command =>
    golden
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'the configuration')
      .option('--json', 'JSON on standard output')
      .exitOverride();
  const loadGolden = () => import('./policy-golden.ts');
  pinned('add', 'pins a stored mail (its number, as "case show" tells) or a file with the outcome it has now')
    .argument('<mail>')
    .option('--name <name>', 'what it is called (else its file or number)')
    .option('--expect <what=value...>', 'pins these values only, like severity=A')
    .option('--mailbox <id>', 'for a file: the mailbox it would come to (else the first)')
    .option('--as <author>', 'who does it (else the user of the shell)')
    .action(async (mail: string, options) => (await loadGolden()).addGolden(mail, options, env));
  pinned('list', 'what is pinned, and what of it the policy in force does not do').action(async (options) =>
    (await loadGolden()).listGolden(options, env),
  );
  pinned('remove', 'lets a pinned mail go')
    .argument('<name>')
    .action(async (name: string, options) => (await loadGolden()).removeGolden(name, options, env));
  policy
    .command('schema')
    .description('the JSON Schema of a policy file, for editors')
    .exitOverride()
    .action(async () => (await load()).schemaCommand());
}
