// A tiny run of the measurements, so that they still run on the day somebody wants the figures.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';

const missing = whyMissing('postgres', 'dovecot');
const program = fileURLToPath(new URL('run.ts', import.meta.url));

describe.skipIf(missing)(`npm run bench${missing ? ` (${missing})` : ''}`, { timeout: 240_000 }, () => {
  it('measures twenty mails and two latencies, ours and the floor’s', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      program,
      '--json',
      '--only',
      'ingest',
      '--only',
      'latency',
      '--mails',
      '20',
      '--latency-mails',
      '2',
    ]);
    const { machine, ingest, latency } = JSON.parse(stdout);
    expect(machine).toMatchObject({ cores: expect.any(Number), commit: expect.any(String) });
    for (const [name, figure] of Object.entries(ingest)) expect(figure, name).toEqual(expect.any(Number));
    expect(ingest.mails).toBe(20);
    const waits = { median: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number) };
    expect(latency).toMatchObject({ mails: 2, imap: waits, imapFloor: waits, awake: waits, lmtp: waits });
    expect(latency.imap.p95).toBeGreaterThanOrEqual(latency.imap.median);
  });

  it('takes ten mails by IMAP and ten by LMTP, ours and the floor’s', async () => {
    const words = [program, '--json', '--only', 'intake', '--intake-mails', '10'];
    const { intake } = JSON.parse((await promisify(execFile)(process.execPath, words)).stdout) as Record<
      string,
      unknown
    >;
    const speed = { mailsPerSecond: expect.any(Number), cpuMs: expect.any(Number) };
    expect(intake).toMatchObject({ mails: 10, imap: speed, lmtp: speed, floorImap: speed, floorLmtp: speed });
  });

  it('takes mails into a small archive and an empty one, and asks it everything', async () => {
    const words = [program, '--json', '--only', 'growth', '--cases', '2000', '--growth-mails', '10'];
    const { growth } = JSON.parse((await promisify(execFile)(process.execPath, words)).stdout) as Record<
      string,
      { asked: Record<string, unknown> }
    >;
    const speed = { mailsPerSecond: expect.any(Number), cpuMs: expect.any(Number) };
    expect(growth).toMatchObject({ cases: 2000, empty: { lmtp: speed }, grown: { imap: speed, lmtp: speed } });
    for (const asked of Object.values(growth?.asked ?? {})) expect(asked).toMatchObject({ p95: expect.any(Number) });
  });

  it('sends four hundred follow-ups that are due at once, none of them twice', async () => {
    const words = [program, '--json', '--only', 'schedule', '--cases', '500', '--letters', '400'];
    const { schedule } = JSON.parse((await promisify(execFile)(process.execPath, words)).stdout) as Record<
      string,
      unknown
    >;
    const pace = { perSecond: expect.any(Number), cpuMs: expect.any(Number) };
    expect(schedule).toMatchObject({ letters: 400, doubled: 0, decided: pace, sent: pace, both: pace, floor: pace });
  });

  it('shares forty mails between two gateways, takes ten without a server, and weighs a gateway', async () => {
    const counts = '--scale-mails 40 --embedded-mails 10 --large-mails 1 --mailboxes 4 --idle-seconds 3';
    const words = [
      program,
      '--json',
      '--only',
      'scale',
      '--only',
      'embedded',
      '--only',
      'memory',
      ...counts.split(' '),
    ];
    const { scale, embedded, memory } = JSON.parse((await promisify(execFile)(process.execPath, words)).stdout);
    expect(scale).toMatchObject({ mails: 40, one: { mails: [40], doubled: 0 }, two: { doubled: 0 } });
    expect(scale.two.mails[0] + scale.two.mails[1]).toBe(40);
    expect(embedded).toMatchObject({ mails: 10, mailsPerSecond: expect.any(Number), rssMb: expect.any(Number) });
    const large = { mails: 1, peakMb: expect.any(Number), ordinary: { longest: expect.any(Number) } };
    expect(memory).toMatchObject({ largeByLmtp: large, largeByImap: large, idle: { mailboxes: 4 } });
  });

  it('decides on a hundred stored mails once more', async () => {
    const whatIf = fileURLToPath(new URL('what-if.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [whatIf, '--json', '--mails', '101']);
    expect(JSON.parse(stdout)).toMatchObject({ mails: 101, changed: expect.any(Number) });
  });
});
