// `casepost sign-in ACCOUNT`: a person lets us in once; the refresh token is stored encrypted and everything else renews itself.
import { createInterface } from 'node:readline';
import { systemClock } from '../clock.ts';
import { meet, type Invitation } from '../oauth/sign-in.ts';
import { openTokens } from '../oauth/tokens.ts';
import { ProblemsFound, UsageError } from './ending.ts';
import { openSession, print, type CommonOptions } from './session.ts';

/** Signs in to the account of this name. Ends with ProblemsFound when the server refuses or gives no refresh token. */
export async function signIn(
  name: string,
  options: CommonOptions & { port: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port: "${options.port}" is not a port; write a whole number from 0 to 65535`);
  const session = await openSession(options, env);
  const input = createInterface({ input: process.stdin });
  try {
    const { config, database } = session;
    const account = config.oauth.find((one) => one.name === name);
    const tokens = openTokens({ db: database.db, config, now: systemClock });
    if (!account || !tokens) {
      const known = config.oauth.map((one) => one.name).join(', ') || 'none';
      throw new UsageError(`"${name}" is no account under oauth: in the configuration; there are: ${known}`);
    }
    if (account.grant === 'client-credentials')
      throw new UsageError(`oauth: account "${name}" signs in by itself (grant: client-credentials); nobody has to`);
    if (account.deviceEndpoint === null && account.authorizationEndpoint === null)
      throw new UsageError(
        `oauth: account "${name}" names no deviceEndpoint and no authorizationEndpoint; write one, or its refreshToken`,
      );
    const invite = (invitation: Invitation) => print(options, invitation, invitationText(invitation));
    const answer = await meet(account, { invite, pasted: input, port });
    if (answer.answer !== 'tokens') throw new ProblemsFound(`OAuth2 account "${name}": ${answer.error}`);
    if (answer.grant.refreshToken === null)
      throw new ProblemsFound(
        `OAuth2 account "${name}": the server gave no refresh token, so nothing was stored; its scope may have to hold offline_access`,
      );
    const token = await tokens.adopt(account, answer.grant);
    const validUntil = token.validUntil.toString({ smallestUnit: 'second' });
    const told = `signed in: OAuth2 account "${name}" has a token until ${validUntil} and renews it from now on; scopes ${token.scope ?? 'not told'}`;
    print(options, { account: name, validUntil, scope: token.scope }, told);
  } finally {
    input.close();
    await session.close();
  }
}

function invitationText({ open, code }: Invitation): string {
  if (code !== null) return `open ${open} in any browser, sign in as the mailbox, and type the code ${code}`;
  return `open this in a browser and sign in as the mailbox:\n\n${open}\n\nIf that browser is on another machine, its last page can not be shown there: paste its address here.`;
}
