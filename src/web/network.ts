// Whom limits count together: an IPv4 address, or the whole /64 of an IPv6 address, which one household or machine has to itself.
import { isIP } from 'node:net';

const groups = 8;
const networkGroups = 4;

/** The network an address counts as. */
export function networkOf(ip: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(ip)?.[1];
  if (mapped !== undefined) return mapped;
  const bare = ip.replace(/%.*$/, '');
  if (isIP(bare) !== 6) return ip;
  const [left = [], right = []] = bare.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const whole = [...left, ...Array<string>(Math.max(0, groups - left.length - right.length)).fill('0'), ...right];
  return `${whole
    .slice(0, networkGroups)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
