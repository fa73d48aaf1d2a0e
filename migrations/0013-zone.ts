// Where the customer of a case is on the clock.
// Why: a promise like "by Monday 16:00" is only one when it is the reader's sixteen o'clock, also in the letters of days later.

export const up = `
alter table cases add column zone text;
`;

export const down = `
alter table cases drop column zone;
`;
