// The words of `casepost engineer`, each leading to its command, which is loaded only then.
import type { Command } from 'commander';
import { common, nowOption } from './words.ts';

/** Adds `engineer` and what follows it to the program. */
export function addEngineerCommands(program: Command, env: NodeJS.ProcessEnv): void {
  const engineer = program.command('engineer').description('who gets cases, and who is away').exitOverride();
  const word = (name: string, description: string): Command =>
    common(engineer.command(name).description(description)).option(...nowOption);
  const load = () => import('./engineer.ts');
  word('list', 'everybody of the policy, with their open cases').action(async (options) =>
    (await load()).listEngineers(options, env),
  );
  word('away', 'no new cases for them, and their stand-in is told of those they have')
    .argument('<address>')
    .option('--until <date>', 'the last day away, like 2026-03-13 (else until "engineer back")')
    .action(async (address: string, options) => (await load()).awayCommand(address, options, env));
  word('back', 'cases come again')
    .argument('<address>')
    .action(async (address: string, options) => (await load()).backCommand(address, options, env));
}
