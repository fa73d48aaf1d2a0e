// Faults of the way to PostgreSQL.
import { gatewayBy, type Injector, onWires } from './injector.ts';

export const databaseWireFaults: Injector[] = [
  {
    fault: 'F10',
    what: 'the answer to COMMIT is lost',
    heal: 'answers come again',
    touches: ['database-wire'],
    seconds: [1, 4],
    doubles: true,
    strike: ({ wires }) => onWires(wires.database, { cutAfter: { direction: 'up', text: 'COMMIT' } }),
  },
  {
    fault: 'F10b',
    what: 'the answer to any statement is lost',
    heal: 'answers come again',
    touches: ['database-wire'],
    seconds: [1, 4],
    doubles: true,
    strike: ({ wires }, { dice }) =>
      onWires(wires.database, {
        cutAfter: { direction: 'up', text: ['update outbox', 'insert into inbound'][Math.round(dice[0] ?? 0)]! },
      }),
  },
  {
    fault: 'F12',
    what: 'connections that stand are forgotten on the way, without a word',
    heal: 'they are reset; new ones were never touched',
    touches: ['database-wire'],
    seconds: [5, 60],
    doubles: true,
    strike({ wires }) {
      const resets = wires.database.map((wire) => wire.strandAll());
      return () => resets.forEach((reset) => reset());
    },
  },
  {
    fault: 'F41',
    what: 'one gateway can not reach the database: its packets vanish',
    heal: 'the way is open again',
    touches: ['database-wire'],
    seconds: [5, 75],
    doubles: true,
    strike: ({ wires, gateways }, { dice }) =>
      onWires([wires.database[Math.floor((dice[0] ?? 0) * gateways.length)]!], { blackhole: ['up', 'down'] }),
  },
  {
    fault: 'F47d',
    what: 'the database is two seconds away for one gateway',
    heal: 'it is near again',
    touches: ['database-wire'],
    seconds: [4, 30],
    doubles: true,
    strike: (world, { dice }) => onWires([world.wires.database[gatewayBy(world, dice[0]).index]!], { delayMs: 2000 }),
  },
];
