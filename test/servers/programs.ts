// The foreign programs our tests run against, where each is found and which Debian package brings it. Looking is never trusting a name:
// /usr/bin/psql or /usr/local/bin/pg_ctl may be a client or a stand-in without a server, so the server's own binaries are asked for.
import { accessSync, constants, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The servers, the browser and the tools a test may ask for. */
export type ProgramName = 'postgres' | 'dovecot' | 'postfix' | 'chromium' | 'ip';

/** A program: the Debian packages that bring it, and the folder or file it was found at (undefined: not on this machine). */
export type Program = { name: ProgramName; packages: string[]; path: string | undefined };

const debianPostgres = '/usr/lib/postgresql';
const systemFolders = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
const macChromium = '/Applications/Chromium.app/Contents/MacOS/Chromium';

/** All programs the tests know, as they stand on this machine now. */
export function allPrograms(): Program[] {
  return [
    { name: 'postgres', packages: ['postgresql'], path: postgresFolder() },
    { name: 'dovecot', packages: ['dovecot-imapd', 'dovecot-lmtpd'], path: dovecotProgram() },
    { name: 'postfix', packages: ['postfix'], path: postfixFolder() },
    { name: 'chromium', packages: ['chromium'], path: chromiumProgram() },
    { name: 'ip', packages: ['iproute2'], path: inSystem('ip') },
  ];
}

/** The path of one program; throws with the packages to install when it is not here. */
export function programPath(name: ProgramName): string {
  const program = allPrograms().find((candidate) => candidate.name === name)!;
  if (program.path) return program.path;
  throw new Error(
    `${name} is not on this machine${name === 'postfix' ? ', or we are not root' : ''}; looked in ${debianPostgres} and ${systemFolders.join(', ')}; ` +
      `install it (Debian: apt-get install ${program.packages.join(' ')}) or let "npm test" do so as root`,
  );
}

/**
 * For `describe.skipIf(...)`: a sentence why tests of these programs are skipped, or undefined when all are here. With CI=true nothing is
 * ever skipped: the tests then run and fail with programPath's sentence.
 */
export function whyMissing(...names: ProgramName[]): string | undefined {
  if (process.env['CI'] === 'true') return undefined;
  const missing = allPrograms().filter((program) => names.includes(program.name) && !program.path);
  if (missing.length === 0) return undefined;
  return `not on this machine: ${missing.map((program) => program.packages.join(' ')).join(', ')}`;
}

function postgresFolder(): string | undefined {
  const debian = versionsIn(debianPostgres).map((version) => join(debianPostgres, version, 'bin'));
  return [...debian, ...systemFolders].find(
    (folder) => executable(join(folder, 'initdb')) && executable(join(folder, 'postgres')),
  );
}

function versionsIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort((a, b) => Number(b) - Number(a));
  } catch {
    return [];
  }
}

function dovecotProgram(): string | undefined {
  const lmtp = ['/usr/lib/dovecot/lmtp', '/usr/libexec/dovecot/lmtp', '/opt/homebrew/libexec/dovecot/lmtp'];
  return lmtp.some(executable) ? inSystem('dovecot') : undefined;
}

function postfixFolder(): string | undefined {
  const folders = ['/usr/lib/postfix/sbin', '/usr/libexec/postfix'];
  // Postfix changes users for each of its parts: without root it cannot even start.
  if (process.getuid?.() !== 0) return undefined;
  return inSystem('postfix') ? folders.find((folder) => executable(join(folder, 'master'))) : undefined;
}

function chromiumProgram(): string | undefined {
  return inSystem('chromium') ?? inSystem('chromium-browser') ?? [macChromium].find(executable);
}

function inSystem(name: string): string | undefined {
  return systemFolders.map((folder) => join(folder, name)).find(executable);
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
