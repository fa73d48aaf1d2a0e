// In which order letters leave: what somebody waits for (an acknowledgment, an answer, a sign-in) goes before what the clock has written.
// Why: a hundred thousand follow-ups may be due at once, and a mail that comes then is acknowledged in seconds, not after all of them.

export const up = `
create index outbox_turn on outbox ((kind in ('follow-up', 'closed-no-response')), id) where state = 'waiting';
drop index outbox_waiting;
`;

export const down = `
create index outbox_waiting on outbox (id) where state = 'waiting';
drop index outbox_turn;
`;
