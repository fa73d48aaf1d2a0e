// Faults of the mail server that takes our letters, and of the way to it.
import type { SmtpVerb } from '../servers/smtp-peer.ts';
import { gatewayBy, type Injector, onWires } from './injector.ts';

const verbs: SmtpVerb[] = ['CONNECT', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'DOT'];

export const smtpFaults: Injector[] = [
  answering('F31', 'the peer says 4xx at a verb', (verb) =>
    verb === 'CONNECT' || verb === 'EHLO' ? '421 4.3.2 later' : '451 4.3.0 later',
  ),
  answering('F32', 'the peer says 5xx at a verb to customers', (verb, argument, recipients) =>
    /^(RCPT|DATA|DOT)$/.test(verb) && /ada@/.test(`${argument} ${recipients.join(' ')}`)
      ? '550 5.1.1 nobody here'
      : undefined,
  ),
  {
    fault: 'F33',
    what: 'after the final dot the peer is silent, or cuts',
    heal: 'it answers again',
    touches: ['smtp-script'],
    seconds: [2, 20],
    doubles: true,
    strike: ({ peer, wires }, { dice: [which = 0, share = 0] }) => {
      let count = 0;
      peer.behave(({ verb }) => {
        if (verb !== 'DOT') return undefined;
        count += 1;
        return count % (1 + Math.floor(share * 4)) === 0 ? (which < 0.5 ? 'cut' : 'stall') : undefined;
      });
      return () => {
        peer.behave();
        // Who waits for an answer that will never come waits for minutes.
        for (const wire of wires.smtp) wire.cutAll();
      };
    },
  },
  {
    fault: 'F34',
    what: 'recipients are answered by turns 250, 550 and 451',
    heal: 'all are taken again',
    touches: ['smtp-script'],
    seconds: [3, 10],
    doubles: false,
    strike({ peer }) {
      let count = 0;
      peer.behave(({ verb, argument }) => {
        if (verb !== 'RCPT' || !argument.includes('ada@')) return undefined;
        count += 1;
        return [undefined, '550 5.1.1 nobody here', '451 4.2.0 busy'][count % 3];
      });
      return () => peer.behave();
    },
  },
  {
    fault: 'F33c',
    what: 'connections to the peer are cut, open ones too',
    heal: 'they live on',
    touches: ['smtp-wire'],
    seconds: [1, 10],
    doubles: true,
    strike({ wires }) {
      for (const wire of wires.smtp) wire.cutAll();
      return onWires(wires.smtp, { refuse: true });
    },
  },
  {
    fault: 'F41s',
    what: 'one gateway can not reach the peer: its packets vanish',
    heal: 'the way is open again',
    touches: ['smtp-wire'],
    seconds: [5, 75],
    doubles: true,
    strike: (world, { dice }) =>
      onWires([world.wires.smtp[gatewayBy(world, dice[0]).index]!], { blackhole: ['up', 'down'] }),
  },
  {
    fault: 'F47s',
    what: 'the peer is two seconds away, its bytes come one by one',
    heal: 'it is near again',
    touches: ['smtp-wire'],
    seconds: [4, 30],
    doubles: true,
    strike: ({ wires }) => onWires(wires.smtp, { delayMs: 2000, pieceBytes: 1 }),
  },
];

function answering(
  fault: string,
  what: string,
  answer: (verb: SmtpVerb, argument: string, recipients: string[]) => string | undefined,
): Injector {
  return {
    fault,
    what,
    heal: 'it behaves well again',
    touches: ['smtp-script'],
    seconds: [2, 15],
    doubles: false,
    strike({ peer }, { dice: [which = 0, share = 0] }) {
      const at =
        fault === 'F32' ? (['RCPT', 'DOT'] as const)[Math.round(which)] : verbs[Math.floor(which * verbs.length)];
      let count = 0;
      peer.behave(({ verb, argument, recipients }) => {
        if (verb !== at) return undefined;
        count += 1;
        return count % (1 + Math.floor(share * 3)) === 0 ? answer(verb, argument, recipients) : undefined;
      });
      return () => peer.behave();
    },
  };
}
