// `casepost doctor`: asks every server that the configuration names, live, and says what answered and what did not.
import { systemClock } from '../clock.ts';
import type { Config, OAuthAccount, SmtpTarget } from '../config.ts';
import { serverUids } from '../intake/imap-place.ts';
import { imapErrorText } from '../intake/imap-refusal.ts';
import { errorText } from '../log.ts';
import { endingOf } from '../oauth/keeper.ts';
import { withTokens } from '../oauth/login.ts';
import { openTokens, type Tokens } from '../oauth/tokens.ts';
import { openSession as openSmtp } from '../postbox/transport.ts';
import { openDatabase, rows } from '../store/db.ts';
import { requireDurable } from '../store/durable.ts';
import { newestVersion, schemaVersion } from '../store/migrate.ts';
import { ProblemsFound } from './ending.ts';
import { configOf, locationOf, print, type CommonOptions } from './session.ts';

/** Clocks of gateway and database may differ by so much before leases and targets are in doubt. */
const clockSecondsMax = 30;

interface Finding {
  what: string;
  sound: boolean;
  told: string;
}

type Look = (what: string, asked: () => Promise<string>, words: (error: unknown) => string) => Promise<void>;

/** Looks at database, OAuth2 accounts, clock, IMAP and SMTP; nothing is changed or sent. Ends with ProblemsFound when something is wrong. */
export async function doctor(options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const written = configOf(options, env);
  const findings: Finding[] = [];
  const look: Look = async (what, asked, words) => {
    try {
      findings.push({ what, sound: true, told: await asked() });
    } catch (error) {
      findings.push({ what, sound: false, told: words(error) });
    }
    const last = findings.at(-1);
    if (last) print(options, last, `${last.sound ? 'ok     ' : 'WRONG  '}${last.what}: ${last.told}`);
  };
  await look('database', () => lookAtDatabase(locationOf(written)), errorText);
  const database = written.oauth.length > 0 ? await openDatabase(locationOf(written)) : null;
  try {
    const tokens = database && openTokens({ db: database.db, config: written, now: systemClock });
    if (tokens) {
      for (const account of written.oauth)
        await look(`OAuth2 account ${account.name}`, () => lookAtAccount(account, tokens), errorText);
    }
    await lookAtServers(withTokens(written, tokens), look);
  } finally {
    await database?.close();
  }
  const wrong = findings.filter(({ sound }) => !sound);
  if (wrong.length > 0) throw new ProblemsFound(`${wrong.length} of ${findings.length} are not as they should be`);
}

/** A person asks: a refusal that may be mended by now is not waited for. */
async function lookAtAccount(account: OAuthAccount, tokens: Tokens): Promise<string> {
  const token = await tokens.current(account, { asked: true });
  const until = `token valid until ${token.validUntil.toString({ smallestUnit: 'second' })}`;
  if (token.trouble !== null) throw new Error(`${token.trouble}; ${until}`);
  const ending = endingOf(account, token, systemClock());
  if (ending !== null) throw new Error(ending);
  return `${until}, scopes ${token.scope ?? account.scope ?? 'not told'}`;
}

/** Not wrong, and said all the same. */
const toldNobody = 'nobody is told when something is wrong with the gateway; write alarms: { to: [you@elsewhere] }';

async function lookAtServers(config: Config, look: Look): Promise<void> {
  for (const { id, imap } of config.mailboxes) {
    if (!imap) continue;
    await look(
      `IMAP of ${id}`,
      async () =>
        `${(await serverUids(imap, null, systemClock())).mails} mails in ${imap.folder} on ${imap.host}:${imap.port}`,
      imapErrorText,
    );
  }
  const { smtp, alarms } = config;
  const lookAtSmtp = (what: string, target: SmtpTarget, takes: string): Promise<void> =>
    look(
      what,
      async () => {
        const session = await openSmtp(target);
        if ('outcome' in session) throw new Error(session.error);
        session.end();
        return `${target.host}:${target.port} takes ${takes}`;
      },
      errorText,
    );
  if (smtp) await lookAtSmtp('SMTP', smtp, 'our letters');
  if (alarms?.smtp) await lookAtSmtp('SMTP of alarms', alarms.smtp, 'what we tell of alarms');
  if (!alarms) await look('alarms', () => Promise.resolve(toldNobody), errorText);
}

async function lookAtDatabase(location: string): Promise<string> {
  const { db, embedded, close } = await openDatabase(location);
  try {
    if (!embedded) await requireDurable(db);
    const [server] = await rows<{ version: string; now: Temporal.Instant }>(
      db,
      `select current_setting('server_version') as version, clock_timestamp() as now`,
    );
    if (!server) throw new Error('it gave no answer');
    const offSeconds = Math.abs(server.now.epochMilliseconds - systemClock().epochMilliseconds) / 1000;
    if (offSeconds > clockSecondsMax)
      throw new Error(`its clock and ours differ by ${Math.round(offSeconds)} s, allowed are ${clockSecondsMax}`);
    const version = await schemaVersion(db);
    const schema =
      version === newestVersion() ? 'current' : `at ${version}, "casepost migrate" brings it to ${newestVersion()}`;
    return `${embedded ? 'embedded' : 'PostgreSQL'} ${server.version}, schema ${schema}, clock in step`;
  } finally {
    await close();
  }
}
