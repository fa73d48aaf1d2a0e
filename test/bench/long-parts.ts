// The measurements that take minutes each, as tables; what they measure stands in their own files.
import { type EmbeddedSpeed, measureEmbedded } from './embedded-speed.ts';
import { type Growth, measureGrowth } from './growth-speed.ts';
import type { Large } from './large-mails.ts';
import { type Memory, measureMemory } from './memory.ts';
import { quantile } from './quantile.ts';
import { measureScale, type ScaleSpeed } from './scale-speed.ts';
import { measureSchedule, type ScheduleSpeed } from './schedule-speed.ts';
import { type Measured, row } from './table.ts';

/** Line 3 of issue 7: an archive. */
export async function growth(cases: number, mails: number): Promise<Measured<Growth>> {
  const figures = await measureGrowth(cases, mails);
  const { empty, grown, asked } = figures;
  const lines = (way: 'imap' | 'lmtp') => [
    row(
      `${figures.mails} mails by ${way.toUpperCase()}, grown and empty: mails/s`,
      grown[way].mailsPerSecond,
      empty[way].mailsPerSecond,
    ),
    row('  of the empty one', grown[way].mailsPerSecond / empty[way].mailsPerSecond, '', 2),
    row('  processor time per mail, ms', grown[way].cpuMs, empty[way].cpuMs, 2),
    row('  of it PostgreSQL', grown[way].databaseMs, empty[way].databaseMs, 2),
  ];
  const table = [
    `${figures.cases} cases and ${5 * figures.cases} messages, ${figures.databaseMb} MB, written in ${figures.seedSeconds.toFixed(0)} s`,
    ...lines('imap'),
    ...lines('lmtp'),
    'asked of the grown one (median and 95th percentile, ms)',
    ...Object.entries(asked).map(([name, { median, p95 }]) => row(`  ${name}`, median, p95, 2)),
  ];
  return { figures, table };
}

/** Line 4: many follow-ups at once. */
export async function schedule(cases: number, letters: number): Promise<Measured<ScheduleSpeed>> {
  const figures = await measureSchedule(cases, letters);
  const { acknowledged, decided, sent, both, floor } = figures;
  const table = [
    row(
      `a minute with nothing due, ${figures.cases} open cases: median, 95th percentile ms`,
      figures.idleTick.median,
      figures.idleTick.p95,
    ),
    row(`${letters / 2} follow-ups due at once, decided on alone: letters/s`, decided.perSecond, ''),
    row('  processor time per letter, of it PostgreSQL, ms', decided.cpuMs, decided.databaseMs, 2),
    row('then sent: letters/s', sent.perSecond, floor.perSecond),
    row('  of the floor', sent.perSecond / floor.perSecond, '', 2),
    row('  processor time per letter, ms', sent.cpuMs, floor.cpuMs, 2),
    row('as many decided on and sent at once: letters/s', both.perSecond, ''),
    row('  of the floor', both.perSecond / floor.perSecond, '', 2),
    row('  processor time per letter, of it PostgreSQL, ms', both.cpuMs, both.databaseMs, 2),
    row('  cases with two letters', figures.doubled, '', 0),
    row(
      `  acknowledgment of ${acknowledged.length} mails meanwhile: median, longest ms`,
      quantile(acknowledged, 0.5),
      Math.max(...acknowledged),
    ),
  ];
  return { figures, table };
}

/** Line 6: one gateway and two. */
export async function scale(mails: number): Promise<Measured<ScaleSpeed>> {
  const figures = await measureScale(mails);
  const { one, two } = figures;
  const shares = (done: number[]) => done.map((each) => `${((100 * each) / mails).toFixed(0)} %`).join(', ');
  const table = [
    row(`${mails} mails in two mailboxes, two gateways and one: mails/s`, two.mailsPerSecond, one.mailsPerSecond),
    row('  processor time per mail, ms', two.cpuMs, one.cpuMs, 2),
    row('  cores busy: first threads', sum(two.busy.firstThreads), sum(one.busy.firstThreads), 2),
    row('  cores busy: gateways', two.busy.gateways, one.busy.gateways, 2),
    row('  cores busy: PostgreSQL', two.busy.database, one.busy.database, 2),
    row('  mails of each gateway', shares(two.mails), shares(one.mails)),
    row('  letters of each gateway', two.letters.join(', '), one.letters.join(', ')),
    row('  cases or letters too many', two.doubled, one.doubled, 0),
    row('  connections to PostgreSQL', two.connections, one.connections, 0),
    row(
      `  bytes a mail of ${figures.bytesPerMail.toFixed(0)} bytes leaves: disk, WAL`,
      figures.diskBytesPerMail,
      figures.walBytesPerMail,
      0,
    ),
  ];
  return { figures, table };
}

/** Line 8: the embedded database. */
export async function embedded(mails: number): Promise<Measured<EmbeddedSpeed>> {
  const figures = await measureEmbedded(mails);
  const table = [
    row(`${mails} mails by LMTP into the embedded database: mails/s`, figures.mailsPerSecond, ''),
    row('  processor time per mail, ms', figures.cpuMs, '', 2),
    row('  most memory of the gateway, database within, MB', figures.rssMb, '', 0),
    row('  bytes a mail leaves on the disk', figures.diskBytesPerMail, '', 0),
  ];
  return { figures, table };
}

/** Line 5: memory. */
export async function memory(largeMails: number, mailboxes: number, seconds: number): Promise<Measured<Memory>> {
  const figures = await measureMemory(largeMails, mailboxes, seconds);
  const { largeByLmtp, largeByImap, idle } = figures;
  const lines = (way: string, large: Large) => [
    row(`${large.mails} mails of 25 MB by ${way}: most memory, afterwards, MB`, large.peakMb, large.mb, 0),
    row('  mails/s', large.mailsPerSecond, '', 2),
    row(
      `  acknowledgment of ${large.ordinary.mails} ordinary mails meanwhile: median, longest ms`,
      large.ordinary.median,
      large.ordinary.longest,
      0,
    ),
  ];
  const table = [
    row('a gateway that has started, MB', largeByLmtp.startedMb, '', 0),
    ...lines('LMTP', largeByLmtp),
    ...lines('IMAP', largeByImap),
    row(`${idle.mailboxes} idle mailboxes: most memory, at rest, MB`, idle.peakMb, idle.mb, 0),
    row('  percent of one core', 100 * idle.processorShare, ''),
  ];
  return { figures, table };
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
