// The mail that tells a person of alarms, and the ways it can go: straight to a mail server and not through the outbox, which may be the trouble.
import { randomBytes } from 'node:crypto';
import type { Instant } from './clock.ts';
import type { Config, SmtpTarget } from './config.ts';
import type { Desk } from './desk.ts';
import { paragraphs } from './letters/formatting.ts';
import { automaticHeaders } from './letters/compose.ts';
import { mimeBytes } from './letters/mime.ts';
import { openSession } from './postbox/transport.ts';
import type { AlarmMail, Telling } from './store/alarm-mails.ts';

/** Alarms named in one subject; the rest is counted. */
const keysInSubject = 2;
/** The longest way from us to a mail server and back, all recipients together: a stuck one must not hold up the next look. */
export const sendSecondsMax = 90;

/** One mail to each of `alarms.to` that tells all of `tellings`; none when nobody is named. */
export async function composeAlarmMails(
  desk: Pick<Desk, 'config' | 'company' | 'instance'>,
  tellings: Omit<Telling, 'id'>[],
  now: Instant,
): Promise<AlarmMail[]> {
  const { config } = desk;
  const [first] = config.mailboxes;
  if (!first) return [];
  const subject = subjectOf(tellings);
  const text = textOf(desk.company, tellings);
  return (config.alarms?.to ?? []).map((recipient) => {
    const messageId = `alarm.${randomBytes(10).toString('hex')}@${first.address.split('@').at(-1) ?? 'localhost'}`;
    const raw = mimeBytes(
      {
        from: { name: `${desk.company} Casepost`, address: first.address },
        to: { name: '', address: recipient },
        replyTo: null,
        subject,
        messageId,
        inReplyTo: null,
        references: [],
        // Our own mark: should it come into a support mailbox, it is a letter of ours that returned and no case.
        headers: automaticHeaders({ automatic: 'auto-generated' }, desk),
        text,
        html: paragraphs(text),
        attachments: [],
      },
      now,
    );
    return { messageId, recipient, raw };
  });
}

function subjectOf(tellings: Omit<Telling, 'id'>[]): string {
  const over = tellings.every((telling) => telling.over);
  const keys = tellings.slice(0, keysInSubject).map(({ key }) => key);
  const more = tellings.length > keysInSubject ? ` and ${tellings.length - keysInSubject} more` : '';
  return `Casepost: ${over ? 'over: ' : 'ALARM: '}${keys.join(', ')}${more}`;
}

function textOf(company: string, tellings: Omit<Telling, 'id'>[]): string {
  const open = tellings.filter((telling) => !telling.over);
  const over = tellings.filter((telling) => telling.over);
  const paragraph = ({ key, text, since, toldAt }: Omit<Telling, 'id'>) =>
    `${key}, since ${when(since)}${toldAt === null ? '' : `, told before at ${when(toldAt)}`}:\n${text}`;
  return [
    `This is the mail gateway of ${company}.`,
    ...(open.length > 0 ? ['What is wrong:', ...open.map(paragraph)] : []),
    ...(over.length > 0
      ? [
          'What is over:',
          ...over.map(
            ({ key, since, clearedAt }) => `${key}, from ${when(since)} to ${clearedAt ? when(clearedAt) : 'now'}`,
          ),
        ]
      : []),
    'You are told once, again each day while it lasts, and when it is over.',
  ].join('\n\n');
}

function when(instant: Instant): string {
  return `${instant.toZonedDateTimeISO('UTC').toPlainDateTime().toString({ smallestUnit: 'minute' }).replace('T', ' ')} UTC`;
}

/** The ways a mail of alarms can go, best first: its own mail server, then that of the letters. */
export function routesOf(config: Config): SmtpTarget[] {
  return [config.alarms?.smtp ?? null, config.smtp].filter((route) => route !== null);
}

/** What became of it; `error` is why it waits or was refused, in the server's words. */
export type AlarmFate = { state: 'sent' } | { state: 'waiting' | 'failed'; error: string };

/** Sends one mail by the first route that takes mail at all. Never rejects. */
export async function sendAlarmMail(routes: SmtpTarget[], mail: AlarmMail): Promise<AlarmFate> {
  let error = 'neither alarms.smtp nor smtp is configured';
  for (const route of routes) {
    const session = await openSession(route);
    if ('outcome' in session) {
      error = `${route.host}:${route.port}: ${session.error}`;
      continue;
    }
    const late = setTimeout(() => session.end(true), sendSecondsMax * 1000);
    try {
      const outcome = await session.send({ reversePath: '', recipient: mail.recipient, raw: mail.raw });
      if (outcome.outcome === 'sent') return { state: 'sent' };
      if (outcome.outcome === 'permanent') return { state: 'failed', error: outcome.error };
      error = `${route.host}:${route.port}: ${outcome.error}`;
      // Its fate may be unknown: another route would be a second copy. It is tried again later.
      if (outcome.outcome !== 'unavailable') return { state: 'waiting', error };
    } finally {
      clearTimeout(late);
      session.end();
    }
  }
  return { state: 'waiting', error };
}
