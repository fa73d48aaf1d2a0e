// package-lock.json holds what TRUST.md 0.8 asks for and what `npm ci` needs on every machine.
import { describe, expect, it } from 'vitest';
import { belowFloor, floors, incomplete, type Lock } from './lock.ts';
import { check } from './rule.ts';
import { readRootFile } from './sources.ts';

const lock = JSON.parse(readRootFile('package-lock.json')) as Lock;

describe('the lock file', () => {
  const good: Lock = {
    packages: Object.fromEntries(
      Object.entries(floors).map(([name, version]) => [`node_modules/${name}`, { version }]),
    ),
  };
  it('holds no library below the version that mended a known hole', () =>
    check(
      belowFloor,
      {
        bad: {
          packages: {
            ...good.packages,
            'node_modules/mailparser/node_modules/nodemailer': { version: '10.3.1' },
            'node_modules/handlebars': { version: '4.7.9' },
            'node_modules/imapflow': { version: '1.6.4-beta.1' },
          },
        },
        says: [/mailparser.*10\.3\.1/, /handlebars is 4\.7\.9/, /imapflow/],
        good,
      },
      lock,
    ));
  it('notices a floor that guards nothing', () =>
    expect(belowFloor({ packages: {} })).toHaveLength(Object.keys(floors).length));
  it('holds every optional package of every platform', () =>
    check(
      incomplete,
      {
        bad: {
          packages: {
            'node_modules/a': { optionalDependencies: { 'a-linux': '1', 'a-darwin': '1' } },
            'node_modules/a-linux': {},
          },
        },
        says: [/a-darwin/],
        good: {
          packages: { 'node_modules/a': { optionalDependencies: { 'a-linux': '1' } }, 'node_modules/a-linux': {} },
        },
      },
      lock,
    ));
});
