// How a length of time is written, and how it is not.
import { describe, expect, it } from 'vitest';
import { durationText, parseDuration } from '../../src/schedule/duration.ts';

function check(text: string, expected: string | null) {
  const duration = parseDuration(text);
  expect(duration === null ? null : durationText(duration)).toBe(expected);
}

describe('a duration', () => {
  it('3d are calendar days', () => check('3d', '3 days'));
  it('1 day is singular', () => check('1 day', '1 day'));
  it('4h are hours', () => check('4h', '4 hours'));
  it('90m are minutes', () => check('90m', '90 minutes'));
  it('1 business day is a business day', () => check('1 business day', '1 business day'));
  it('2 business days are business days', () => check('2 Business Days', '2 business days'));
  it('2bd are business days', () => check('2bd', '2 business days'));
  it('"4 hrs" is refused', () => check('4 hrs', null));
  it('0 is refused', () => check('0d', null));
  it('a negative one is refused', () => check('-3d', null));
  it('a fraction is refused', () => check('1.5h', null));
  it('more than ten years are refused', () => check('3651d', null));
  it('an empty text is refused', () => check('', null));
});
