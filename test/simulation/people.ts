// Who lives in a simulated world and how they answer: customers who are prompt, late, silent, thankful, away or robots; engineers are in
// engineers.ts. They know only what reached them.
import { stir } from './gateway.ts';
import { mailboxes, type MailboxId } from './house.ts';
import { ofTheHouse } from './oracle.ts';
import { answered, answering, letterOf, mailBytes, reportBytes, request, type Letter } from './writing.ts';
import { arrives, instantOf, later, type World, type Writing } from './world.ts';

/** How somebody behaves. */
export const tempers = ['prompt', 'late', 'silent', 'busy', 'away', 'robot', 'gone', 'unreachable'] as const;
export type Temper = (typeof tempers)[number];

/** A customer. */
export interface Customer {
  address: string;
  mailbox: MailboxId;
  temper: Temper;
  proof: 'pass' | 'none';
}

/** The people of a world. `muted`: nobody does anything by themselves any more. */
export interface People {
  customers: Customer[];
  byAddress: Map<string, Customer>;
  /** Letters that reached somebody, newest last; what outsiders may have seen. */
  seen: Letter[];
  written: number;
  muted: boolean;
}

const hour = 3_600_000;
const day = 24 * hour;
const seenMax = 200;

/** Settles customers in a world, who react to what reaches them until `muted`; `workOn` is what engineers do with what reaches them. */
export function settle(world: World, customers: number, workOn: (people: People, letter: Letter) => void): People {
  const people: People = { customers: [], byAddress: new Map(), seen: [], written: 0, muted: false };
  for (let place = 0; place < customers; place += 1) settleOne(world, people, place);
  world.reached = (row) => {
    const letter = letterOf(row, world.nowMs);
    people.seen.push(letter);
    if (people.seen.length > seenMax) people.seen.shift();
    if (people.muted) return;
    if (ofTheHouse(row.recipient)) workOn(people, letter);
    else reactTo(world, people, letter);
  };
  return people;
}

function settleOne(world: World, people: People, place: number): Customer {
  const { chance } = world;
  const weights: Temper[] = [
    'prompt',
    'prompt',
    'prompt',
    'late',
    'late',
    'silent',
    'silent',
    'busy',
    'busy',
    ...tempers,
  ];
  const customer: Customer = {
    address: `person-${place}@company-${place % 15}.test`,
    mailbox: chance.percent(50) ? 'support' : 'mobility',
    temper: chance.pick(weights),
    proof: chance.percent(60) ? 'pass' : 'none',
  };
  if (customer.temper === 'gone') world.peer.gone.add(customer.address);
  people.customers.push(customer);
  people.byAddress.set(customer.address, customer);
  return customer;
}

/** Somebody writes for the first time about something. */
export function ask(world: World, people: People, customer: Customer, copies: number): void {
  const { subject, text } = request(world.chance, customer.mailbox);
  send(world, people, customer, { subject, text, what: 'a request', by: 'newcomer', copies });
}

/** A customer's words to us; with `letter`, as an answer to it. */
export function send(
  world: World,
  people: People,
  customer: Pick<Customer, 'address' | 'mailbox' | 'proof'>,
  mail: {
    text: string;
    what: string;
    by: Writing['by'];
    subject?: string;
    letter?: Letter;
    word?: Writing['word'];
    proof?: Writing['proof'];
    headers?: Record<string, string>;
    mailbox?: MailboxId;
    copies?: number;
  },
): void {
  people.written += 1;
  const { letter } = mail;
  const domain = customer.address.slice(customer.address.lastIndexOf('@') + 1);
  const proof = mail.proof ?? customer.proof;
  const mailbox = mail.mailbox ?? customer.mailbox;
  const raw = mailBytes(
    {
      from: customer.address,
      to: letter?.replyTo ?? mailboxes[mailbox],
      subject: mail.subject ?? answered(letter?.subject ?? ''),
      id: `${people.written}.${world.seed}@${domain}`,
      text: mail.text,
      proof,
      headers: { ...(letter ? answering(letter) : {}), ...mail.headers },
    },
    instantOf(world),
  );
  const about = letter?.caseNumber ?? null;
  arrives(world, mailbox, raw, { by: mail.by, what: mail.what, about, word: mail.word ?? null, proof }, mail.copies);
  for (const gateway of world.gateways) stir(world, gateway, world.chance.below(90) * 1000);
}

const said = {
  resolved: 'RESOLVED',
  'more-time': 'MORE TIME',
  thanks: 'Thank you!',
} as const;

/** A customer answers a letter. */
export function reply(world: World, people: People, letter: Letter, word: Writing['word'], copies = 0): void {
  const customer = people.byAddress.get(letter.recipient);
  if (!customer) return;
  const mailbox = mailboxOfLetter(world, letter);
  const text = word === null ? `${request(world.chance, mailbox).text} That is all we know.` : said[word];
  const what = word === null ? 'a reply' : word;
  send(world, people, customer, { letter, text, what, word, by: 'participant', mailbox, copies });
}

export function mailboxOfLetter(world: World, letter: Letter): MailboxId {
  return world.ledger.cases.get(letter.caseNumber)?.supportCase.mailbox === 'mobility' ? 'mobility' : 'support';
}

function reactTo(world: World, people: People, letter: Letter): void {
  const { chance } = world;
  const customer = people.byAddress.get(letter.recipient);
  if (!customer) return;
  const after = (milliseconds: number, what: string, act: () => void) =>
    later(world, milliseconds, what, () => (people.muted ? undefined : act()));
  const copies = chance.percent(2) ? 1 : 0;
  const closed = letter.kind.startsWith('closed');
  const asked = letter.kind === 'answer' || letter.kind === 'follow-up';
  switch (customer.temper) {
    case 'prompt':
      if (asked) {
        const word = chance.pick(['resolved', 'resolved', 'resolved', 'thanks', null] as const);
        after(chance.spread(0.2, 40) * hour, 'a prompt customer', () => reply(world, people, letter, word, copies));
      } else if (closed && chance.percent(10)) {
        const word = chance.pick(['thanks', 'thanks', 'resolved', null] as const);
        after(chance.spread(1, 40 * 24) * hour, 'one more word', () => reply(world, people, letter, word, copies));
      } else if (chance.percent(15))
        after(chance.spread(0.1, 24) * hour, 'more', () => reply(world, people, letter, null));
      return;
    case 'late':
      if (asked || (closed && chance.percent(40)))
        after(chance.spread(2, 22) * day, 'a late customer', () =>
          reply(world, people, letter, chance.pick(['resolved', 'resolved', null] as const), copies),
        );
      return;
    case 'busy':
      if (asked && chance.percent(70))
        after(chance.spread(0.1, 5) * day, 'a busy customer', () =>
          reply(world, people, letter, chance.pick(['more-time', 'resolved', null] as const), copies),
        );
      return;
    case 'away':
      after(chance.spread(1, 60) * 1000, 'a vacation robot', () =>
        send(world, people, customer, {
          letter,
          by: 'machine',
          what: 'a vacation notice',
          text: 'I am out of the office and read my mail when I am back.',
          headers: { 'Auto-Submitted': 'auto-replied' },
          mailbox: mailboxOfLetter(world, letter),
        }),
      );
      return;
    case 'robot':
      robot(world, people, customer, letter, after);
      return;
    case 'unreachable':
      if (chance.percent(80))
        after(chance.spread(1, 600) * 1000, 'a bouncing server', () => bounce(world, people, letter));
      return;
    case 'silent':
    case 'gone':
      return;
    default:
      throw new Error(`temper ${customer.temper satisfies never as string}: nobody plays it`);
  }
}

/** A machine without a word of it in its headers: it answers whatever it gets, in the thread, or as something new each time. */
function robot(
  world: World,
  people: People,
  customer: Customer,
  letter: Letter,
  after: (milliseconds: number, what: string, act: () => void) => void,
): void {
  const { chance } = world;
  if (!chance.percent(20)) return;
  const { text } = request(chance, customer.mailbox);
  after(chance.spread(30, 3 * 24 * 3600) * 1000, 'a robot', () => {
    if (chance.percent(60))
      send(world, people, customer, {
        letter,
        text,
        by: 'participant',
        what: 'a reply',
        mailbox: mailboxOfLetter(world, letter),
      });
    else
      send(world, people, customer, {
        subject: `Your message ${people.written}`,
        text,
        by: 'newcomer',
        what: 'a robot that begins anew',
      });
  });
}

/** A report about a letter comes by the way back that the letter was signed with. */
export function bounce(world: World, people: People, letter: Letter): void {
  if (letter.reversePath === '') return;
  people.written += 1;
  const id = `report-${people.written}.${world.seed}@bounces.test`;
  const raw = reportBytes(letter, letter.reversePath, id, instantOf(world));
  const writing = { by: 'bounce', what: 'a report', about: letter.caseNumber, word: null, proof: 'none' } as const;
  arrives(world, mailboxOfLetter(world, letter), raw, writing);
  for (const gateway of world.gateways) stir(world, gateway, world.chance.below(90) * 1000);
}
