// Which of our mailboxes a recipient means. Only these are taken by the SMTP and LMTP doors: we relay for nobody.
import type { MailboxConfig } from '../config.ts';

/** What is needed of a mailbox to know its addresses (all lower case). */
export type AddressedMailbox = Pick<MailboxConfig, 'id' | 'address' | 'aliases' | 'addressExtension'>;

/**
 * The mailbox an RFC 5321 forward path is for, or null. Letter case is ignored, also in the local part: ours are our own to define. With an
 * `addressExtension` the detail after it is free (RFC 5233): that is where reply tokens and bounce tokens travel. An address written
 * out in the configuration goes before one that only fits with a detail.
 */
export function mailboxOf<M extends AddressedMailbox>(mailboxes: readonly M[], recipient: string): M | null {
  const wanted = recipient.toLowerCase();
  const exact = mailboxes.find((box) => ownAddresses(box).includes(wanted));
  return (
    exact ??
    mailboxes.find((box) => ownAddresses(box).some((own) => fitsWithDetail(wanted, own, box.addressExtension))) ??
    null
  );
}

function ownAddresses(box: AddressedMailbox): string[] {
  return [box.address, ...box.aliases];
}

function fitsWithDetail(wanted: string, own: string, extension: string | null): boolean {
  if (extension === null) return false;
  const [ownLocal, ownDomain] = parts(own);
  const [local, domain] = parts(wanted);
  return domain === ownDomain && local.startsWith(`${ownLocal}${extension}`);
}

function parts(address: string): [local: string, domain: string] {
  const at = address.lastIndexOf('@');
  return [address.slice(0, at), address.slice(at + 1)];
}
