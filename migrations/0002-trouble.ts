// Letters in trouble, and the incident a case has used up.
// Why: the postbox only records that a letter failed; what follows is decided afterwards, once, so the row must say whether it was. An incident is
// given back when its case turns out to be spam or a duplicate, so the case must know which one it was.

export const up = `
-- what engineers have been told of this letter: nothing, that it is late, that it failed
alter table outbox add column trouble text check (trouble in ('late', 'failed'));
create index outbox_failed on outbox (id) where state = 'failed' and trouble is distinct from 'failed';
create index outbox_notices on outbox (created_at) where kind like 'engineer-%';

alter table cases add column incident text;
`;

export const down = `
alter table cases drop column incident;
drop index outbox_notices;
drop index outbox_failed;
alter table outbox drop column trouble;
`;
