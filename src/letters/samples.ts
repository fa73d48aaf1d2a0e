// Example variables of every letter, invented: what `casepost check` renders shipped and edited templates with, and the list of the names
// each letter knows. Of each kind the first has everything filled in, the second as little as can be.
import type { LetterKind } from '../cases/decision.ts';
import type {
  AcknowledgmentVariables,
  AddedByCompose,
  AnswerVariables,
  ClosedVariables,
  EngineerVariables,
  FollowUpVariables,
  LetterVariables,
  ReleaseVariables,
} from './variables.ts';

const zone = 'Europe/Berlin';
const person = { zone, recipientName: 'Ada Example', subject: 'Backup of the file server stops at 40 %' };
const stranger = { zone: 'UTC', recipientName: '', subject: '(no subject)' };

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

const engineer: EngineerVariables = {
  ...person,
  recipientName: 'Grace Sample',
  requester: 'ada@customer.example',
  requesterName: 'Ada Example',
  text: 'Hello,\n\nsince Monday the backup of our file server stops at 40 % with "error 0x00070016".\nNothing was changed.\n\nAda',
  severity: 'B',
  severityBecause: 'the text says "backup … stops" and nothing of data loss (rule backup-failing)',
  planTitle: 'Advantage Premier',
  planBecause: 'ada@customer.example belongs to Example Ltd, subscribed until 2026-12-31',
  target: { at: '2026-03-03T09:00:00Z', hours: null },
  targetBecause: '1 day from Mon 2 Mar 10:00, counted day and night',
  ownerBecause: 'you know this product and have the fewest open cases of those at work now',
  attachments: [
    { name: 'backup.log', type: 'text/plain', size: 48_213 },
    { name: 'error.png', type: 'image/png', size: 1_204_000 },
  ],
  hint: 'The customer writes from a second address; it is not a participant of this case.',
  fromEngineering: false,
  toEngineering: false,
  caseCommand: 'casepost case show 1',
  replyMarker: '--- Your answer goes above this line (case 00000002, c2.aftu.ctpgzninvpberlgq) ---',
};
const bareEngineer: EngineerVariables = {
  ...engineer,
  requesterName: '',
  target: null,
  attachments: [],
  hint: null,
  text: '',
};

const all: { [Kind in LetterKind]: LetterVariables[Kind][] } = {
  acknowledgment: [acknowledgment, bareAcknowledgment],
  'linked-case': [
    { ...acknowledgment, previousNumber: '00000001', reason: 'never-reopens' },
    { ...bareAcknowledgment, previousNumber: '00000001', reason: 'closed-too-long-ago' },
  ],
  answer: [answer, { ...answer, ...stranger, timeline: [], mayAskMoreTime: false }],
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
  'closed-by-customer': [closed, { ...closed, reopenUntil: null, solution: '' }, lockedClosed],
  'closed-by-support': [closed, { ...closed, reopenUntil: null, solution: '' }, lockedClosed],
  'closed-no-response': [closed, { ...closed, reopenUntil: null, solution: '' }, lockedClosed],
  'release-notice': [release, { ...release, ...stranger, timeline: [], mayAskMoreTime: false }],
  'engineer-new-case': [engineer, bareEngineer],
  'engineer-reply': [engineer, bareEngineer, { ...engineer, fromEngineering: true }],
  'engineer-notice': [
    { ...engineer, notice: 'Three quarters of the time to the first answer are used.' },
    { ...bareEngineer, notice: 'The customer has not answered three reminders.' },
    { ...engineer, notice: 'Ines passed this case to you.', toEngineering: true },
  ],
  'engineer-away': [{ ...person, notice: 'You are away to the end of 2026-12-01: new cases go to others.' }],
};

/** The examples of one kind, the fullest first. */
export function samples<Kind extends LetterKind>(kind: Kind): LetterVariables[Kind][] {
  return all[kind];
}

/** Example facts of the sender, as `compose` adds them. */
export const sampleAdded: AddedByCompose = {
  caseNumber: '00000002',
  caseTag: '[Case 00000002]',
  company: 'Example',
  mailboxAddress: 'support@example.com',
  publicUrl: 'https://support.example.com',
  caseUrl: 'https://support.example.com/cases/00000002',
  resolvedUrl: 'mailto:support@example.com?subject=Re%3A%20%5BCase%2000000002%5D&body=RESOLVED',
  moreTimeUrl: 'mailto:support@example.com?subject=Re%3A%20%5BCase%2000000002%5D&body=MORE%20TIME',
  notSolvedUrl: 'mailto:support@example.com?subject=Re%3A%20%5BCase%2000000002%5D&body=It%20does%20not%20work%20yet',
};
