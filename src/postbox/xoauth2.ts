// Signs in to an SMTP server with an access token, the way Gmail and Microsoft 365 want it (SASL XOAUTH2). nodemailer's own way asks for a second
// token by itself in mid-session; ours tells what the server said, and src/oauth decides whether another token is worth a try.
import type { CustomAuthenticationContext } from 'nodemailer/lib/smtp-connection';

/** What nodemailer is to call it: under the name XOAUTH2 it would rather send the token as a PLAIN password. */
export const tokenMethod = 'ACCESS-TOKEN';

/** The handler for nodemailer's `customAuth`; the token comes as the password. Rejects with the server's last words. */
export async function presentToken({ auth, sendCommand }: CustomAuthenticationContext): Promise<void> {
  const { user, pass } = auth.credentials;
  const words = Buffer.from(`user=${user}\x01auth=Bearer ${pass}\x01\x01`).toString('base64');
  const first = await sendCommand(`AUTH XOAUTH2 ${words}`);
  // A refusal is explained first, and the server waits for an empty line before it ends the exchange.
  const last = first.status === 334 ? await sendCommand('') : first;
  if (last.status !== 235) throw new Error(`the server refused the access token: ${last.response}`);
}
