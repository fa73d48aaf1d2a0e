// One chaos run from its seed to its verdict: the world is started, mails are written while faults strike, everything is healed, the work comes to
// rest, days pass, and the oracle judges.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../story/until.ts';
import type { Usage } from './gateways.ts';
import { readEvidence, readRemains } from './evidence.ts';
import { judge, type Verdict } from './oracle.ts';
import { type Plan, planOf } from './plan.ts';
import { daysPass, settle, type Settled } from './settling.ts';
import { injectors, strikeAll } from './striking.ts';
import { watchPromises, type Watched } from './watching.ts';
import { startWorld, type World } from './world.ts';
import { writeAll, type Written } from './writers.ts';

const startSecondsMax = 60;
/** Without any progress; a login that was refused is asked for again after minutes. */
const patienceSeconds = 120;
/** Seconds that the database has to come back by itself. */
const databaseTries = 10;

/** What to run. `only` names faults (F1 …); all when left out. */
export interface Options {
  seed: number;
  minutes: number;
  rate: number;
  gateways?: number;
  only?: string[];
  log?: (line: string) => void;
}

/** Everything about a run that is over. */
export interface Report {
  plan: Plan;
  commit: string;
  seconds: number;
  written: Written;
  settled: Settled;
  afterwards: Settled;
  verdict: Verdict;
  watched: Watched;
  usage: { beginning: (Usage | null)[]; end: (Usage | null)[] };
  complaints: Record<string, number>;
  starts: number;
  struck: Record<string, { begun: number; failed: number; words: string[] }>;
  folder: string;
  broken: string[];
}

/** Runs one plan to its end. */
export async function runChaos(options: Options): Promise<Report> {
  const log = options.log ?? (() => {});
  const kinds = options.only ? injectors.filter(({ fault }) => options.only?.includes(fault)) : injectors;
  const planned = planOf({ seed: options.seed, seconds: options.minutes * 60, rate: options.rate, kinds });
  const plan = { ...planned, gateways: options.gateways ?? planned.gateways };
  const world = await startWorld(plan);
  const over = new AbortController();
  try {
    const { journal, gateways } = world;
    log(
      `${plan.mails.length} mails and ${plan.faults.length} faults are planned for ${plan.gateways} gateways; journal ${journal.file}`,
    );
    await until(
      'the gateways run',
      () => {
        for (const { deaths } of gateways)
          if (deaths[0]) throw new Error(`a gateway does not start: ${deaths[0].words}`);
        return gateways.every((gateway) => gateway.says(/is running/));
      },
      startSecondsMax,
    );
    const beginning = gateways.map((gateway) => gateway.usage());
    const watching = watchPromises(world, over.signal);
    const offset = journal.seconds();
    const [written] = await Promise.all([
      writeAll(world, offset, over.signal),
      strikeAll(world, offset, over.signal),
      tellProgress(world, offset, log),
    ]);
    await healAll(world);
    log(`${written.mails.size} mails were written; everything is healed; waiting for rest`);
    const settled = await settle(world, written, patienceSeconds);
    const end = gateways.map((gateway) => gateway.usage());
    // A world that does not come to rest has no days to pass.
    const rested = settled.secondsUntilRest !== null;
    const afterwards = rested ? await daysPass(world, written, patienceSeconds) : settled;
    over.abort();
    const watched = await watching;
    const verdict = judge(await readEvidence(world, written));
    const report: Report = {
      plan,
      commit: commit(),
      seconds: journal.seconds(),
      written,
      settled,
      afterwards,
      verdict,
      watched,
      usage: { beginning, end },
      complaints: complaintsOf(world),
      starts: gateways.reduce((sum, gateway) => sum + gateway.starts(), 0),
      struck: struckOf(world),
      folder: world.folder,
      broken: [],
    };
    report.broken = [...verdict.broken, ...watched.broken, ...brokenRests(report), ...brokenFaults(world)];
    if (report.broken.length > 0) {
      const remains = await readRemains(world).catch((error: unknown) => ({ error: String(error) }));
      writeFileSync(join(world.folder, 'remains.json'), JSON.stringify(remains, null, 1));
    }
    return report;
  } finally {
    over.abort();
    await world.stop();
  }
}

async function healAll(world: World): Promise<void> {
  const { gateways, wires, peer, dovecot, postgres } = world;
  for (const gateway of gateways) {
    gateway.signal('SIGCONT');
    gateway.order({ clockMilliseconds: 0 });
  }
  for (const wire of [...wires.database, ...wires.smtp, wires.imap]) wire.fault({});
  for (const wire of wires.database) wire.repoint(postgres.port);
  wires.imap.repoint(dovecot.ports.imap);
  peer.behave();
  const answers = () =>
    world.rows('select 1').then(
      () => true,
      () => false,
    );
  // A server that had no room may stop a moment after it was given some (F7); somebody starts it again.
  for (let tries = 0; tries < databaseTries && !(await answers()); tries += 1) await pause(1000);
  if (!(await answers())) await postgres.restart('immediate');
}

function brokenRests({ settled, afterwards }: Report): string[] {
  return Object.entries({ settled, 'days later': afterwards }).flatMap(([when, { secondsUntilRest, left }]) =>
    secondsUntilRest === null ? [`P13: the work did not come to rest (${when}): ${JSON.stringify(left)}`] : [],
  );
}

/** Gateways that ended by themselves (without descriptors they may), and faults whose end says that it went badly. */
function brokenFaults({ gateways, journal }: World): string[] {
  const turns = journal.of('fault');
  const starved = turns.filter(({ fault }) => fault === 'F43').map(({ at }) => at);
  const deaths = gateways.flatMap(({ index, deaths: all }) => all.map((death) => ({ index, ...death })));
  return [
    ...deaths
      .filter(({ at }) => !starved.some((moment) => Math.abs(moment - at) < 30))
      .map(({ index, at, words }) => `P13: gateway ${index} ended by itself at ${at.toFixed(1)} s: ${words}`),
    ...turns.filter(({ words }) => words.startsWith('badly')).map(({ fault, words }) => `${fault}: ${words}`),
    ...turns
      .filter(({ words }) => words.startsWith('it could not be healed'))
      .map(({ fault, words }) => `${fault}: ${words}`),
  ];
}

async function tellProgress({ journal, plan }: World, offset: number, log: (line: string) => void): Promise<void> {
  let told = 0;
  while (journal.seconds() < offset + plan.seconds) {
    await pause(500);
    const turns = journal.of('fault');
    for (const { at, fault, turn, words } of turns.slice(told))
      log(`${(at - offset).toFixed(1).padStart(7)} s ${fault} ${turn}: ${words}`);
    told = turns.length;
  }
}

function complaintsOf({ gateways }: World): Record<string, number> {
  const all: Record<string, number> = {};
  for (const { complaints } of gateways)
    for (const [words, count] of complaints) all[words] = (all[words] ?? 0) + count;
  return all;
}

function struckOf({ journal }: World): Report['struck'] {
  const struck: Report['struck'] = {};
  for (const { fault, turn, words } of journal.of('fault')) {
    const entry = (struck[fault] ??= { begun: 0, failed: 0, words: [] });
    if (turn === 'begins') entry.begun += 1;
    else if (turn === 'failed') entry.failed += 1;
    if (turn !== 'begins') entry.words.push(words);
  }
  return struck;
}

function commit(): string {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no', '--', '../../src') === '' ? '' : ' and changes'}`;
  } catch {
    return 'unknown';
  }
}
