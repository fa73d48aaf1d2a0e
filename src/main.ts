// The command line, and only wiring: which words start which command, and how it ends (0 done, 1 problems found, 2 wrong usage).
import { Command, CommanderError } from 'commander';
import { addCalendarCommands } from './command/calendar-commands.ts';
import { addCustomerCommands } from './command/customer-commands.ts';
import { addEngineerCommands } from './command/engineer-commands.ts';
import { addEngineeringCommands } from './command/engineering-commands.ts';
import { addPolicyCommands } from './command/policy-commands.ts';
import { addTemplateCommands } from './command/template-commands.ts';
import { addSessionCommands } from './command/session-commands.ts';
import { UsageError } from './command/ending.ts';
import { asEngineer, common, jsonLines, nowOption } from './command/words.ts';

// Commands are loaded when they are called: a question about help or one mail need not wait for servers and databases.

/** Most of an error that is printed: a database can answer with pages of its own code. */
const errorCharsMax = 20_000;

// node-cron miscounts hours at the change of the clocks in any other zone; zones of people are policy, not the process's.
process.env['TZ'] = 'UTC';

const program = new Command('casepost')
  .description('An email-driven support desk: from a support mailbox to the people behind it and back.')
  .version('0.1.0')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 problems found (printed), 2 wrong usage.\nWithout --config: $CASEPOST_CONFIG, else ./casepost.yaml, else one mailbox support@localhost on the embedded database.',
  );

function command(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('-c, --config <file>', 'the configuration; see README, "casepost.yaml"')
    .option('--json', jsonLines)
    .exitOverride();
}

function timed(name: string, description: string): Command {
  return command(name, description).option(
    '--now <instant>',
    'the time of this run, like 2026-03-02T09:00Z or 2026-03-29T02:30[Europe/Berlin]',
  );
}

const env = process.env;

program
  .command('demo')
  .description(
    'a day in the life on the embedded database and fixture mails, with the clock run forward; then its pages stay up',
  )
  .option('--exit', 'end after the story')
  .option('--port <port>', 'port of the page that shows every letter (0: any free one)', '0')
  .exitOverride()
  .action(async (options: { exit?: boolean; port: string }) => (await import('./command/demo.ts')).demo(options, env));
command('start', 'the gateway: mail in, desk, postbox, schedule').action(async (options) =>
  (await import('./command/start.ts')).start(options, env),
);
command('check', 'every problem of configuration, policy and templates').action(async (options) =>
  (await import('./command/check.ts')).check(options, env),
);
command('doctor', 'asks database, IMAP and SMTP servers, live; changes nothing').action(async (options) =>
  (await import('./command/doctor.ts')).doctor(options, env),
);
command('sign-in', 'gets the refresh token of an OAuth2 account: by a code, or in the browser')
  .argument('<account>', 'its name in casepost.yaml')
  .option('--port <port>', 'port of 127.0.0.1 that the browser comes back to (0: any free one)', '0')
  .action(async (account: string, options) => (await import('./command/sign-in.ts')).signIn(account, options, env));
command('migrate', 'brings the database schema to the current version')
  .option('--to <version>', 'a version to go up or down to')
  .option('--from <folder>', 'then moves the desk of this embedded database here; stop its gateway first')
  .action(async (options) => (await import('./command/migrate.ts')).migrateCommand(options, env));
timed('ingest', '.eml files, folders, mbox files and Maildirs through the whole pipeline, one line a mail')
  .argument('<path...>')
  .option('--mailbox <id>', 'the mailbox they came to (else by their recipients, else the first)')
  .action(async (paths: string[], options) => (await import('./command/ingest.ts')).ingest(paths, options, env));
program
  .command('explain')
  .description('how we read mails, without a database; one JSON line a file')
  .argument('<path...>')
  .option('--json', 'as always')
  .exitOverride()
  .action(async (paths: string[]) =>
    (await import('./explain.ts')).explainPaths(paths, (line) => process.stdout.write(`${line}\n`)),
  );
timed('tick', 'runs what is due once: follow-ups, closings').action(async (options) =>
  (await import('./command/tick.ts')).tick(options, env),
);
timed('send', 'empties the outbox once')
  .option('--release', 'first lets go the letters that the breaker holds')
  .action(async (options) => (await import('./command/send.ts')).send(options, env));
command('reconcile', 'compares what the mail servers (and files) show with the rows; the difference is empty')
  .argument('[path...]', 'mails in files that have been ingested')
  .action(async (paths: string[], options) => (await import('./command/reconcile.ts')).reconcile(paths, options, env));

addPolicyCommands(program, env);
addCustomerCommands(program, env);
addCalendarCommands(program, env);
addTemplateCommands(program, env);
addSessionCommands(program, env);
timed('restore-check', 'after a restored database backup: which mails have no row, which letters may have left')
  .option('--apply', 'reads the mails again, answers nobody twice, and holds the letters; no gateway may run')
  .option('--since <date>', 'looks at processed folders from this day on (else from two days before the newest row)')
  .action(async (options) => (await import('./command/restore-check.ts')).restoreCheck(options, env));

const cases = program.command('case').description('the desk from a shell').exitOverride();
function caseCommand(name: string, description: string): Command {
  return common(cases.command(name).description(description)).option(...nowOption);
}
caseCommand('list', 'cases, newest first')
  .option('--status <status>', 'only of this status')
  .option('--requester <address>', 'only of this requester')
  .option('--open', 'only those not closed')
  .option('--limit <count>', 'at most so many', '50')
  .action(async (options) => (await import('./command/case.ts')).listCommand(options, env));
caseCommand('show', 'a case with its people, calendar, history and every why')
  .argument('<number>')
  .option('--full', 'each mail whole, with quotation and signature')
  .action(async (number: string, options) => (await import('./command/case.ts')).showCommand(number, options, env));
caseCommand('mail', 'a stored mail as it came, byte for byte on standard output; "case show" tells its number')
  .argument('<mail>')
  .action(async (id: string, options) => (await import('./command/case.ts')).mailCommand(id, options, env));
caseCommand('reply', 'answers the customer and starts the follow-up clock; the text as words or on standard input')
  .argument('<number>')
  .argument('[text...]')
  .option(
    '--ask <names>',
    'asks the customer for what is missing: names of the policy (acknowledgment.asks), like steps,error',
  )
  .option(...asEngineer)
  .action(async (number: string, text: string[], options) =>
    (await import('./command/case.ts')).replyCommand(number, text, options, env),
  );
caseCommand('note', 'a note for engineers; the text as words or on standard input')
  .argument('<number>')
  .argument('[text...]')
  .option(...asEngineer)
  .action(async (number: string, text: string[], options) =>
    (await import('./command/case.ts')).noteCommand(number, text, options, env),
  );
caseCommand(
  'set',
  'sets status, reason, severity, owner, note, solution, product, version or build (name=value), or a participant (cc=+address, cc=-address)',
)
  .argument('<number>')
  .argument('<name=value...>')
  .option(...asEngineer)
  .action(async (number: string, pairs: string[], options) =>
    (await import('./command/case.ts')).setCommand(number, pairs, options, env),
  );
addEngineeringCommands(program, caseCommand, env);
addEngineerCommands(program, env);

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = ended(error);
}

function ended(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${text.length > errorCharsMax ? `${text.slice(0, errorCharsMax)} …` : text}\n`);
  return error instanceof UsageError ? 2 : 1;
}
