// What ties a waiting mail to others, read from its head when it is stored, and the mails it must not be decided before.
// Why two columns: the claim finds the earlier mails of a conversation by itself; before, the heads of fifty waiting mails were read anew for each mail.
// Mails that wait while this migration runs have none: for them alone, the order of their ids is all there is.

export const up = `
alter table inbound add column ties text[] not null default '{}', add column follows text[] not null default '{}';
`;

export const down = `
alter table inbound drop column follows, drop column ties;
`;
