// Faults of the gateways themselves: death, sleep, other clocks, starved of descriptors, threads that die, a wrong configuration beside them.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { casepost, startCasepost } from '../story/program.ts';
import { gatewayBy, type Injector } from './injector.ts';

const run = promisify(execFile);
const hour = 3_600_000;
const year = 365 * 24 * hour;
const descriptorsFree = 2;
const stopSecondsMax = 15;
const beforeChange = 5000;
const zone = 'Europe/Berlin';

export const gatewayFaults: Injector[] = [
  {
    fault: 'F1',
    what: 'SIGKILL to one gateway',
    heal: 'its keeper starts it again',
    touches: ['gateways'],
    seconds: [0.5, 3],
    doubles: true,
    strike: async (world, { dice }) => gatewayBy(world, dice[0]).kill(),
  },
  {
    fault: 'F40',
    what: 'SIGKILL to all gateways at once',
    heal: 'their keeper starts them again',
    touches: ['gateways'],
    seconds: [0.5, 3],
    doubles: true,
    strike: async (world) => void (await Promise.all(world.gateways.map((gateway) => gateway.kill()))),
  },
  {
    fault: 'F3',
    what: 'SIGTERM to one gateway',
    heal: 'its keeper starts it again',
    touches: ['gateways'],
    seconds: [1, 3],
    doubles: true,
    async strike(world, { dice }) {
      const gateway = gatewayBy(world, dice[0]);
      const { code, seconds, alone } = await gateway.terminate();
      const well = (code === 0 || !alone) && seconds <= stopSecondsMax;
      return () => `${well ? 'well' : 'badly'} ended with ${code} after ${seconds.toFixed(1)} s`;
    },
  },
  {
    fault: 'F28',
    what: 'the clock of one gateway or of all jumps by an hour or ten years, either way',
    heal: 'the clock goes back',
    touches: ['clock', 'gateways'],
    seconds: [5, 40],
    doubles: false,
    strike(world, { dice: [which = 0, all = 0] }) {
      const jumps = [hour, -hour, 10 * year, -10 * year];
      const jump = jumps[Math.floor(which * jumps.length)]!;
      const jumping = all < 0.5 ? world.gateways : [gatewayBy(world, all)];
      for (const gateway of jumping) gateway.order({ clockMilliseconds: jump });
      return () => {
        for (const gateway of jumping) gateway.order({ clockMilliseconds: 0 });
        return `${jumping.length} clocks by ${jump / hour} h`;
      };
    },
  },
  {
    fault: 'F29',
    what: 'all clocks stand shortly before Europe puts them forward, or back',
    heal: 'the clocks go back',
    touches: ['clock', 'gateways'],
    seconds: [10, 75],
    doubles: false,
    strike(world, { dice: [which = 0] }) {
      const jump = toNextChange(which < 0.5) - beforeChange;
      for (const gateway of world.gateways) gateway.order({ clockMilliseconds: jump });
      return () => {
        for (const gateway of world.gateways) gateway.order({ clockMilliseconds: 0 });
        return `clocks by ${Math.round(jump / hour)} h`;
      };
    },
  },
  {
    fault: 'F30',
    what: 'SIGSTOP: a laptop sleeps',
    heal: 'SIGCONT',
    touches: ['gateways'],
    seconds: [3, 75],
    doubles: true,
    strike(world, { dice }) {
      const gateway = gatewayBy(world, dice[0]);
      gateway.signal('SIGSTOP');
      return () => gateway.signal('SIGCONT');
    },
  },
  {
    fault: 'F42',
    what: 'the event loop of one gateway stands still',
    heal: 'it goes on by itself',
    touches: ['gateways'],
    seconds: [2, 30],
    doubles: true,
    strike: (world, { dice, seconds }) => gatewayBy(world, dice[0]).order({ blockSeconds: seconds }),
  },
  {
    fault: 'F43',
    what: 'one gateway may open hardly any descriptor more (EMFILE)',
    heal: 'the limit is lifted',
    touches: ['gateways'],
    seconds: [3, 15],
    doubles: true,
    async strike(world, { dice }) {
      const gateway = gatewayBy(world, dice[0]);
      const pid = gateway.program()?.pid;
      const used = gateway.usage()?.descriptors ?? 100;
      if (pid === undefined) return undefined;
      await run('prlimit', [`--pid=${pid}`, `--nofile=${used + descriptorsFree}:`]);
      return () =>
        run('prlimit', [`--pid=${pid}`, '--nofile=4096:']).then(
          () => {},
          () => {},
        );
    },
  },
  {
    fault: 'F44',
    what: 'a gateway is started on a broken casepost.yaml beside the others',
    heal: 'it must end by itself and name the key',
    touches: [],
    seconds: [1, 2],
    doubles: false,
    async strike(world) {
      const file = join(world.folder, 'broken.yaml');
      const good = await readFile(world.gateways[0]!.config, 'utf8');
      await writeFile(file, good.replace('processedFolder', 'proccessedFolder'));
      const { code, stderr, stdout } = await casepost(['start', '-c', file]);
      const well = code !== 0 && `${stderr}${stdout}`.includes('proccessedFolder');
      return () => `${well ? 'well' : 'badly'} ended with ${code}`;
    },
  },
  {
    fault: 'F45',
    what: 'a migration of an empty database is killed half way, then another one runs to its end',
    heal: 'the second one must end well',
    touches: ['database-server'],
    seconds: [1, 3],
    doubles: false,
    async strike(world, { dice }) {
      const name = `half${Math.floor((dice[0] ?? 0) * 1e9)}`;
      const url = await world.postgres.createDatabase(name);
      const file = join(world.folder, `${name}.yaml`);
      await writeFile(
        file,
        (await readFile(world.gateways[0]!.config, 'utf8')).replace(/^database: .*/m, `database: ${url}`),
      );
      const first = await startCasepost(['migrate', '-c', file], { ready: null });
      await pause(200 + 900 * (dice[1] ?? 0));
      await first.kill9();
      const second = await casepost(['migrate', '-c', file]);
      await world.postgres.dropDatabase(name);
      return () => `${second.code === 0 ? 'well' : 'badly'}: the second one ended with ${second.code}`;
    },
  },
  {
    fault: 'F46',
    what: 'every parser thread of one gateway is ended',
    heal: 'the pool starts new ones',
    touches: [],
    seconds: [1, 2],
    doubles: false,
    strike: (world, { dice }) => gatewayBy(world, dice[0]).order({ endThread: true }),
  },
];

/** Milliseconds until the next change of summer time in `zone`: the next one, or the one after. */
function toNextChange(next: boolean): number {
  const now = Temporal.Now.zonedDateTimeISO(zone);
  const first = now.getTimeZoneTransition('next')!;
  const change = next ? first : first.getTimeZoneTransition('next')!;
  return change.epochMilliseconds - now.epochMilliseconds;
}
