// What an engineer should know of a writer before answering, because a letter's look can hide it: a domain in look-alike letters, a Reply-To that leads
// elsewhere (TRUST B10, B11). Nothing here decides; identity goes by From alone.
import type { Mail } from '../mail/mail.ts';

const replyToShown = 3;

/** One sentence part for each thing to know; empty for most mails. */
export function senderHints(mail: Pick<Mail, 'from' | 'replyTo'>): string[] {
  const { from, replyTo } = mail;
  if (!from) return [];
  const hints: string[] = [];
  const domain = from.addrSpec.slice(from.addrSpec.lastIndexOf('@') + 1);
  if (domain.split('.').some((label) => label.startsWith('xn--'))) {
    hints.push(
      `the sender's domain ${domain} stands for letters beyond a to z, which can look like another domain; make sure who it is`,
    );
  }
  const elsewhere = replyTo.map(({ addrSpec }) => addrSpec).filter((addrSpec) => addrSpec !== from.addrSpec);
  if (elsewhere.length > 0) {
    const more = elsewhere.length > replyToShown ? ' and more' : '';
    hints.push(
      `the mail asks for answers to ${elsewhere.slice(0, replyToShown).join(', ')}${more}; yours goes to its sender, ${from.addrSpec}`,
    );
  }
  return hints;
}
