// The table at the end of a chaos run, for a person.
import { lifted } from './world.ts';
import type { Report } from './chaos.ts';
import { burstsOf } from './plan.ts';
import { injectors } from './striking.ts';

/** The report as text. */
export function tableOf(report: Report): string {
  const { plan, verdict, written, settled, afterwards, watched, usage } = report;
  const doors = tally([...written.mails.values()].map(({ mail, step }) => (step ? 'imap' : mail.door)));
  const kinds = tally(
    [...written.mails.values()].map(({ mail, step }) => (step ? `${step.by} ${step.says}` : mail.kind)),
  );
  const rate = written.mails.size / plan.seconds;
  const lines = [
    `chaos: seed ${plan.seed}, commit ${report.commit}, ${plan.seconds} s at ${plan.rate} mails/s, ${plan.gateways} gateways`,
    `policy lifted for the load: ${words(lifted)}; every sender has a domain of its own`,
    '',
    row('mails in', `${written.mails.size} (${words(doors)}), ${rate.toFixed(1)}/s`),
    row('  kinds', words(kinds)),
    row(
      '  not written',
      `${written.unwritten} for slowness (${written.secondsPaused.toFixed(0)} s paused), ${written.unanswered} answers without their letter, ${written.refused.length} refused at the door`,
    ),
    row('rows', words(verdict.dispositions)),
    row('cases', String(verdict.cases)),
    row('letters', words(verdict.letters)),
    row('doubled letters', `${verdict.doubled}, each with identical bytes and within P3 unless said below`),
    row('lost', String(verdict.lost)),
    row('bytes that differ', String(verdict.differingBytes)),
    row('flagged mails looked at', `${watched.flaggedSeen}, without row: ${broken(report, 'P1: flagged')}`),
    row('letters whose case was asked for', `${watched.casesAsked}, unseen: ${broken(report, 'P4')}`),
    row('follow-ups', words(verdict.followUps) || 'none'),
    row('decided under a clock far off', `${verdict.excused} (excused from joining and acknowledging)`),
    row('everything decided after', inSeconds(settled.secondsUntilDecided)),
    row(
      'everything at rest after',
      `${inSeconds(settled.secondsUntilRest)}; after the days passed: ${inSeconds(afterwards.secondsUntilRest)}`,
    ),
    row('alarms raised', words(verdict.alarms) || 'none'),
    row('gateways started', String(report.starts)),
    row('RSS MB, descriptors', `${usages(usage.beginning)} at the beginning, ${usages(usage.end)} at the end`),
    '',
    'faults struck:',
    ...mailFaults(report).map(([fault, count, what]) => faultLine(fault, count, what)),
    ...injectors
      .filter(({ fault }) => report.struck[fault])
      .map(({ fault, what }) => {
        const { begun, failed } = report.struck[fault]!;
        return faultLine(fault, begun, failed > 0 ? `${what} (${failed} could not be made)` : what);
      }),
    '',
    ...(report.broken.length === 0
      ? ['the oracle is satisfied']
      : [`the oracle found ${report.broken.length}:`, ...report.broken.map((sentence) => `  ${sentence}`)]),
    `repeat: ${commandOf(plan)}`,
  ];
  return lines.join('\n');
}

/** The faults that are mails. */
function mailFaults({ plan, written }: Report): [string, number, string][] {
  const mails = [...written.mails.values()].filter(({ step }) => step === null).map(({ mail }) => mail);
  const count = (fits: (mail: (typeof mails)[number]) => boolean) => mails.filter(fits).length;
  return [
    ['F18', count(({ kind }) => kind === 'fleeting'), 'mails expunged by another client as soon as they were there'],
    ['F19', count(({ seen }) => seen), 'mails read by a person before us'],
    ['F25', count(({ kind }) => kind === 'twice'), 'mails delivered twice'],
    ['F26', count(({ kind }) => kind === 'reused') / 2, 'Message-IDs used by two mails'],
    ['F27', burstsOf(plan), 'backlogs that come at once'],
    ['F39', count(({ kind }) => kind === 'poison'), 'poison mails'],
  ];
}

function faultLine(fault: string, count: number, what: string): string {
  return `  ${fault.padEnd(5)} ${String(count).padStart(4)}  ${what}`;
}

/** The command that makes the same plan again. */
export function commandOf({ seed, seconds, rate, gateways, kinds }: Report['plan']): string {
  const only = kinds.length < injectors.length ? ` --only ${kinds.map(({ fault }) => fault).join(',')}` : '';
  return `npm run chaos -- --seed ${seed} --minutes ${seconds / 60} --rate ${rate} --gateways ${gateways}${only}`;
}

function row(name: string, value: string): string {
  return `${name.padEnd(34)}${value}`;
}

function words(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function tally(names: string[]): Record<string, number> {
  const groups = Map.groupBy(names.toSorted(), (word) => word);
  return Object.fromEntries([...groups].map(([word, all]) => [word, all.length]));
}

function broken(report: Report, beginning: string): number {
  return report.broken.filter((sentence) => sentence.startsWith(beginning)).length;
}

function inSeconds(value: number | null): string {
  return value === null ? 'never' : `${value.toFixed(1)} s`;
}

function usages(all: Report['usage']['beginning']): string {
  return all.map((one) => (one ? `${one.rssMegabytes}/${one.descriptors}` : 'not running')).join(' ');
}
