// Which clients may connect to a door: addresses and networks from the configuration. Everyone, when none are named: the door itself then
// stands on loopback or behind a firewall.
import { BlockList, isIPv6 } from 'node:net';

/** Makes the check for `hosts` (IP addresses or CIDR networks, already validated by the configuration); null allows everyone. */
export function clientCheck(hosts: string[] | null): (address: string) => boolean {
  if (hosts === null) return () => true;
  const list = new BlockList();
  for (const host of hosts) {
    const [ip = '', bits] = host.split('/');
    if (bits === undefined) list.addAddress(ip, family(ip));
    else list.addSubnet(ip, Number(bits), family(ip));
  }
  return (address) => {
    // An IPv4 client of a socket that serves both families is shown as ::ffff:192.0.2.1.
    const plain = address.replace(/^::ffff:(?=[0-9.]+$)/i, '');
    return list.check(plain, family(plain));
  };
}

function family(ip: string): 'ipv4' | 'ipv6' {
  return isIPv6(ip) ? 'ipv6' : 'ipv4';
}
