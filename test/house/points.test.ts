// Every await on the way of a mail, a letter and a due step is a crash point with a name in test/crash/points.json, and nothing else is.
import { describe, expect, it } from 'vitest';
import { awaitsOf, exempt, instrumented } from '../crash/awaits.ts';
import { currentNames, listedNames } from '../crash/points.ts';
import { unreached } from '../crash/unreached.ts';
import { pathsBelow } from './sources.ts';

const sample = {
  path: 'src/intake/a.ts',
  text: `export async function one(list: AsyncIterable<string>): Promise<void> {
  const two = async () => await (await three());
  for await (const word of list) two(word);
  await run({ async four() { return await two(); } });
}
// await nobody; 'await nothing'
await one([]);
`,
};

describe('crash points', () => {
  it('are found wherever an await stands, by the function around it', () => {
    expect(awaitsOf(sample).map(({ name }) => name)).toEqual([
      'intake/a.ts:two#1',
      'intake/a.ts:two#2',
      'intake/a.ts:one#1',
      'intake/a.ts:one#2',
      'intake/a.ts:four#1',
      'intake/a.ts:module#1',
    ]);
  });
  it('stand on both sides of their await, and lines stay where they are', () => {
    const text = 'async () => {\n  return await f(await g);\n  for await (const a of b) {\n    c(a);\n  }\n}';
    const file = { path: 'src/a.ts', text };
    let number = 0;
    const numbers = new Map(awaitsOf(file).map(({ name }) => [name, number++]));
    expect(instrumented(file, awaitsOf(file), (name) => numbers.get(name) ?? -1)).toBe(
      'async () => {\n  return afterAwait(1, await (beforeAwait(0), f(afterAwait(3, await (beforeAwait(2), g)))));\n' +
        '  for await (const a of (beforeAwait(4), b)) { afterAwait(5); {\n    c(a);\n  } }\n}',
    );
  });
  it('are all listed: after a change of awaits run "node test/crash/points.ts --write"', () => {
    const now = currentNames();
    const listed = listedNames();
    expect(
      now.filter((name) => !listed.includes(name)),
      'awaits without a point',
    ).toEqual([]);
    expect(
      listed.filter((name) => !now.includes(name)),
      'points without an await',
    ).toEqual([]);
    expect(listed).toEqual(now);
  });
  it('are left out only where files and awaits are named, and these are there', () => {
    const source = pathsBelow('src');
    for (const { path } of exempt)
      expect(
        source.some((one) => path.test(one)),
        String(path),
      ).toBe(true);
    const now = currentNames();
    for (const { awaits } of unreached)
      expect(
        now.some((name) => awaits.test(name)),
        String(awaits),
      ).toBe(true);
  });
});
