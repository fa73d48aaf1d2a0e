// A policy applied at a shell rules in every running gateway within seconds, without a restart, and a broken one in none.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { aDesk, type Desk } from './desk.ts';
import { casepost, startCasepost, type Program } from './program.ts';
import { until } from './until.ts';
import { firstMail } from './writing.ts';

const missing = whyMissing('postgres', 'dovecot');

describe.skipIf(missing)(`a policy applied while two gateways run${missing ? ` (${missing})` : ''}`, () => {
  let desk: Desk;
  let gateways: Program[] = [];
  beforeAll(async () => {
    desk = await aDesk();
    gateways = [await startCasepost(['start', '-c', desk.config]), await startCasepost(['start', '-c', desk.config])];
  });
  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway.kill9()));
    await desk?.stop();
  });
  const policy = async (...words: string[]) => casepost(['policy', ...words, '-c', desk.config]);
  const own = (extra: string) => `
engineers:
  - { name: Ines Castell, address: ines@engineers.test, lines: [corporate] }
${extra}`;
  const written = async (name: string, text: string) => {
    const path = join(desk.folder, name);
    await writeFile(path, text);
    return path;
  };
  let mails = 0;
  const severityOfNext = async () => {
    mails += 1;
    const from = `ann@customer${mails}.test`;
    await desk.dovecot.append(
      firstMail({ from, subject: 'The flux is purple', text: 'The flux of the seventh unit is purple.' }),
    );
    const decided = () =>
      desk.rows<{ severity: string; version: string }>(
        `select severity, policy_version as version from cases join inbound on inbound.case_number = cases.number where requester = $1`,
        [from],
      );
    await until('the mail is a case', async () => (await decided()).length === 1);
    return (await decided())[0];
  };
  const purple = (severity: string) =>
    own(`rules: { severity: { purple flux: { severity: ${severity}, any: [flux is purple] } } }`);

  it('is what the next mail is judged by, and the mail names its version', async () => {
    expect((await severityOfNext())?.severity).toBe('C');
    const applied = await policy('apply', await written('a.yaml', purple('A')), '--note', 'purple is bad', '--json');
    const { version } = applied.lines()[0] as { version: string };
    await Promise.all(gateways.map((gateway) => gateway.says(new RegExp(`policy ${version} is in force`))));
    expect(await severityOfNext()).toEqual({ severity: 'A', version });
  });

  it('that is broken changes nothing anywhere', async () => {
    const refused = await policy('apply', await written('b.yaml', purple('E')));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /b\.yaml:\d+:\d+: rules\.severity\.purple flux\.severity: found "E"; allowed: A, B, C, D/,
    );
    expect((await severityOfNext())?.severity).toBe('A');
  });

  it('can be taken back', async () => {
    const back = await policy('rollback', '--json');
    const { version } = back.lines()[0] as { version: string };
    await until('both have gone back', () =>
      gateways.every(({ log }) => log.filter(({ msg }) => msg === `policy ${version} is in force`).length === 1),
    );
    expect(await severityOfNext()).toEqual({ severity: 'C', version });
  });
});
