// The words about customers, each leading to its command, which is loaded only then.
import type { Command } from 'commander';
import { common, jsonLines } from './words.ts';

/** Adds `import`, `account` and `api-token` to the program. */
export function addCustomerCommands(program: Command, env: NodeJS.ProcessEnv): void {
  const listing = (command: Command): Command => common(command, jsonLines);
  listing(program.command('import'))
    .description('what a CRM knows of customers, from a CSV file; the same file twice changes nothing')
    .argument('<what>', 'accounts, contacts, domains, serials or entitlements; README lists their columns')
    .argument('<file>')
    .option('--dry-run', 'checks every row against the database and writes nothing')
    .option('--skip-bad', 'leaves bad rows out; else one keeps the whole file from being written')
    .action(async (kind: string, file: string, options) =>
      (await import('./import.ts')).importCommand(kind, file, options, env),
    );
  const account = program.command('account').description('customers as we know them').exitOverride();
  listing(account.command('show'))
    .description('what is known of a customer, and which plan would serve which product and severity now, and why')
    .argument('<customer>', 'an address, or the id or name of an account')
    .option('--now <instant>', 'the time to choose for')
    .action(async (customer: string, options) => (await import('./account.ts')).showAccount(customer, options, env));
  const token = program.command('api-token').description('who may write customers over HTTP').exitOverride();
  const load = () => import('./api-token.ts');
  listing(token.command('create'))
    .description('makes a token and shows it, once')
    .argument('<name>', 'who will hold it, like crm')
    .action(async (name: string, options) => (await load()).apiTokenCommand('create', name, options, env));
  listing(token.command('list'))
    .description('the names of all tokens, ended ones too')
    .action(async (options) => (await load()).apiTokenCommand('list', '', options, env));
  listing(token.command('revoke'))
    .description('ends a token at once')
    .argument('<name>')
    .action(async (name: string, options) => (await load()).apiTokenCommand('revoke', name, options, env));
}
