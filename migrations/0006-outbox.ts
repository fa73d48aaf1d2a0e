// How often the fate of a letter stayed unknown: its last byte had left, and no reply came.
// Why a count: such a letter may have arrived, so it goes out once more and not again and again, whoever holds it then (TRUST F33).

export const up = `
alter table outbox add column unknowns integer not null default 0;
`;

export const down = `
alter table outbox drop column unknowns;
`;
