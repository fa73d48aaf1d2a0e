// In which language a customer is written to, and which letter it is: told by contact or account, else by the mail itself, else by the policy.
import { describe, expect, it } from 'vitest';
import { decideOnMail } from '../../src/cases/on-mail.ts';
import { decideOnRequest } from '../../src/cases/on-request.ts';
import { aMail, aPerson, aPolicy, lettersOf, mailFacts, monday, placedCase, requestsOf } from '../builders.ts';

const policy = aPolicy();
const german =
  'Guten Tag, seit heute ist die Sicherung nicht mehr möglich und wir können keine Daten wiederherstellen.';

function check(fact: string, reply: string, contact: string | null, expected: string, rules = policy): void {
  it(fact, () => {
    const ann = aPerson('ann@customer.example');
    const facts = mailFacts({ person: { ...ann, contact: { ...ann.contact, language: contact } } });
    const [letter] = requestsOf(decideOnMail(aMail({ reply, text: reply, subject: '' }), facts, rules, monday));
    expect([letter?.kind, letter?.language]).toEqual(['acknowledgment', expected]);
  });
}

describe('the language of a letter', () => {
  check('is the contact’s or the account’s, whatever the mail is written in', german, 'es', 'es');
  check('else the mail’s own', german, null, 'de');
  check('else the policy’s, when the mail is too short to tell', 'ERR 0x12', null, 'en');
  check('which an installation can change', 'ERR 0x12', null, 'fr', { ...policy, language: 'fr' });
  it('has its own small words: severity, hours, questions', () => {
    const [letter] = requestsOf(decideOnMail(aMail({ reply: german, subject: '' }), mailFacts({}), policy, monday));
    expect(letter?.variables).toMatchObject({ severityLabel: 'kritisch' });
    expect(JSON.stringify(letter?.variables['asks'])).toContain('Welche Version');
  });
});

describe('a request for information', () => {
  const ask = (asks: string[], text = '') =>
    decideOnRequest(
      { request: 'reply', by: 'grace@help.example', text, key: 'k', asks },
      placedCase({ language: 'de' }),
      mailFacts({}),
      policy,
      monday,
    );
  it('asks in the customer’s language, and starts the clock as an answer does', () => {
    const decision = ask(['error', 'steps'], 'Danke!');
    if ('refused' in decision) throw new Error(decision.refused);
    expect(lettersOf(decision)).toEqual(['more-information to ann@customer.example']);
    expect(requestsOf(decision)[0]?.variables).toMatchObject({
      asks: [
        'Wie lautet die Fehlermeldung genau? Gern als Bildschirmfoto.',
        'Was tun Sie Schritt für Schritt, bis es geschieht?',
      ],
      bodyText: 'Danke!',
    });
    expect(decision.effects.map(({ effect }) => effect)).toContain('schedule');
  });
  it('names what the policy knows, when it is asked for something else', () => {
    const decision = ask(['eror']);
    expect('refused' in decision && decision.refused).toContain(
      '"eror" is nothing the policy asks for; it knows product, version, error',
    );
  });
});

it('praise is thanked for and promised nothing', () => {
  const praise =
    'This is just a suggestion for the console. Great support, everybody is happy, thank you for your help!';
  const decision = decideOnMail(
    aMail({ subject: 'Great support', reply: praise, text: praise }),
    mailFacts({}),
    policy,
    monday,
  );
  expect(lettersOf(decision)[0]).toBe('feedback-thanks to ann@customer.example');
});
