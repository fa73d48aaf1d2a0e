// Example variables of every letter, invented: what `casepost check` renders shipped and edited templates with, and the list of the names
// each letter knows. Of each kind the first has everything filled in, the second as little as can be.
import type { LetterKind } from '../cases/decision.ts';
import { bareEngineer, engineer } from './samples-engineer.ts';
import { person, stranger, zone } from './samples-people.ts';
import type {
  AcknowledgmentVariables,
  AddedByCompose,
  AnswerVariables,
  ClosedVariables,
  FollowUpVariables,
  LetterVariables,
  ReleaseVariables,
} from './variables.ts';

const acknowledgment: AcknowledgmentVariables = {
  zone,
  severity: 'B',
  severityLabel: 'serious',
  planTitle: 'Advantage Premier',
  target: { at: '2026-03-03T09:00:00Z', hours: 'Monday to Friday, 09:00–18:00' },
  asks: ['the product and its build number', 'the exact error message, best as a screenshot', 'since when it happens'],
  suggestions: [
    { title: 'A backup stops before it is done', url: 'https://support.example.com/articles/101' },
    { title: 'Collecting system information', url: 'https://support.example.com/articles/102' },
  ],
  flags: { outOfScope: true, unregistered: true, noPlan: true, oldVersion: true, oldBuild: true },
  registerHint: 'You can register your product with its serial number at https://support.example.com/register.',
  latestBuild: '40901',
};

const bareAcknowledgment: AcknowledgmentVariables = {
  zone: 'UTC',
  severity: 'D',
  severityLabel: 'general',
  planTitle: 'Customer Service',
  target: null,
  asks: [],
  suggestions: [],
  flags: { outOfScope: false, unregistered: false, noPlan: false, oldVersion: false, oldBuild: false },
  registerHint: null,
  latestBuild: null,
};

const answer: AnswerVariables = {
  ...person,
  engineerName: 'Grace Sample',
  bodyText:
    'Hello Ada,\n\nthank you for the log. The job stops because the archive sits on a share whose quota is used up.\n\n' +
    'Please make 20 GB free and start the job once more:\n\n    net use \\\\store\\backup\n    runjob --name nightly\n\n' +
    'How to find the quota: https://support.example.com/articles/103',
  timeline: [
    { at: '2026-03-06T10:00:00Z', what: 'follow-up' },
    { at: '2026-03-09T10:00:00Z', what: 'follow-up' },
    { at: '2026-03-12T10:00:00Z', what: 'close' },
  ],
  mayAskMoreTime: true,
};

const asks = [
  'Which version and build do you have?',
  'What does the error message say, word for word? A screenshot is welcome.',
];

const followUp: FollowUpVariables = {
  ...person,
  step: 1,
  steps: 3,
  answeredOn: '2026-03-03T10:00:00Z',
  timeline: [
    { at: '2026-03-09T10:00:00Z', what: 'follow-up' },
    { at: '2026-03-13T10:00:00Z', what: 'leave-open' },
  ],
  mayAskMoreTime: true,
  canReopen: true,
};

const closed: ClosedVariables = {
  ...person,
  canReopen: true,
  reopenUntil: '2026-03-17T10:00:00Z',
  solution: 'The quota of the backup share was used up.\nIt was raised to 200 GB.',
};
const lockedClosed: ClosedVariables = { ...stranger, canReopen: false, reopenUntil: null, solution: '' };

const release: ReleaseVariables = {
  ...person,
  release: 'Example Backup 15 build 40902',
  bodyText:
    'A backup to a full share now says so and goes on once there is room.\n\nDownload: https://support.example.com/releases/40902',
  timeline: answer.timeline,
  mayAskMoreTime: true,
};

const all: { [Kind in LetterKind]: LetterVariables[Kind][] } = {
  acknowledgment: [acknowledgment, bareAcknowledgment],
  'feedback-thanks': [{ zone }, { zone: 'UTC' }],
  'linked-case': [
    { ...acknowledgment, previousNumber: '00000001', reason: 'never-reopens' },
    { ...bareAcknowledgment, previousNumber: '00000001', reason: 'closed-too-long-ago' },
  ],
  answer: [answer, { ...answer, ...stranger, timeline: [], mayAskMoreTime: false }],
  'more-information': [
    { ...answer, bodyText: '', asks },
    { ...answer, ...stranger, asks: asks.slice(0, 1), timeline: [], mayAskMoreTime: false },
  ],
  'follow-up': [
    followUp,
    {
      ...followUp,
      ...stranger,
      step: 2,
      steps: 2,
      timeline: [{ at: '2026-03-12T10:00:00Z', what: 'close' }],
      canReopen: false,
    },
    { ...followUp, step: 3, timeline: [], mayAskMoreTime: false },
  ],
  'more-time': [
    { ...person, timeline: answer.timeline },
    { ...stranger, timeline: [] },
  ],
  reopened: [person, stranger],
  'closed-by-customer': [closed, { ...closed, reopenUntil: null, solution: '' }, lockedClosed],
  'closed-by-support': [closed, { ...closed, reopenUntil: null, solution: '' }, lockedClosed],
  'closed-no-response': [closed, { ...closed, reopenUntil: null, solution: '' }, lockedClosed],
  'release-notice': [release, { ...release, ...stranger, timeline: [], mayAskMoreTime: false }],
  'engineer-new-case': [engineer, bareEngineer],
  'engineer-reply': [engineer, bareEngineer, { ...engineer, fromEngineering: true }],
  'engineer-held': [
    { ...engineer, notice: 'the mail does not prove its sender (DMARC failed)' },
    { ...bareEngineer, notice: 'the words came before under the same Message-ID' },
  ],
  'engineer-warning': [
    { ...engineer, percent: 75, breached: false },
    { ...engineer, percent: 100, breached: true },
    { ...bareEngineer, percent: 100, breached: true },
  ],
  'engineer-notice': [
    { ...engineer, notice: 'Linus Sample has given you this case.' },
    { ...bareEngineer, notice: 'The customer has not answered three reminders.' },
    { ...engineer, notice: 'Ines passed this case to you.', toEngineering: true },
  ],
  'engineer-away': [{ ...person, notice: 'You are away to the end of 2026-12-01: new cases go to others.' }],
  'sign-in': [
    {
      zone,
      recipientName: 'Ada Example',
      link: 'https://support.example.com/sign-in/confirm#k3J9',
      code: '482 913',
      minutes: 15,
      browser: 'Firefox on Linux',
    },
    {
      zone: 'UTC',
      recipientName: '',
      link: 'https://support.example.com/sign-in/confirm#k3J9',
      code: '482 913',
      minutes: 15,
      browser: '',
    },
  ],
};

/** The examples of one kind, the fullest first. */
export function samples<Kind extends LetterKind>(kind: Kind): LetterVariables[Kind][] {
  return all[kind];
}

/** Example facts of the sender, as `compose` adds them. */
export const sampleAdded: AddedByCompose = {
  language: 'en',
  caseNumber: '00000002',
  caseTag: '[Case 00000002]',
  company: 'Example',
  mailboxAddress: 'support@example.com',
  publicUrl: 'https://support.example.com',
  caseUrl: 'https://support.example.com/cases/00000002',
  resolvedWord: 'RESOLVED',
  moreTimeWord: 'MORE TIME',
  resolvedUrl: 'mailto:support@example.com?subject=Re%3A%20%5BCase%2000000002%5D&body=RESOLVED',
  moreTimeUrl: 'mailto:support@example.com?subject=Re%3A%20%5BCase%2000000002%5D&body=MORE%20TIME',
  notSolvedUrl: 'mailto:support@example.com?subject=Re%3A%20%5BCase%2000000002%5D&body=It%20does%20not%20work%20yet',
};
