// The other end of all letters: writes each into the journal, keeps the bytes only as long as somebody may answer them, and misbehaves when an
// injector says so.
import { createHash } from 'node:crypto';
import { type SmtpMoment, type SmtpScript, startSmtpPeer } from '../servers/smtp-peer.ts';
import { subjectOf } from '../story/desk.ts';
import type { Journal } from './journal.ts';

/** A letter somebody may answer. */
export interface Letter {
  messageId: string;
  recipient: string;
  caseNumber: number | null;
  raw: Buffer;
}

export interface Peer {
  port: number;
  /** Changes how the peer behaves; undefined: well. */
  behave(script?: SmtpScript): void;
  /** Called with each letter the first time it was accepted. */
  onLetter(hear: (letter: Letter) => void): void;
  /** Letters refused for good, by recipient ('' where the verb names none). */
  refusals: Map<string, number>;
  stop(): Promise<void>;
}

/** Starts the peer. */
export async function startPeer(journal: Journal): Promise<Peer> {
  let behaviour: SmtpScript | undefined;
  const hearers: ((letter: Letter) => void)[] = [];
  const refusals = new Map<string, number>();
  const heard = new Set<string>();
  const peer = await startSmtpPeer({
    async script(moment) {
      const answer = await behaviour?.(moment);
      if (answer?.startsWith('5')) refused(moment);
      if (moment.verb === 'DOT') record(moment, answer ?? '250');
      // The journal has what is needed; a run of half an hour would not fit into memory.
      peer.commands.length = 0;
      if (peer.letters.length > 50) peer.letters.splice(0, 50);
      return answer;
    },
  });

  function refused({ verb, argument, recipients }: SmtpMoment): void {
    const recipient = verb === 'RCPT' ? (/<([^>]*)>/.exec(argument)?.[1] ?? '') : (recipients[0] ?? '');
    refusals.set(recipient, (refusals.get(recipient) ?? 0) + 1);
  }
  function record({ recipients, raw = Buffer.alloc(0) }: SmtpMoment, answer: string): void {
    const head = raw.subarray(0, 8192).toString('latin1');
    const messageId = /^message-id:\s*<?([^\s>]+)/im.exec(head)?.[1] ?? '';
    const subject = subjectOf(raw);
    const recipient = recipients.join(', ');
    const sha256 = createHash('sha256').update(raw).digest('hex');
    journal.write({ what: 'letter', at: journal.seconds(), messageId, recipient, subject, sha256, answer });
    if (!answer.startsWith('2') || heard.has(messageId)) return;
    heard.add(messageId);
    const caseNumber = Number(/\[Case 0*(\d+)\]/.exec(subject)?.[1]) || null;
    for (const hear of hearers) hear({ messageId, recipient, caseNumber, raw });
  }
  return {
    port: peer.port,
    behave: (script) => void (behaviour = script),
    onLetter: (hear) => void hearers.push(hear),
    refusals,
    stop: () => peer.stop(),
  };
}
