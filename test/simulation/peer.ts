// A model SMTP peer: it takes letters, refuses them for now or for good, cuts the line after the dot, and remembers every byte it took.
import { createHash } from 'node:crypto';
import type { Outcome } from '../../src/postbox/transport.ts';
import type { Chance } from './chance.ts';
import type { OutboxRow } from './rows.ts';

/** What the peer took under one Message-ID. */
export interface Taken {
  digest: string;
  copies: number;
  /** Copies that the postbox can not have known of: answers that were cut, records that were lost. */
  excused: number;
}

export interface Peer {
  taken: Map<string, Taken>;
  /** How addresses of this domain are dealt with, in hits of a hundred: refused for now, cut after the dot. */
  refuses: number;
  cuts: number;
  /** Addresses that are refused for good. */
  gone: Set<string>;
}

export function aPeer(): Peer {
  return { taken: new Map(), refuses: 3, cuts: 1, gone: new Set() };
}

/** Hands a letter over: what the postbox hears, and whether the peer has taken it. */
export function handOver(peer: Peer, row: OutboxRow, chance: Chance): { heard: Outcome; taken: boolean } {
  if (peer.gone.has(row.recipient)) {
    const error = 'Recipient command failed: 550 5.1.1 nobody here by that name (RCPT)';
    return { heard: { outcome: 'permanent', error }, taken: false };
  }
  if (chance.percent(peer.refuses))
    return { heard: { outcome: 'transient', error: '451 4.7.1 come back later' }, taken: false };
  const digest = createHash('sha256').update(row.raw).digest('hex');
  const known = peer.taken.get(row.messageId);
  if (known) {
    known.copies += 1;
    if (known.digest !== digest) known.digest = 'copies differ';
  } else {
    peer.taken.set(row.messageId, { digest, copies: 1, excused: 0 });
  }
  if (!chance.percent(peer.cuts)) return { heard: { outcome: 'sent', response: '250 2.0.0 taken' }, taken: true };
  return { heard: { outcome: 'unknown', error: 'the connection was closed' }, taken: true };
}
