// The support case and the moves its status may make (handbook "Opening a Helpdesk Request"; mobility page "Case Follow-up").
import type { Instant } from '../clock.ts';

export type ProductLine = 'corporate' | 'mobility';
export type Severity = 'A' | 'B' | 'C' | 'D';
export type Status = 'new' | 'waiting on support' | 'waiting on customer' | 'waiting on engineering' | 'closed';
export type CloseReason = 'resolved by customer' | 'resolved by support' | 'no response' | 'duplicate' | 'spam';
/** Who set a value last: a person's choice outranks a rule's. */
export type SetBy = 'rule' | 'customer' | 'engineer';

export interface SupportCase {
  number: number;
  /** The configured mailbox (its id) the case lives in; letters leave from its address. */
  mailbox: string;
  line: ProductLine;
  subject: string;
  status: Status;
  statusNote: string;
  closeReason: CloseReason | null;
  severity: Severity;
  severityBy: SetBy;
  severityBecause: string;
  plan: string;
  planBecause: string;
  product: string | null;
  version: string | null;
  build: string | null;
  account: string | null;
  requester: string;
  requesterName: string;
  /** The engineer's address, or null while nobody has it. */
  owner: string | null;
  ownerBecause: string;
  language: string;
  /** IANA zone or offset like +01:00 in which the customer's dates are shown; null: nobody knows, and the desk's own is used. */
  zone: string | null;
  solution: string;
  linkedFrom: number | null;
  targetAt: Instant | null;
  targetBecause: string;
  firstResponseAt: Instant | null;
  submittedAt: Instant;
  updatedAt: Instant;
  closedAt: Instant | null;
}

/** The allowed moves of status, one table. A closed case of a line that can not be reopened has no move at all: policy says which. */
export const moves: Record<Status, readonly Status[]> = {
  new: ['waiting on support', 'waiting on customer', 'waiting on engineering', 'closed'],
  'waiting on support': ['waiting on customer', 'waiting on engineering', 'closed'],
  'waiting on customer': ['waiting on support', 'waiting on engineering', 'closed'],
  'waiting on engineering': ['waiting on support', 'waiting on customer', 'closed'],
  closed: ['waiting on support'],
};

/** Whether `from` may become `to`; a status may always stay what it is. */
export function mayMove(from: Status, to: Status): boolean {
  return from === to || moves[from].includes(to);
}

/** The number as people see it: eight digits, zero-padded, more when they run out. */
export function caseNumberText(number: number): string {
  return String(number).padStart(8, '0');
}

/** The one form in which our own subjects carry it: `[Case 00000001]`. */
export function caseTag(number: number): string {
  return `[Case ${caseNumberText(number)}]`;
}
