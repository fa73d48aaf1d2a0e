// `casepost api-token`: who may write customers over HTTP. A token is shown once, when it is made.
import { createHash, randomBytes } from 'node:crypto';
import { apiTokens, insertApiToken, revokeApiToken } from '../store/api-tokens.ts';
import { ProblemsFound, UsageError } from './ending.ts';
import { print, withSession, type CommonOptions } from './session.ts';

const tokenBytes = 32;

/** Carries out `create NAME`, `list` or `revoke NAME`. */
export async function apiTokenCommand(
  word: 'create' | 'list' | 'revoke',
  name: string,
  options: CommonOptions,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  if (word !== 'list' && !/^[\w.-]{1,64}$/.test(name))
    throw new UsageError(`api-token: "${name}" is no name; allowed: 1 to 64 letters, digits, "_", "." and "-"`);
  await withSession(options, env, async (session) => {
    const { db } = session.database;
    if (word === 'create') {
      const token = `casepost_${randomBytes(tokenBytes).toString('base64url')}`;
      const hash = createHash('sha256').update(token).digest();
      if (!(await insertApiToken(db, { name, hash }, session.now())))
        throw new ProblemsFound(`api-token: "${name}" is or was in use; choose another name`);
      print(options, { name, token }, token);
    } else if (word === 'revoke') {
      if (!(await revokeApiToken(db, name, session.now())))
        throw new ProblemsFound(`api-token: "${name}" is no token that holds; "casepost api-token list" shows them`);
      print(options, { revoked: name }, `"${name}" holds no longer`);
    } else {
      for (const token of await apiTokens(db)) {
        const { createdAt, revokedAt } = token;
        print(
          options,
          token,
          `${token.name}  since ${createdAt.toString()}${revokedAt === null ? '' : `, revoked ${revokedAt.toString()}`}`,
        );
      }
    }
  });
}
