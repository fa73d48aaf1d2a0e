// Whether a product is registered (handbook "Who Should Contact": technical help asks for it; mobility page: no mobility product has any): by
// a serial number in the customer's account, or by a plan that was sold for it. It gives no plan of its own.
import type { ProductLine } from '../cases/support-case.ts';
import type { EntitlementRecord } from './entitlement.ts';
import type { Policy } from './policy.ts';
import { compareVersions } from './products.ts';

/** A serial number in an account. `version` null is for every version; `registered` is a day such as 2026-01-05. */
export interface SerialRecord {
  readonly serial: string;
  readonly product: string;
  readonly version: string | null;
  readonly registered: string;
}

/** What decides: whose request, about what, and what the account holds. */
export interface RegistrationFacts {
  readonly requester: string;
  readonly account: string | null;
  readonly line: ProductLine;
  readonly product: string | null;
  readonly version: string | null;
  /** The account's own. */
  readonly serials: readonly SerialRecord[];
}

/** Whether it is registered, and the words that go on "… is registered" or say what is missing. */
export interface Registration {
  readonly registered: boolean;
  readonly because: string;
}

/** Judges the registration; `own`: the account's plans for this product, valid or not. A request that names no product is any product's. */
export function registrationOf(
  facts: RegistrationFacts,
  own: readonly Pick<EntitlementRecord, 'id'>[],
  policy: Policy,
): Registration {
  const { account, requester, line, version } = facts;
  if (!policy.lines[line].registrationRequired)
    return { registered: true, because: `the ${line} line needs no registration` };
  if (account === null) return { registered: false, because: `${requester} belongs to no account` };
  const serials = facts.serials
    .filter(({ product }) => facts.product === null || product === facts.product)
    .toSorted((a, b) => (a.serial < b.serial ? -1 : 1));
  const fitting = serials.find((one) => fits(one, version));
  if (fitting !== undefined) {
    const { product, serial, registered } = fitting;
    return { registered: true, because: `${product} is registered (serial ${hinted(serial)} of ${registered})` };
  }
  const [sold] = own.map(({ id }) => id).toSorted();
  if (sold !== undefined)
    return { registered: true, because: `plan ${sold} of account ${account} stands for a registration` };
  const other = serials[0];
  if (other === undefined) return { registered: false, because: `account ${account} has not registered it` };
  const { serial, product, version: registeredVersion } = other;
  const because = `serial ${hinted(serial)} of account ${account} is for ${product} ${registeredVersion ?? ''}, the request about ${version ?? ''}`;
  return { registered: false, because };
}

function fits(serial: SerialRecord, version: string | null): boolean {
  return serial.version === null || version === null || compareVersions(serial.version, version) === 0;
}

const shownCharsMax = 5;

/** The end of a serial number: enough to find it, too little to use it. */
function hinted(serial: string): string {
  return serial.length <= shownCharsMax * 2 ? serial : `…${serial.slice(-shownCharsMax)}`;
}
