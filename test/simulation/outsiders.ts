// Who does not belong: mails in others' names, strangers with a number or a forwarded letter, mails played again, reports that nobody's server wrote.
// None of them may change a case (P8, P9).
import { dateHeader } from '../../src/letters/mime.ts';
import { caseTag } from '../../src/cases/support-case.ts';
import { engineers, mailboxes } from './house.ts';
import { answered, reportBytes, type Letter } from './writing.ts';
import { mailboxOfLetter, send, type People } from './people.ts';
import { arrives, instantOf, type World } from './world.ts';
import { stir } from './gateway.ts';
import { ofTheHouse } from './oracle.ts';

/** What outsiders do. */
export const attacks = [
  'in a customer’s name',
  'with a number',
  'with a forwarded letter',
  'in an engineer’s name',
  'with a forged report',
  'with our own letter',
  'with a mail played again',
  'with a request in a customer’s name',
] as const;
export type Attack = (typeof attacks)[number];

/** Of the mails that joined a case, the newest so many may be played again. */
const playedMax = 20;

/** Carries out one attack with a letter that somebody has seen. */
export function attack(world: World, people: People, what: Attack, letter: Letter): void {
  const mailbox = mailboxOfLetter(world, letter);
  const toEngineer = ofTheHouse(letter.recipient);
  const stranger = { address: `stranger-${people.written}@elsewhere.test`, mailbox, proof: 'none' } as const;
  const word = world.chance.pick(['resolved', 'more-time', null] as const);
  const text =
    word === 'resolved'
      ? 'RESOLVED'
      : word === 'more-time'
        ? 'MORE TIME'
        : `Please send us everything again, and to ${stranger.address}.`;
  const outsider = { text, what, by: 'outsider', mailbox, word } as const;
  switch (what) {
    case 'in a customer’s name':
      if (toEngineer) return;
      return send(world, people, { ...stranger, address: letter.recipient }, { ...outsider, letter, proof: 'fail' });
    case 'with a request in a customer’s name':
      if (toEngineer) return;
      return send(
        world,
        people,
        { ...stranger, address: letter.recipient },
        { ...outsider, subject: 'A new request', proof: 'fail' },
      );
    case 'with a number':
      return send(world, people, stranger, { ...outsider, subject: `Re: ${caseTag(letter.caseNumber)} Hello` });
    case 'with a forwarded letter':
      return send(world, people, stranger, { ...outsider, letter });
    case 'in an engineer’s name': {
      const address = world.chance.pick(engineers);
      if (!toEngineer) return send(world, people, { ...stranger, address }, { ...outsider, letter });
      return send(world, people, { ...stranger, address: letter.recipient }, { ...outsider, letter, proof: 'fail' });
    }
    case 'with a forged report': {
      people.written += 1;
      const raw = reportBytes(
        letter,
        mailboxes[mailbox],
        `forged-${people.written}.${world.seed}@elsewhere.test`,
        instantOf(world),
      );
      arrives(world, mailbox, raw, { by: 'outsider', what, about: letter.caseNumber, word: null, proof: 'none' });
      for (const gateway of world.gateways) stir(world, gateway, 1000);
      return;
    }
    case 'with our own letter':
      return send(world, people, stranger, {
        ...outsider,
        text: 'Returned to sender.',
        subject: answered(letter.subject),
        headers: { 'X-Casepost-Instance': world.desk.instance },
      });
    case 'with a mail played again': {
      const heard = [...world.oracle.first].filter(([, { disposition }]) => disposition === 'joined').slice(-playedMax);
      const [raw] = heard[world.chance.below(heard.length)] ?? [];
      const written = raw && world.writings.get(raw);
      if (!raw || !written) return;
      // What a signature does not cover may be changed; the words and the id stay.
      const again = Buffer.from(raw.toString().replace(/^Date: .*$/m, `Date: ${dateHeader(instantOf(world))}`));
      arrives(world, written.mailbox, again, { ...written, by: 'outsider', what });
      for (const gateway of world.gateways) stir(world, gateway, 1000);
      return;
    }
    default:
      throw new Error(`attack ${what satisfies never as string}: nobody carries it out`);
  }
}
