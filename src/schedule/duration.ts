// What a length of time written in the policy means: `3d`, `4h`, `90m`, `1 business day`. The unit is kept beside the amount, because a
// calendar day, a business day and 24 hours are three different things across a weekend or a change of the clocks.

/** What a length of time is counted in; there is no unit longer than a day. */
export type DurationUnit = 'calendar-days' | 'business-days' | 'hours' | 'minutes';

/** A whole, positive length of time; what hours and days mean is decided by the calendar it is counted in. */
export interface Duration {
  readonly amount: number;
  readonly unit: DurationUnit;
}

/** Longest duration that is taken, by unit: ten years. Above it a typing error is likelier than an intention. */
export const amountMax: Readonly<Record<DurationUnit, number>> = {
  'calendar-days': 3_650,
  'business-days': 2_600,
  hours: 87_600,
  minutes: 5_256_000,
};

/** How a duration may be written, for error texts. */
export const durationForms = '3d, 4h, 90m or 1 business day';

const unitWords: ReadonlyMap<string, DurationUnit> = new Map([
  ['d', 'calendar-days'],
  ['day', 'calendar-days'],
  ['days', 'calendar-days'],
  ['bd', 'business-days'],
  ['business day', 'business-days'],
  ['business days', 'business-days'],
  ['h', 'hours'],
  ['hour', 'hours'],
  ['hours', 'hours'],
  ['m', 'minutes'],
  ['minute', 'minutes'],
  ['minutes', 'minutes'],
]);

/** Reads a duration as people write it in the policy; null when the text is none of the allowed forms or is over `amountMax`. */
export function parseDuration(text: string): Duration | null {
  const match = /^(\d{1,7}) ?([a-z]{1,8}(?: [a-z]{1,4})?)$/.exec(text.trim().toLowerCase());
  if (match === null) return null;
  const amount = Number(match[1]);
  const unit = unitWords.get(match[2] ?? '');
  if (unit === undefined || amount < 1 || amount > amountMax[unit]) return null;
  return { amount, unit };
}

/** The duration in words for a person: `3 days`, `1 business day`, `90 minutes`. */
export function durationText(duration: Duration): string {
  const plural = duration.unit === 'calendar-days' ? 'days' : duration.unit.replace('-', ' ');
  return `${duration.amount} ${duration.amount === 1 ? plural.slice(0, -1) : plural}`;
}
