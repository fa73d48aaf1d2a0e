// SIGHUP has a running gateway read its configuration again (TRUST F44): a wrong one changes nothing and is said with its line, a sound one
// takes the place of the one that ran, and one that can not start gives way to the one before.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../servers/ports.ts';
import { type LogLine, type Program, startCasepost } from './program.ts';
import { until } from './until.ts';

describe('a configuration that changes while the gateway runs', { timeout: 120_000 }, () => {
  let folder: string;
  let file: string;
  let gateway: Program;
  let taken: Server;
  let ports: number[];
  const configured = (lmtpPort: number) => `database: ./data
mailboxes:
  - { id: support, address: support@desk.test, line: corporate }
listen:
  lmtp: { host: 127.0.0.1, port: ${lmtpPort} }
`;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'casepost-reload-'));
    file = join(folder, 'casepost.yaml');
    ports = await freePorts(2);
    taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    await writeFile(file, configured(ports[0]!));
    gateway = await startCasepost(['start', '-c', file]);
  });
  afterAll(async () => {
    await gateway?.kill9();
    taken?.close();
    await rm(folder, { recursive: true, force: true });
  });
  /** Writes a configuration, has it read, and gives the first new line that fits. */
  async function reread(text: string, sentence: RegExp): Promise<LogLine> {
    const known = gateway.log.length;
    await writeFile(file, text);
    process.kill(gateway.pid, 'SIGHUP');
    return until(String(sentence), () => gateway.log.slice(known).find(({ msg }) => sentence.test(msg)), 40);
  }
  const running = () => gateway.log.filter(({ msg }) => /casepost is running/.test(msg)).length;

  it('a wrong one is said with its line and its key, and the one that runs stays', async () => {
    const said = await reread(`${configured(ports[1]!)}colour: blue\n`, /SIGHUP/);
    expect(said.msg).toMatch(/runs stays.*\n.*casepost\.yaml:6:\d+: .*colour/);
    expect(gateway.running()).toBe(true);
    expect(running()).toBe(1);
  });
  it('a sound one takes its place', async () => {
    await reread(configured(ports[1]!), new RegExp(`listening for mail on port ${ports[1]}`));
    await until('it runs again', () => running() === 2, 40);
  });
  it('one that can not start gives way to the one before', async () => {
    const { port } = taken.address() as { port: number };
    const said = await reread(configured(port), /does not start/);
    expect(said.msg).toContain('EADDRINUSE');
    await until('it runs again', () => running() === 3, 40);
    expect(gateway.log.filter(({ msg }) => msg.includes(`mail on port ${ports[1]}`))).toHaveLength(2);
  });
  it('and it ends as it is told', async () => {
    expect(await gateway.stop()).toBe(0);
  });
});
