// What an address may do: admins are named in casepost.yaml, for who has the machine says who rules it; engineers in the policy; customers are who the
// CRM told us of and who takes part in a case.
import { ownAddresses, type Desk } from '../desk.ts';
import type { Db } from '../store/db.ts';
import { isCustomer } from '../store/people.ts';
import type { Role } from './access.ts';

/** The roles of an address in small letters; none for a stranger and for the desk's own mailboxes. */
export async function rolesOf(db: Db, desk: Desk, address: string): Promise<Role[]> {
  if (ownAddresses(desk).includes(address)) return [];
  const roles: Role[] = [];
  if (desk.config.admins.includes(address)) roles.push('admin');
  if (desk.policy.engineers.some((engineer) => engineer.address === address)) roles.push('engineer');
  if (await isCustomer(db, address)) roles.push('customer');
  return roles;
}
