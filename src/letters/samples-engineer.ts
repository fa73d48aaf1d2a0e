// The examples of what engineers are told.
import { person } from './samples-people.ts';
import type { EngineerVariables } from './variables.ts';

/** A case with everything an engineer can be told of it. */
export const engineer: EngineerVariables = {
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

/** One with as little as can be. */
export const bareEngineer: EngineerVariables = {
  ...engineer,
  requesterName: '',
  target: null,
  attachments: [],
  hint: null,
  text: '',
};
