// The words about who is signed in to the pages, each leading to its command, which is loaded only then.
import type { Command } from 'commander';
import { common, jsonLines } from './words.ts';

/** Adds `session` to the program. */
export function addSessionCommands(program: Command, env: NodeJS.ProcessEnv): void {
  const listing = (command: Command): Command => common(command, jsonLines);
  const session = program.command('session').description('who is signed in to the pages').exitOverride();
  listing(session.command('list'))
    .description('every session that holds, newest first')
    .argument('[address]', 'only of this person')
    .action(async (address: string | undefined, options) =>
      (await import('./signed-in.ts')).sessionList(address ?? null, options, env),
    );
  listing(session.command('open'))
    .description('a link that signs this person in, once, in any browser: for when no mail comes')
    .argument('<address>')
    .action(async (address: string, options) => (await import('./signed-in.ts')).sessionLink(address, options, env));
  listing(session.command('revoke'))
    .description('signs somebody out at once: one session, or everywhere')
    .argument('<who>', 'the id of a session, or the address of a person')
    .action(async (who: string, options) => (await import('./signed-in.ts')).sessionRevoke(who, options, env));
}
