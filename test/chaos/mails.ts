// The bytes of planned mails. Each carries its token in a header of its own and in the address of its writer, who has a domain of his own, and
// its words come from the token: two mails of a run are never alike by accident, since like mails are folded (TRUST 4.3.4).
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { answerAs, firstMail } from '../story/writing.ts';
import { chance } from './chance.ts';
import type { Letter } from './peer.ts';
import type { PlannedMail, PlannedStep } from './plan.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/mail', import.meta.url));
const fixtureNames = readdirSync(fixtures)
  .filter((name) => name.endsWith('.eml'))
  .sort();
const syllables = ['ba', 'ke', 'lo', 'mi', 'nu', 'pra', 'sto', 'ter', 'vul', 'wex', 'yor', 'zan'];
const sizes = [200, 600, 1500, 6000, 30_000];

/** Who writes a mail or step with this token (steps have the writer of their first mail). */
export function writerOf(token: string): string {
  return `ada@${firstTokenOf(token)}.test`;
}

/** The token of a conversation's first mail. */
export function firstTokenOf(token: string): string {
  return token.replace(/s\d+$/, '');
}

/** Finds the token in the raw bytes of a mail, as PostgreSQL's `substring(… from …)` pattern too. */
export const tokenPattern = 'X-Chaos-Token: ([a-z0-9]+)';

/** The mail, or with `variant` 'other' the second one that reuses its Message-ID. */
export function mailOf(mail: PlannedMail, variant: '' | 'other' = ''): Buffer {
  const token = `${mail.token}${variant}`;
  if (mail.kind === 'poison') return poison(token, mail.fixture);
  const robot = { 'Auto-Submitted': 'auto-generated', Precedence: 'bulk' };
  return Buffer.from(
    firstMail({
      from: `Ada <${writerOf(token)}>`,
      to: `${mail.mailbox}@desk.test`,
      subject: `Question ${words(token, 3)}`,
      text: text(token),
      headers: {
        'X-Chaos-Token': token,
        'Message-ID': `<${mail.token}@${mail.token}.test>`,
        ...(mail.kind === 'robot' ? robot : {}),
      },
    }),
  );
}

const said = {
  thanks: 'Thank you very much!',
  resolved: 'RESOLVED',
  more: 'One thing more to say about it: ',
  answer: 'Please try this and write back: ',
} as const;

/** The bytes of a step: an answer to `letter` by its recipient. */
export async function stepOf(step: PlannedStep, letter: Letter): Promise<Buffer> {
  const own = step.says === 'more' || step.says === 'answer' ? `${words(step.token, 8)}.` : '';
  const answer = {
    from: step.by === 'customer' ? `Ada <${letter.recipient}>` : letter.recipient,
    text: `${said[step.says]}${own}`,
    headers: { 'X-Chaos-Token': step.token, 'Message-ID': `<${step.token}@${letter.recipient.split('@')[1]}>` },
  };
  return Buffer.from(await answerAs(step.program, letter.raw, answer));
}

/** A fixture's bytes behind the token; some are no mails at all, and one or two lose their trait by not coming first. */
function poison(token: string, which: number): Buffer {
  const name = fixtureNames[Math.floor(which * fixtureNames.length)]!;
  return Buffer.concat([Buffer.from(`X-Chaos-Token: ${token}\r\n`), readFileSync(`${fixtures}/${name}`)]);
}

function text(token: string): string {
  const dice = chance(hash(token));
  const length = dice.pick(sizes);
  const lines: string[] = [];
  for (let written = 0; written < length;) {
    const line = Array.from({ length: 10 }, () => word(dice)).join(' ');
    lines.push(`${line}.`);
    written += line.length;
  }
  return `Hello,\n\n${token}: ${lines.join('\n')}\n\nAda`;
}

function words(token: string, count: number): string {
  const dice = chance(hash(token));
  return Array.from({ length: count }, () => word(dice)).join(' ');
}

function word(dice: ReturnType<typeof chance>): string {
  return Array.from({ length: 2 + dice.below(3) }, () => dice.pick(syllables)).join('');
}

function hash(token: string): number {
  let mixed = 7;
  for (const letter of token) mixed = Math.imul(mixed, 31) + letter.charCodeAt(0);
  return mixed >>> 0;
}
