// A letter's earlier ones are found by the index of its case alone.
// Why: an index of waiting letters looks nearly empty to PostgreSQL until it has analysed a sudden backlog. It then read all of it for each
// letter: eight letters took three seconds to claim with two thousand waiting, and a hundred thousand would never have left.

export const up = `
drop index outbox_order;
`;

export const down = `
create index outbox_order on outbox (case_number, recipient, id) where state = 'waiting';
`;
