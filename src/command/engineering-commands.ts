// The words about engineering, each leading to its command, which is loaded only then.
import type { Command } from 'commander';
import { asEngineer, common, nowOption } from './words.ts';

/** Adds `case escalate`, `case deescalate` and `bug` with what follows it; `caseCommand` begins a word of `case`. */
export function addEngineeringCommands(
  program: Command,
  caseCommand: (name: string, description: string) => Command,
  env: NodeJS.ProcessEnv,
): void {
  const load = () => import('./engineering.ts');
  caseCommand('escalate', 'passes a case to engineering, which is told; the customer is asked nothing meanwhile')
    .argument('<number>')
    .option('--note <text>', 'for engineering: what is known, what is asked')
    .option('--status <text>', 'the line that the customer sees beside the status')
    .option(...asEngineer)
    .action(async (number: string, options) => (await load()).escalateCommand(number, options, env));
  caseCommand('deescalate', 'takes a case back from engineering; its owner is told')
    .argument('<number>')
    .option('--note <text>', 'for the owner')
    .option(...asEngineer)
    .action(async (number: string, options) => (await load()).deescalateCommand(number, options, env));

  const bug = program
    .command('bug')
    .description('bugs of engineering that cases are on, and the releases that mend them')
    .exitOverride();
  const word = (name: string, description: string): Command =>
    common(bug.command(name).description(description)).option(...nowOption);
  for (const [name, request, description] of [
    ['link', 'link-bug', 'puts a case on a bug'],
    ['unlink', 'unlink-bug', 'takes a case off a bug'],
  ] as const) {
    word(name, description)
      .argument('<number>')
      .argument('<bug>', 'its id in engineering’s own tracker, like ABR-1234')
      .option(...asEngineer)
      .action(async (number: string, id: string, options) =>
        (await load()).linkCommand(request, [number, id], options, env),
      );
  }
  word('list', 'every bug that a case is on').action(async (options) => (await load()).listBugsCommand(options, env));
  word('show', 'the cases on a bug, and who was told of which release')
    .argument('<bug>')
    .action(async (id: string, options) => (await load()).showBugCommand(id, options, env));
  word('release', 'who would be told that a release mends the bug, and the letter; with --send and --confirm they are')
    .argument('<bug>')
    .requiredOption('--release <name>', 'what to install, like "Backup 15 build 40902"')
    .requiredOption('--text <text>', 'your words about it')
    .option('--everybody', 'also those who are not on maintenance (bugs.maintenance of the policy)')
    .option('--only <cases>', 'first only customers with one of these cases, like 12,15')
    .option('--send', 'tells them; each once of each release')
    .option('--confirm <word>', 'the word that the preview printed')
    .option(...asEngineer)
    .action(async (id: string, options) => (await import('./release.ts')).releaseCommand(id, options, env));
}
