// What engineers do with what they are told: they answer by mail or at the desk, note, close, or leave it.
import { command } from './desk.ts';
import { clockOf, roomOf, stir } from './gateway.ts';
import { engineers } from './house.ts';
import { mailboxOfLetter, send, type People } from './people.ts';
import type { Letter } from './writing.ts';
import { later, note, type World } from './world.ts';

const hour = 3_600_000;

/** An engineer is told of a case and does something about it, by mail or at the desk, in a few hours or days. */
export function workOn(world: World, people: People, letter: Letter): void {
  const { chance } = world;
  const silent = letter.kind === 'engineer-notice';
  if (!chance.percent(silent ? 50 : 80)) return;
  later(world, chance.spread(0.2, 60) * hour, 'an engineer', async () => {
    if (people.muted) return;
    const status = world.ledger.cases.get(letter.caseNumber)?.supportCase.status;
    if (status === undefined || status === 'closed') return;
    if (silent) return chance.percent(60) ? closeCase(world, letter) : answer(world, people, letter);
    if (chance.percent(50)) return answer(world, people, letter);
    await desk(world, people, letter);
  });
}

/** An engineer answers a notification by mail. */
export function answer(world: World, people: People, letter: Letter): void {
  const text = `Please look at the ${world.chance.pick(['log', 'share', 'agent', 'settings'])} and tell us what you see.\n\n> ${letter.marker}`;
  const from = { address: letter.recipient, mailbox: mailboxOfLetter(world, letter), proof: 'pass' } as const;
  send(world, people, from, { letter, text, by: 'engineer', what: 'an answer' });
}

/** An engineer's work at the desk itself; it needs the database. */
async function desk(world: World, people: People, letter: Letter): Promise<void> {
  const { chance } = world;
  const by = chance.pick(engineers);
  people.written += 1;
  const key = `desk-${people.written}`;
  const what = chance.below(10);
  if (what < 6)
    await atDesk(world, letter, {
      request: 'reply',
      by,
      text: 'We have seen this before. Please try the newest build.',
      key,
    });
  else if (what < 7) await atDesk(world, letter, { request: 'note', by, text: 'Seen.' });
  else if (what < 8)
    await atDesk(world, letter, { request: 'set', by, changes: { status: 'waiting on engineering' }, key });
  else if (what < 9)
    await atDesk(world, letter, {
      request: 'participant',
      by,
      act: 'add',
      address: { addrSpec: `colleague-${chance.below(20)}@company-1.test`, displayName: '' },
    });
  else await closeCase(world, letter);
}

async function closeCase(world: World, letter: Letter): Promise<void> {
  const closeReason = world.chance.pick(['resolved by support', 'resolved by support', 'duplicate', 'spam'] as const);
  const changes = { status: 'closed', closeReason } as const;
  await atDesk(world, letter, {
    request: 'set',
    by: engineers[0],
    changes,
    key: `close-${letter.messageId}-${world.nowMs}`,
  });
}

/** A command of an engineer; nothing while the database is away. */
export async function atDesk(world: World, letter: Letter, asked: Parameters<typeof command>[2]): Promise<void> {
  const [gateway] = world.gateways;
  if (world.away.has('database') || !gateway) return;
  const now = clockOf(world, gateway);
  const refused = await command(roomOf(world), letter.caseNumber, asked, now);
  note(
    world,
    `an engineer at the desk, case ${letter.caseNumber}: ${asked.request}${refused === null ? '' : ` is refused: ${refused}`}`,
  );
  await world.journal({ deed: 'command', caseNumber: letter.caseNumber, request: asked, refused, now });
  for (const one of world.gateways) stir(world, one, 1000);
}
