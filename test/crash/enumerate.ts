// Kills the gateway at one point after the other: each start recovers from the kill before and is armed already with the next. What works pass
// which points is found out first, by letting each work be done once and noting what is passed.
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ines } from '../story/desk.ts';
import { answerAs, firstMail } from '../story/writing.ts';
import { until } from '../story/until.ts';
import { seams } from './mails.ts';
import { untouched, type Work, works } from './works.ts';
import { flaggedEarly } from './oracle.ts';
import { ends, type World } from './world.ts';

/** A kill that happened: armed at `point` while `work` was to be done; `tried` are all points of the step it fell in. */
export interface Kill {
  point: number;
  work: string;
  tried: number[];
}

/** What the enumeration came to. `passed` are the works that pass a point, by point. */
export interface Enumeration {
  passed: Map<number, Work[]>;
  kills: Kill[];
  /** Points that some work passes when it is let alone, and none passed when armed. */
  escaped: number[];
  /** What was flagged on the server too early, with the point of the kill. */
  early: string[];
}

/** Cases that an engineer has answered, and cases that wait for a first answer. */
const poolCases = { answered: 16, unanswered: 16 };
const settleSeconds = 60;
const reachSeconds = 15;
const triesMax = 3;
const restMilliseconds = 500;

/** Kills at every point that `mine` takes and any work passes. `exact`: each point by a kill of its own, not each step. */
export async function enumerate(
  world: World,
  options: { mine: (point: number) => boolean; exact: boolean; oneOf: number },
): Promise<Enumeration> {
  const trace = join(mkdtempSync(join(tmpdir(), 'casepost-trace-')), 'trace');
  const passed = new Map<number, Work[]>();
  const kills: Kill[] = [];
  const escaped: number[] = [];
  const early: string[] = [];
  const untried = new Set<number>();

  async function killAt(point: number, work: Work): Promise<boolean> {
    await world.hoursPass();
    await work.put(world);
    const program = await world.start({ at: point, trace, exact: options.exact });
    const meanwhile = work.meanwhile?.(world, program);
    const died = await ends(program, reachSeconds);
    await program.kill9();
    world.kills += 1;
    await meanwhile;
    await work.heal?.(world);
    if (world.pool.length > 0)
      early.push(...(await flaggedEarly(world)).map((text) => `after point ${point}: ${text}`));
    const tried = pointsIn(trace);
    if (process.env['DEBUG'])
      console.log(
        `${kills.length} ${untried.size} left, ${point} ${work.name} ${died} ${tried.includes(point)} ${tried.length} ${performance.now() | 0}`,
      );
    if (!died || !tried.includes(point)) return false;
    kills.push({ point, work: work.name, tried });
    for (const one of options.exact ? [point] : tried) untried.delete(one);
    return true;
  }

  async function look(work: Work): Promise<void> {
    for (const point of await passedBy(world, work, trace)) {
      if (!passed.has(point) && options.mine(point)) untried.add(point);
      passed.set(point, [...(passed.get(point) ?? []), work]);
    }
  }
  /** Later points first: the step of a later one has earlier ones in it. */
  async function killAtAll(points: number[]): Promise<void> {
    for (const point of points.toReversed()) {
      const candidates = (passed.get(point) ?? []).filter((work) => work !== untouched[0] || world.sent.length === 0);
      for (let tries = 0; untried.has(point) && tries < triesMax; tries += 1)
        await killAt(point, candidates[tries % candidates.length]!);
      if (untried.delete(point)) escaped.push(point);
    }
  }

  // What only the making of an empty database passes is tried while there is nothing to lose but the schema.
  for (const work of untouched) await look(work);
  await killAtAll(
    [...untried].filter((point) => passed.get(point)?.[0] === untouched[0] && passed.get(point)?.length === 1),
  );
  await fillPool(world, trace);
  for (const work of works) await look(work);
  const left = [...untried];
  const offset = Math.floor(Math.random() * options.oneOf);
  await killAtAll(left.filter((_, index) => index % options.oneOf === offset));
  return { passed, kills, escaped, early };
}

/** The points a work passes when nobody is killed before it is done. */
async function passedBy(world: World, work: Work, trace: string): Promise<number[]> {
  await work.put(world);
  const program = await world.start({ trace });
  await work.meanwhile?.(world, program);
  if (work.done) await work.done(world, program);
  else await program.says(/casepost is running/);
  if (!work.done) await until(`"${work.name}" is done`, () => world.settled(), settleSeconds);
  await atRest(trace);
  await program.kill9();
  await work.heal?.(world);
  await world.hoursPass();
  return pointsIn(trace);
}

/** Waits until nothing is passed any more but what a pause brings again. */
async function atRest(trace: string): Promise<void> {
  let size = -1;
  let since = performance.now();
  await until('the gateway is at rest', () => {
    const now = statSync(trace).size;
    if (now !== size) since = performance.now();
    size = now;
    return performance.now() - since > restMilliseconds;
  });
}

/** Cases that an engineer has answered, which wait for their customers, and cases that wait for an engineer. */
async function fillPool(world: World, trace: string): Promise<void> {
  const { desk, pool } = world;
  const customers = [
    ...Array.from({ length: poolCases.answered }, (_, index) => `pool-${index}@customer${index}.test`),
    ...Array.from({ length: poolCases.unanswered }, (_, index) => `unanswered-${index}@waiting${index}.test`),
  ];
  for (const customer of customers) {
    const token = world.token();
    const headers = { 'X-Token': token };
    await world.byImap(token, firstMail({ from: customer, subject: 'A question', text: token, headers }));
  }
  const program = await world.start({ trace });
  await program.says(/casepost is running/);
  await desk.rows(seams);
  await until('the pool is open', () => world.settled(), settleSeconds);
  const letters = await desk.rows<{ case_number: string; requester: string; raw: Buffer }>(
    `select case_number, requester, raw from outbox join cases on number = case_number where kind = 'engineer-new-case' and requester like 'pool-%'`,
  );
  for (const { case_number, requester, raw } of letters) {
    const token = world.token();
    await world.byImap(token, await answerAs('gmail', raw, { from: ines, text: token, headers: { 'X-Token': token } }));
    pool.push({ caseNumber: Number(case_number), customer: requester });
  }
  await until('the pool is answered', () => world.settled(), settleSeconds);
  await program.kill9();
  await world.hoursPass();
}

function pointsIn(trace: string): number[] {
  const text = readFileSync(trace, 'utf8').trim();
  return text === '' ? [] : [...new Set(text.split('\n').map(Number))];
}
