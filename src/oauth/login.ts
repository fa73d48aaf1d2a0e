// How a door proves who it is to a mail server: with the password it was given, or with a token of its OAuth2 account. A server that refuses a
// token may only have seen it end: one renewal and one more try, then it is a refused login like any other (TRUST F24, F35).
import type { Config, OAuthAccount, TokenSource } from '../config.ts';
import type { Secret } from '../secret.ts';
import type { Tokens } from './tokens.ts';

/** What is handed to the library that signs in. */
export type Proof = { pass: string } | { accessToken: string };

/** A login as the configuration has it. */
interface Login {
  password: Secret | null;
  oauth?: OAuthAccount;
  tokens?: TokenSource;
}

/**
 * Signs in with the account's proof. `refused` tells a refused login from another failure of `signIn`. Rejects as `signIn` does, or with
 * TokenTrouble when no token can be had; the mail server was not asked then.
 */
export async function signInWith<T>(
  { password, oauth, tokens }: Login,
  refused: (error: unknown) => boolean,
  signIn: (proof: Proof) => Promise<T>,
): Promise<T> {
  if (!oauth) return signIn({ pass: password?.reveal() ?? '' });
  if (!tokens) throw new Error(`OAuth2 account "${oauth.name}": this login was given no tokens`);
  const token = await tokens.current();
  try {
    return await signIn({ accessToken: token.reveal() });
  } catch (error) {
    const newer = refused(error) ? await tokens.instead(token) : null;
    if (!newer) throw error;
    return signIn({ accessToken: newer.reveal() });
  }
}

/** The configuration with the tokens beside every login that needs them. */
export function withTokens(config: Config, tokens: Tokens | null): Config {
  if (!tokens) return config;
  const given = <L extends Login>(login: L): L => {
    const { oauth } = login;
    return oauth ? { ...login, tokens: sourceOf(tokens, oauth) } : login;
  };
  return {
    ...config,
    mailboxes: config.mailboxes.map((mailbox) => ({ ...mailbox, imap: mailbox.imap && given(mailbox.imap) })),
    smtp: config.smtp && given(config.smtp),
  };
}

function sourceOf(tokens: Tokens, account: OAuthAccount): TokenSource {
  // While no newer token can be had, the mail server is not bothered again with one that it refused: that could lock the account.
  let refused: Secret | null = null;
  return {
    current: async () => (await tokens.current(account, refused ? { distrusted: refused } : {})).secret,
    async instead(token) {
      refused = token;
      const newer = await tokens.instead(account, token);
      if (!newer) refused = null;
      return newer?.secret ?? null;
    },
  };
}
