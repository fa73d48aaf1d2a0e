// Where the reading of a folder begins: mail that came before it was met is left alone.
// Why in the database: the day of the first connection must be the same for every gateway, after every restart and under every UIDVALIDITY.

export const up = `
-- mail that came before this day is left alone, null: none is; of the UIDs up to start_uid the day decides, what is above was seen to come
alter table cursors add column since date, add column start_uid bigint not null default 0;
`;

export const down = `
alter table cursors drop column start_uid, drop column since;
`;
