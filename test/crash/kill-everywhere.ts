// The two halves of the enumeration, so that both of a machine's cores work at it: one world and one chain of kills each.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { until } from '../story/until.ts';
import { type Enumeration, enumerate } from './enumerate.ts';
import { complaints, copiesTooMany } from './oracle.ts';
import { armSources } from './points.ts';
import { unreached } from './unreached.ts';
import { aWorld, type World } from './world.ts';

/** Each point by a kill of its own (`npm run crash-points`), or each step by one. */
const exact = process.env['CRASH_POINTS'] === 'each';
/** In an ordinary run one step of so many is killed at, others each time; CRASH_POINTS=all or each kills at all of them. */
const oneOf = process.env['CRASH_POINTS'] === undefined ? 12 : 1;
const missing = whyMissing('postgres', 'dovecot');
/** Far more than it takes; a run beside eight others needs it. */
const minutesMax = process.env['CRASH_POINTS'] === undefined ? 30 : 120;

/** Kills the gateway at the points of one half (0 or 1) and asks the oracle. */
export function killEverywhere(half: 0 | 1): void {
  describe.skipIf(missing)(
    `kill -9 at each await, half ${half + 1} of 2${missing ? ` (${missing})` : ''}`,
    { timeout: minutesMax * 60_000 },
    () => {
      let world: World;
      let points: string[];
      let done: Enumeration;
      beforeAll(async () => {
        const armed = armSources();
        points = armed.points;
        world = await aWorld(armed.file);
      });
      afterAll(() => world?.stop());

      it('every point is passed and none survives', async () => {
        const first = points.length / 2;
        const mine = (point: number) => (half === 0 ? point < first : point >= first);
        done = await enumerate(world, { mine, exact, oneOf });
        const named = (chosen: number[]) => chosen.map((point) => points[point]);
        expect(done.early).toEqual([]);
        expect(done.kills.length).toBeGreaterThan(0);
        const explained = (point: number) => unreached.some(({ awaits }) => awaits.test(points[point]!.split(' ')[0]!));
        const unexplained = (reached: Set<number>) =>
          named([...points.keys()].filter((point) => mine(point) && !reached.has(point) && !explained(point)));
        const tried = new Set(done.kills.flatMap((kill) => (exact ? [kill.point] : kill.tried)));
        expect(unexplained(new Set([...done.passed.keys(), ...tried]))).toEqual([]);
        if (oneOf > 1) return;
        expect(named(done.escaped)).toEqual([]);
        expect(unexplained(tried)).toEqual([]);
        const works = Object.entries(Object.groupBy(done.kills, ({ work }) => work));
        const counted = works.map(([work, kills]) => `${work}: ${kills?.length}`).join(', ');
        console.log(`${done.kills.length} kills for ${tried.size} points (${counted}); ${world.sent.length} mails`);
      });

      it('a gateway that is let alone finishes everything', async () => {
        // Twice: what the first is told to bring again later, the second brings.
        for (const _ of ['first', 'second']) {
          await world.hoursPass();
          const program = await world.start({ trace: '/dev/null' });
          await program.says(/casepost is running/);
          await until('nothing is left to do', () => world.settled(), 60);
          expect(await program.stop()).toBe(0);
        }
        console.log(`${copiesTooMany(world)} copies of letters beyond one each`);
      });

      it('mails delivered = rows = cases and entries, letters left at least once and as the bytes committed', async () => {
        expect(await complaints(world)).toEqual([]);
      });
    },
  );
}
