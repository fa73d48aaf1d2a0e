// The words of `casepost calendar`, each leading to its command, which is loaded only then.
import type { Command } from 'commander';
import { common } from './words.ts';

/** Adds `calendar` and what follows it to the program. */
export function addCalendarCommands(program: Command, env: NodeJS.ProcessEnv): void {
  const calendar = program
    .command('calendar')
    .description('when the desk is open, and how time is counted')
    .exitOverride();
  const word = (name: string, description: string): Command =>
    common(calendar.command(name).description(description)).argument('<calendar>');
  const load = () => import('./calendar.ts');
  word('show', 'its week, and the dates of a year that are otherwise')
    .option('--year <year>', 'else this one')
    .action(async (name: string, options) => (await load()).showCalendar(name, options, env));
  word('count', 'where a length of time ends, step by step')
    .argument('<from>', 'like 2026-03-06T16:00 on the wall of its zone, or an instant')
    .argument('<duration>', 'like 4h, 90m, 3d or "1 business day"')
    .option('--plain', 'around the clock')
    .action(async (name: string, from: string, duration: string, options) =>
      (await load()).countInCalendar(name, [from, duration], options, env),
    );
}
