// Networks that can be cut: gateways in network namespaces of their own, the servers on addresses that they reach over a wire each (a veth pair).
// A service can be taken from one gateway, in both directions and without a word, or its wire unplugged; packets then vanish as they do in the
// world, which no proxy of ours can show (TRUST F41). Needs root and Linux.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { programPath, whyMissing } from './programs.ts';

const run = promisify(execFile);

/** What a gateway can be cut off from. */
export type Service = 'database' | 'imap' | 'smtp';

/** A namespace. `within` are the words that start a program in it. */
export interface Namespace {
  within: string[];
  /** Packets to and from these services vanish from now on. */
  cut(...services: Service[]): Promise<void>;
  /** Its wire is pulled out at the far end. */
  unplug(): Promise<void>;
  /** Everything is as it was. */
  heal(): Promise<void>;
}

/** The servers' addresses, and namespaces that reach them. */
export interface Networks {
  addresses: Record<Service, string>;
  /** All of it, e.g. `10.77.3.0/24`, for a server that asks where its clients come from. */
  range: string;
  namespace(): Promise<Namespace>;
  stop(): Promise<void>;
}

// Reads a pipe from us: when it closes without the word `done`, we are dead, and it takes the namespaces and rules away.
const script = `
prefix=$1 range=$2
read -r word
[ "$word" = done ] && exit 0
for name in $(ip netns list | cut -d' ' -f1 | grep "^$prefix"); do ip netns delete "$name"; done
ip link delete "\${prefix}s"
ip rule list | grep " from \${range%0/24}" | cut -d: -f1 | while read -r priority; do ip rule delete priority "$priority"; done
`;

/**
 * For `describe.skipIf(...)`: why these tests can not run here. With CI=true only a kernel that refuses namespaces to root is a reason; a missing
 * `ip` then fails the tests.
 */
export function whyNoNetworks(): string | undefined {
  const missing = whyMissing('ip');
  if (missing) return missing;
  if (process.getuid?.() !== 0) return 'namespaces need root';
  const name = `cp${randomBytes(4).toString('hex')}`;
  try {
    execFileSync(programPath('ip'), ['netns', 'add', name], { stdio: 'pipe' });
    execFileSync(programPath('ip'), ['netns', 'delete', name], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `the kernel makes no network namespaces here: ${(error as Error).message.split('\n')[1] ?? ''}`;
  }
}

/** Makes the servers' addresses; namespaces come one by one. */
export async function startNetworks(): Promise<Networks> {
  const random = randomBytes(4);
  // At most fifteen characters make the name of an interface.
  const prefix = `cp${random.toString('hex')}`;
  const net = `10.${(200 + (random[0] ?? 0) / 8) | 0}.${random[1]}`;
  const range = `${net}.0/24`;
  const addresses = { database: `${net}.1`, imap: `${net}.2`, smtp: `${net}.3` };
  const leash = spawn('/bin/sh', ['-c', script, 'watchdog', prefix, range], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  leash.stdin.on('error', () => {});
  leash.unref();
  await ip(`link add ${prefix}s type veth peer name ${prefix}t`);
  for (const address of Object.values(addresses)) await ip(`addr add ${address}/32 dev ${prefix}s`);
  await ip(`link set ${prefix}s up`);
  const made: { name: string; heal: () => Promise<void> }[] = [];
  let namespaces = 0;
  return {
    addresses,
    range,
    async namespace() {
      const index = (namespaces += 1);
      const name = `${prefix}${index}`;
      const [near, far] = [`${net}.${4 * index + 4}`, `${net}.${4 * index + 5}`];
      await ip(`netns add ${name}`);
      await ip(`link add ${name} type veth peer name eth0 netns ${name}`);
      await ip(`addr add ${near} peer ${far} dev ${name}`);
      await ip(`link set ${name} up`);
      await ip(`-n ${name} addr add ${far} peer ${near} dev eth0`);
      for (const device of ['lo', 'eth0']) await ip(`-n ${name} link set ${device} up`);
      const reach = () => ip(`-n ${name} route replace default via ${near}`);
      await reach();
      const mend: (() => Promise<void>)[] = [];
      const heal = async () => {
        for (const one of mend.splice(0)) await one();
      };
      made.push({ name, heal });
      return {
        within: [programPath('ip'), 'netns', 'exec', name],
        async cut(...services) {
          for (const service of services) {
            const from = `from ${addresses[service]} to ${far} blackhole priority ${1000 + index}`;
            await ip(`-n ${name} route add blackhole ${addresses[service]}/32`);
            await ip(`rule add ${from}`);
            mend.push(
              () => ip(`-n ${name} route delete blackhole ${addresses[service]}/32`),
              () => ip(`rule delete ${from}`),
            );
          }
        },
        async unplug() {
          await ip(`link set ${name} down`);
          mend.push(async () => {
            await ip(`link set ${name} up`);
            await reach();
          });
        },
        heal,
      };
    },
    async stop() {
      for (const { name, heal } of made) {
        await heal();
        await ip(`netns delete ${name}`);
      }
      await ip(`link delete ${prefix}s`);
      leash.stdin.end('done\n');
    },
  };
}

async function ip(words: string): Promise<void> {
  await run(programPath('ip'), words.split(' '));
}
