// How one reading of casepost.yaml goes along: where a problem is told, how a file or a secret is fetched that a key points to, and whether a
// login and the line it is sent over fit together. The parts of the configuration (config-assemble, config-oauth) are read with it.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { Environment, Security } from './config.ts';
import { problemOf } from './config-problems.ts';
import type { Problem, YamlText } from './config-problems.ts';
import { secretOf } from './secret.ts';
import type { Secret } from './secret.ts';

/** What a reading carries along. Paths in the file are relative to `folder`; `problems` is added to. */
export interface Reading {
  yaml: YamlText;
  env: Environment;
  folder: string;
  problems: Problem[];
}

/** The keys that lead to a place in the file. */
export type Path = (string | number)[];
/** A group of keys as it was written, unchecked. */
export type Group = Record<string, unknown>;

/** Tells a problem at a key. */
export function problem(reading: Reading, path: Path, text: string): void {
  reading.problems.push(problemOf(reading.yaml, path, text));
}

/** What was written as a group of keys; an empty one when it is none (the schema tells that). */
export function groupOf(value: unknown): Group {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Group) : {};
}

/** The system's short word for an error (ENOENT, EACCES), or its message. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

/** Whether a host is this machine, so that clear text to it leaves no wire to listen on. */
export function loopback(host: string): boolean {
  const name = host.toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true;
  return isIP(name) === 4 && name.startsWith('127.');
}

/** The text of a file that a key names; null, and a problem, when it cannot be read. */
export function fileText(reading: Reading, found: string | undefined, path: Path): string | null {
  if (found === undefined) return null;
  try {
    return readFileSync(resolve(reading.folder, found), 'utf8');
  } catch (error) {
    const where = resolve(reading.folder, found);
    problem(reading, path, `"${where}" cannot be read (${errorCode(error)}); write the path of a file we may read`);
    return null;
  }
}

/** The three keys that may hold a secret of this name: itself, the environment's name for it, a file. */
export function secretWays(name: string): string[] {
  return [name, `${name}Env`, `${name}File`];
}

/** Checks that a secret is written in one way at most and that its environment name is set; gives the ways that are written. */
export function checkSecret(reading: Reading, path: Path, group: Group, name: string, others: string[] = []): string[] {
  const allowed = [...secretWays(name), ...others];
  const ways = allowed.filter((way) => group[way] !== undefined);
  if (ways.length > 1)
    problem(reading, [...path, ways[1] ?? ''], `comes beside ${ways[0]}; write one of ${allowed.join(', ')}`);
  const variable = group[`${name}Env`];
  if (typeof variable === 'string' && !reading.env[variable])
    problem(reading, [...path, `${name}Env`], `the environment has no ${variable}; set it to the ${spoken(name)}`);
  return ways;
}

/** Fetches a secret from where its key points; null when none is written. */
export function secretIn(reading: Reading, group: object, name: string, path: Path): Secret | null {
  const [plain, variable, file] = secretWays(name).map((way) => (group as Group)[way] as string | undefined);
  if (plain !== undefined) return secretOf(plain);
  if (variable !== undefined) return secretOf(reading.env[variable] ?? '');
  const text = fileText(reading, file, [...path, `${name}File`]);
  if (text === null) return null;
  // Editors end a file with a line break; no secret ends with one.
  const bare = text.replace(/[\r\n]+$/, '');
  if (bare === '') problem(reading, [...path, `${name}File`], `"${file}" is empty; write the ${spoken(name)} into it`);
  return secretOf(bare);
}

/** Checks a login: one way to prove it (a password or an OAuth2 account), a user for it, and no clear text over a wire. */
export function checkLogin(
  reading: Reading,
  path: Path,
  group: Group,
  rule: { needed: boolean; security: Security },
): void {
  const ways = checkSecret(reading, path, group, 'password', ['oauth']);
  const login = group['user'] !== undefined;
  if (ways.length === 0 && (rule.needed || login)) {
    problem(reading, [...path, 'password'], `is missing; write one of ${secretWays('password').join(', ')}, oauth`);
  }
  if (ways.length > 0 && !login && !rule.needed) {
    const proof = ways.includes('oauth') ? 'OAuth2 account' : 'password';
    problem(reading, [...path, 'user'], `is missing; write the user the ${proof} is for`);
  }
  const security = group['security'] ?? rule.security;
  const host = group['host'];
  const clear = security === 'none' && (login || ways.length > 0) && typeof host === 'string' && !loopback(host);
  if (clear && group['allowInsecure'] !== true && group['allowInsecure'] !== 'true') {
    const proof = ways.includes('oauth') ? 'access token' : 'password';
    const text = `none would send the ${proof} to ${host} in clear text; write tls or starttls, or allowInsecure: true if that is meant`;
    problem(reading, [...path, 'security'], text);
  }
}

/** `clientSecret` as a person says it. */
function spoken(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
