// Where we are the receiving mail server ourselves, nobody has checked the sender before us: SPF, DKIM and DMARC (RFC 7208, 6376, 9989) are
// verified at the door, through mailauth, before the mail is stored. The verdict is stored beside the mail and says what was found.
import { Resolver } from 'node:dns/promises';
import { hostname } from 'node:os';
import { authenticate } from 'mailauth';
import type { Listener } from '../config.ts';
import { canonicalDomain } from '../mail/address.ts';
import type { SenderVerdict } from '../store/inbound.ts';

/** Who handed the mail over, as the session knows it. */
export interface Peer {
  /** IP address of the client. */
  address: string;
  helo: string;
  /** RFC 5321 reverse path; '' is the null path. */
  reversePath: string;
}

/** Answers a DNS question as node:dns does (`resolve`). */
export type Resolve = (name: string, type: string) => Promise<unknown>;

/** How a door verifies. `spf` is false behind another mail server, whose address says nothing about the sender. */
export interface Verification {
  /** Our name as a receiving server. */
  mta: string;
  resolve: Resolve;
  spf: boolean;
}

/** Longest that DNS may hold up a mail; then nothing is known about its sender. */
export const verifySeconds = 8;

/** Verifies one mail. Never throws and never refuses: what can not be found out is `none`, and policy decides what that means. */
export async function verifySender(
  raw: Buffer,
  peer: Peer,
  { mta, resolve, spf }: Verification,
): Promise<SenderVerdict> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<SenderVerdict>((done) => {
    timer = setTimeout(
      () => done(none(`DNS gave no answer about the sender within ${verifySeconds} s`)),
      verifySeconds * 1000,
    );
  });
  try {
    return await Promise.race([verified(raw, peer, { mta, resolve, spf }), late]);
  } catch (error) {
    return none(`the sender could not be verified: ${(error as Error).message.slice(0, 200)}`);
  } finally {
    clearTimeout(timer);
  }
}

async function verified(raw: Buffer, peer: Peer, { mta, resolve, spf }: Verification): Promise<SenderVerdict> {
  const found = await authenticate(raw, {
    mta,
    ...(spf ? { ip: peer.address, helo: peer.helo } : {}),
    sender: peer.reversePath,
    // The library types its resolver after node:dns, which answers each type with another shape.
    resolver: resolve as never,
    disableArc: true,
    disableBimi: true,
  });
  const dmarc = found.dmarc === false ? undefined : found.dmarc;
  if (!dmarc) return none('there is no one From domain to ask DMARC about');
  const domain = canonicalDomain(dmarc.status.header?.from ?? '') ?? '';
  const result = dmarc.status.result;
  const because = `we verified ${domain || 'the sender'} ourselves: dmarc=${result}`;
  if (result === 'pass') {
    const { spf: byServer, dkim: bySignature } = dmarc.alignment;
    // A signature over the beginning of a text vouches for nothing that was added below it (TRUST B31).
    if (!byServer?.result && (bySignature?.underSized ?? 0) > 0) {
      return { verdict: 'none', because: `${because}, but only part of the text is signed`, domain };
    }
    return { verdict: 'pass', because, domain };
  }
  // Without SPF a failure may be our blindness: the mail server before us saw the sender, we did not.
  if (result === 'fail' && spf) return { verdict: 'fail', because, domain };
  return { verdict: 'none', because, domain };
}

/** The verdict of a door that is told to verify. An LMTP peer hides the client's address, so SPF can not be asked there. */
export function verifyAtDoor(listener: Listener, raw: Buffer, peer: Peer): Promise<SenderVerdict> {
  return verifySender(raw, peer, {
    mta: hostname(),
    resolve: resolver(listener.resolver),
    spf: listener.protocol === 'smtp',
  });
}

/** Asks the system's DNS servers, or the one named (`127.0.0.1:5353`), and gives up in time. */
export function resolver(server: string | null): Resolve {
  const dns = new Resolver({ timeout: 2000, tries: 2 });
  if (server !== null) dns.setServers([server]);
  return (name, type) => dns.resolve(name, type as 'TXT');
}

function none(because: string): SenderVerdict {
  return { verdict: 'none', because, domain: '' };
}
