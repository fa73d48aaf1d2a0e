// A configuration with three mistakes: all three are printed at once, each with its place and its remedy, and the program ends with 2 before
// it touches any server. A policy with mistakes is a found problem: 1.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { casepost } from './program.ts';

const threeMistakes = `company: Example Ltd
database: ./data
mailboxes:
  - { id: support, address: support-at-desk.test, line: corporate }
smtp: { host: 127.0.0.1, port: 99999, security: none }
colour: blue
`;
const sound = `database: ./data
policy: ./policy.yaml
mailboxes:
  - { id: support, address: support@desk.test, line: corporate }
`;

describe('a configuration that can not be', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'casepost-configuration-'));
    await writeFile(join(folder, 'three.yaml'), threeMistakes);
    await writeFile(join(folder, 'sound.yaml'), sound);
    await writeFile(join(folder, 'policy.yaml'), 'lines:\n  corporate:\n    followUp: { steps: [3 fortnights] }\n');
    await writeFile(join(folder, 'broken.yaml'), 'mailboxes: [\n');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.for(['start', 'check', 'migrate', 'tick', 'send', 'reconcile'])(
    'three mistakes are all said by %s, which ends with 2',
    async (command) => {
      const ended = await casepost([command, '-c', join(folder, 'three.yaml')]);
      expect(ended.code).toBe(2);
      expect(ended.stdout).toBe('');
      const lines = ended.stderr.trim().split('\n');
      expect(lines).toHaveLength(3);
      expect(lines[0]).toMatch(/three\.yaml:4:\d+: .*address.*support-at-desk\.test.*write it like/);
      expect(lines[1]).toMatch(/three\.yaml:5:\d+: .*port.*99999.*1 to 65535/);
      expect(lines[2]).toMatch(/three\.yaml:6:\d+: .*colour/);
    },
  );

  it('a file that is no YAML is said with its line', async () => {
    const ended = await casepost(['check', '-c', join(folder, 'broken.yaml')]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/broken\.yaml:\d+:\d+: /);
  });

  it('a file that is not there is said with what to do', async () => {
    const ended = await casepost(['start', '-c', join(folder, 'absent.yaml')]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/absent\.yaml: cannot be read.*--config/);
  });

  it('a mistake in the policy is a found problem, with its key and the remedy', async () => {
    const ended = await casepost(['check', '-c', join(folder, 'sound.yaml')]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/policy\.yaml.*followUp\.steps.*3 fortnights.*write it like/);
  });
});
