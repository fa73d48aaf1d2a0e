// How a part of the measurements is told: figures for programs, lines for people.

/** What a part gives: its figures for `--json`, and lines for a person. */
export interface Measured<Figures> {
  figures: Figures;
  table: string[];
}

/** One line: what it is, ours, and what stands beside it. */
export function row(name: string, ours: number | string, floor: number | string, digits = 1): string {
  const shown = (value: number | string) => (typeof value === 'number' ? value.toFixed(digits) : value).padStart(10);
  return `${name.padEnd(72)}${shown(ours)}${shown(floor)}`;
}
