// The words of `casepost template`, each leading to its command, which is loaded only then.
import type { Command } from 'commander';
import { common, nowOption } from './words.ts';

/** Adds `template` and what follows it to the program. */
export function addTemplateCommands(program: Command, env: NodeJS.ProcessEnv): void {
  const template = program
    .command('template')
    .description('the words of letters: read, check, look at, change, take back; a text is named like de/follow-up')
    .exitOverride();
  const word = (name: string, description: string): Command => common(template.command(name).description(description));
  const timed = (name: string, description: string): Command => word(name, description).option(...nowOption);
  const changing = (name: string, description: string): Command =>
    timed(name, description)
      .option('--note <text>', 'why, for the history')
      .option('--as <author>', 'who does it (else the user of the shell)');
  const shownWith = (one: Command): Command =>
    one
      .option('--file <file>', 'a text that is not saved, in place of the one in force')
      .option('--sample <name>', 'one of the invented examples (else the fullest; "template show" names them)')
      .option('--case <number>', 'with the facts of this case')
      .option('--letter <letter>', 'for a partial: the letter it is shown in');
  const load = () => import('./template.ts');
  const loadFolder = () => import('./template-folder.ts');

  word('list', 'every letter and partial in every language, and what was changed')
    .option('--changed', 'only what was changed here')
    .action(async (options) => (await load()).listCommand(options, env));
  word('show', 'a text, and with --names the names it may use')
    .argument('<text>')
    .option('--names', 'names, types and examples in place of the text')
    .option('--shipped', 'the shipped text')
    .action(async (name: string, options) => (await load()).showCommand(name, options, env));
  word('check', 'every mistake of a folder of templates (as "export" writes it), or of what is in force')
    .argument('[folder]')
    .action(async (folder: string | undefined, options) => (await loadFolder()).checkCommand(folder, options, env));
  shownWith(timed('preview', 'what a letter looks like: subject and text, or with --html its html'))
    .argument('<text>')
    .option('--html', 'the html part')
    .action(async (name: string, options) => (await load()).previewCommand(name, options, env));
  shownWith(timed('send-test', 'puts a letter into the outbox for one address; its subject says that it is a test'))
    .argument('<text>')
    .requiredOption('--to <address>', 'who gets it')
    .action(async (name: string, options) => (await load()).sendTestCommand(name, options, env));
  word('export', 'writes the texts into a folder, one file each, to be kept in git and imported again')
    .argument('<folder>')
    .option('--changed', 'only what was changed here')
    .action(async (folder: string, options) => (await loadFolder()).exportCommand(folder, options, env));
  changing('import', 'takes every text of a folder that differs, all of them or, when one is wrong, none')
    .argument('<folder>')
    .action(async (folder: string, options) => (await loadFolder()).importCommand(folder, options, env));
  word('history', 'every version of a text, newest first, with the mails each has sent')
    .argument('<text>')
    .action(async (name: string, options) => (await load()).historyCommand(name, options, env));
  changing('restore', 'lets an earlier version rule again; without one the shipped text')
    .argument('<text>')
    .argument('[version]')
    .action(async (name: string, version: string | undefined, options) =>
      (await load()).restoreCommand(name, version, options, env),
    );
}
