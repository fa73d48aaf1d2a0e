// What each letter is called and when it leaves, for the list an admin edits from.
import type { LetterKind } from '../cases/decision.ts';

const letters: Record<LetterKind, { title: string; doc: string }> = {
  acknowledgment: {
    title: 'Acknowledgment',
    doc: 'at once, for every new case: its number, and by when a person answers',
  },
  'feedback-thanks': {
    title: 'Thanks for feedback',
    doc: 'instead of the acknowledgment, for praise, a suggestion or a complaint',
  },
  'linked-case': { title: 'New linked case', doc: 'when a reply to a closed case has become a new one: both numbers' },
  answer: { title: 'Answer', doc: 'the frame around what a support engineer writes to the customer' },
  'more-information': {
    title: 'Request for information',
    doc: 'when an engineer asks the customer for what is missing',
  },
  'follow-up': { title: 'Follow-up', doc: 'while the customer is silent after our answer: is it solved?' },
  'more-time': { title: 'More time', doc: 'when the customer has asked for more time' },
  reopened: { title: 'Reopened', doc: 'when a reply has opened a closed case again' },
  'closed-by-customer': { title: 'Closed by the customer', doc: 'when the customer says that it is resolved' },
  'closed-by-support': { title: 'Closed by support', doc: 'when an engineer has closed the case' },
  'closed-no-response': { title: 'Closed, no response', doc: 'when nobody has answered the follow-ups' },
  'release-notice': { title: 'Release notice', doc: 'when a release mends what the case is about' },
  'engineer-new-case': { title: 'To the engineer: new case', doc: 'when a case has come and is theirs' },
  'engineer-reply': { title: 'To the engineer: reply', doc: 'when the customer has written' },
  'engineer-held': {
    title: 'To the engineer: held mail',
    doc: 'when a mail names their case but is kept out of the conversation',
  },
  'engineer-warning': {
    title: 'To the engineer: target warning',
    doc: 'when the time for the first answer runs out, and when it is over',
  },
  'engineer-notice': {
    title: 'To the engineer: notice',
    doc: 'when a case is handed over, or the customer stays silent',
  },
  'engineer-away': {
    title: 'To the engineer: days away',
    doc: 'when an engineer has written AWAY or BACK in a subject: what was done',
  },
  'sign-in': { title: 'Sign-in link', doc: 'when somebody wants to sign in: a link and a code' },
};

const partials: Record<string, { title: string; doc: string }> = {
  _layout: { title: 'Layout and style', doc: 'what stands around every letter, and the css of all of them' },
  _header: { title: 'Header', doc: 'the line above every letter' },
  _footer: { title: 'Footer', doc: 'the last lines of every letter' },
  _title: { title: 'Title', doc: 'the large line at the top' },
  _hello: { title: 'Greeting', doc: 'the first line to a person' },
  _button: { title: 'Button', doc: 'a link that stands out' },
  '_quiet-button': { title: 'Quiet button', doc: 'a link beside one that stands out' },
  _request: {
    title: 'What is promised',
    doc: 'in acknowledgments: by when a person answers, what is missing, what may help',
  },
  _timeline: { title: 'What comes next', doc: 'what happens while the customer is silent' },
  _solution: { title: 'Solution', doc: 'what solved it, in letters of closing' },
  _reopen: { title: 'How to reopen', doc: 'what to do when something is still wrong after closing' },
  _solved: { title: 'Is it solved?', doc: 'the panel that asks for the one word' },
  '_engineer-case': { title: 'A case for engineers', doc: 'what an engineer is told of a case' },
};

/** What a letter or partial is called. */
export function titleOf(name: string): string {
  return told(name)?.title ?? name.replace(/^_/, '').replaceAll('-', ' ');
}

/** When a letter leaves, or what a partial is for; '' for a partial of somebody's own. */
export function docOf(name: string): string {
  return told(name)?.doc ?? '';
}

function told(name: string): { title: string; doc: string } | undefined {
  return name.startsWith('_') ? partials[name] : letters[name as LetterKind];
}
