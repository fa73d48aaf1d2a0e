// What really happened, written down outside the gateway as it happens and never changed: which mail was handed over, which letter reached the
// peer, which fault began and ended. The oracle judges by this and by nothing the gateway says of itself.
import { appendFileSync } from 'node:fs';

/** A mail at its door. `unknown`: the answer to the attempt was lost, so it may be there. */
export interface HandedOver {
  what: 'mail';
  at: number;
  token: string;
  door: 'imap' | 'lmtp';
  mailbox: string;
  result: 'taken' | 'unknown';
  sha256: string;
}

/** A letter that reached the dot at the peer. */
export interface Arrived {
  what: 'letter';
  at: number;
  messageId: string;
  recipient: string;
  subject: string;
  sha256: string;
  answer: string;
}

/** A fault's beginning or end, with what it did in words. */
export interface Struck {
  what: 'fault';
  at: number;
  fault: string;
  turn: 'begins' | 'ends' | 'failed';
  words: string;
}

/** Something that can make a letter's fate unknown or forgotten: a copy more is allowed around it (TRUST P3). */
export interface Cut {
  what: 'cut';
  from: number;
  to: number;
  why: string;
}

export type Line = HandedOver | Arrived | Struck | Cut | { what: 'note'; at: number; words: string };

/** The journal: lines in memory for the oracle, and the same lines in a file for the post-mortem. */
export interface Journal {
  file: string;
  lines: Line[];
  /** Seconds since the run began. */
  seconds(): number;
  write(line: Line): void;
  of<What extends Line['what']>(what: What): Extract<Line, { what: What }>[];
}

/** Opens a journal that writes to `file`. */
export function openJournal(file: string): Journal {
  const began = performance.now();
  const lines: Line[] = [];
  return {
    file,
    lines,
    seconds: () => (performance.now() - began) / 1000,
    write(line) {
      lines.push(line);
      appendFileSync(file, `${JSON.stringify(line)}\n`);
    },
    of: <What extends Line['what']>(what: What) =>
      lines.filter((line): line is Extract<Line, { what: What }> => line.what === what),
  };
}
