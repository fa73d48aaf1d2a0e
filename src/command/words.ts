// What the words of the command line have in common: every one takes a configuration, and most the time of their run.
import type { Command } from 'commander';

/** `--now` of a command that decides. */
export const nowOption = ['--now <instant>', 'the time of this run'] as const;

/** `--as` of a command that an engineer gives. */
export const asEngineer = [
  '--as <address>',
  'the engineer who does it (else the owner, else the first of the policy)',
] as const;

/** What `--json` brings of a command that prints any number of things. */
export const jsonLines = 'one JSON object a line on standard output';

/** The command with the options that all take; `json` says what `--json` brings. */
export function common(command: Command, json = 'JSON on standard output'): Command {
  return command.option('-c, --config <file>', 'the configuration').option('--json', json).exitOverride();
}
