// Whom do we never answer, and how often anybody else? The caps of TRUST 4.3, as one question asked before every automatic letter.
import { deliverable } from '../mail/address.ts';
import { robotAddress } from '../mail/automatic.ts';
import type { Policy } from '../policy/policy.ts';
import type { Budget } from './facts.ts';

/**
 * May an automatic letter go to this address now? `why` is null when it may; `hold` keeps the letter instead of not making it; `passing`:
 * a cap is full, and time alone empties it.
 */
export interface Permission {
  why: string | null;
  hold: string | null;
  passing: boolean;
}

const yes: Permission = { why: null, hold: null, passing: false };

/** Whether an address is a machine's by its name alone, its extension aside; such a one gets no automatic letter, whatever its headers say. */
export function machineAddress(addrSpec: string): boolean {
  const at = addrSpec.lastIndexOf('@');
  const bare = `${addrSpec.slice(0, at).split('+')[0]}${addrSpec.slice(at)}`;
  return robotAddress(addrSpec) || robotAddress(bare);
}

/** Asks every cap; the first that is full answers. `proven`: the address is known to read what we send. */
export function mayWrite(address: string, budget: Budget, proven: boolean, caps: Policy['loops']): Permission {
  const full = (count: number, cap: number, span: string) =>
    `${address} has had ${count} automatic letters ${span}, the cap is ${cap}`;
  if (budget.suppressed !== null) return never(`${address} is suppressed: ${budget.suppressed}`);
  if (!deliverable(address)) return never(`${address} is no address that mail is surely delivered to`);
  if (machineAddress(address)) return never(`${address} is a machine's address`);
  if (budget.tenMinutes >= caps.lettersPerAddressIn10Minutes) {
    return no(full(budget.tenMinutes, caps.lettersPerAddressIn10Minutes, 'in 10 minutes'));
  }
  if (budget.threeHours >= caps.lettersPerAddressIn3Hours) {
    return no(full(budget.threeHours, caps.lettersPerAddressIn3Hours, 'in 3 hours'));
  }
  if (budget.day >= caps.lettersPerAddressADay) return no(full(budget.day, caps.lettersPerAddressADay, 'in a day'));
  if (proven) return yes;
  if (budget.day >= caps.lettersPerUnprovenAddressADay) {
    return no(
      `${full(budget.day, caps.lettersPerUnprovenAddressADay, 'in a day')} while it has never shown that it reads them`,
    );
  }
  if (budget.domainHour >= caps.lettersPerDomainAnHour) {
    return no(
      `its domain has had ${budget.domainHour} automatic letters in an hour, the cap is ${caps.lettersPerDomainAnHour}`,
    );
  }
  return breaker(budget, caps);
}

/** Far more mail to unproven addresses than this desk is used to: letters to them wait for an admin's word. */
function breaker(budget: Budget, caps: Policy['loops']): Permission {
  if (budget.unprovenHour <= sharedCaps(caps).breakerAbove(budget)) return yes;
  return {
    ...yes,
    hold: `more than ${Math.floor(sharedCaps(caps).breakerAbove(budget))} automatic letters to unproven addresses in an hour (usual: ${usualHour(budget).toFixed(1)}); held until an admin lets them go (casepost send --release)`,
  };
}

/** The caps that letters to unproven addresses share, for whoever counts these letters. */
export interface SharedCaps {
  domainHour: number;
  /** The week is counted only above so many letters in an hour: below it the breaker can not open. */
  breakerFloor: number;
  /** Letters in an hour above which further ones are held. */
  breakerAbove(budget: Pick<Budget, 'unprovenWeek'>): number;
}

/** The policy's shared caps. */
export function sharedCaps(caps: Policy['loops']): SharedCaps {
  return {
    domainHour: caps.lettersPerDomainAnHour,
    breakerFloor: caps.breakerLettersAnHour,
    breakerAbove: (budget) => Math.max(caps.breakerLettersAnHour, caps.breakerTimesWeeklyMean * usualHour(budget)),
  };
}

function usualHour({ unprovenWeek }: Pick<Budget, 'unprovenWeek'>): number {
  const hoursOfWeek = 168;
  return unprovenWeek / hoursOfWeek;
}

function no(why: string): Permission {
  return { why, hold: null, passing: true };
}

function never(why: string): Permission {
  return { why, hold: null, passing: false };
}

/** Whether an address is one of ours, with or without an address extension. */
export function isOurs(addrSpec: string, ownAddresses: string[]): boolean {
  const at = addrSpec.lastIndexOf('@');
  const bare = `${addrSpec.slice(0, at).split('+')[0]}${addrSpec.slice(at)}`;
  return ownAddresses.includes(addrSpec) || ownAddresses.includes(bare);
}
