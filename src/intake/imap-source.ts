// Names an IMAP folder as a source of mails: with the UIDVALIDITY and UID of a mail it is the mail's name for all time.

/** The name of a folder: the same in every gateway and after every restart. */
export function imapSource(account: { user: string; host: string; port: number; folder: string }): string {
  return `imap:${account.user}@${account.host}:${account.port}/${account.folder}`;
}
