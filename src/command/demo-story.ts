// The demo's script for the people in it: who writes what, and when. What the gateway makes of it is not written here.
import type { Stage } from './demo.ts';
import { fixture } from './demo-world.ts';

const grace = 'Grace Miller <grace.miller@northwind.example>';
const ines = 'Ines Castell <ines@casepost.example>';
const joerg = '=?utf-8?Q?J=C3=B6rg_Wei=C3=9F?= <joerg.weiss@fabrik.example>';
const tom = 'Tom Okafor <tom@casepost.example>';

/** Tells the two cases, and what happens to mail that does not belong. */
export async function tellStory(stage: Stage): Promise<void> {
  const { tell } = stage;
  tell.chapter('A corporate customer writes, is answered, stays silent, and says RESOLVED');
  await stage.mailArrives(
    'Grace writes to the support address.',
    fixture('01-backup-fails.eml'),
    'support@casepost.example',
  );
  await later(stage, { hours: 2, minutes: 13 });
  await stage.answers('Ines answers the notification in her mail program.', ines, text('02-engineer-answers.txt'));
  await stage.nextStep();
  await later(stage, { minutes: 1 });
  await stage.answersBytes(
    'Grace’s mailbox answers by itself: she is away until it is RESOLVED.',
    'grace.miller@northwind.example',
    fixture('04-vacation.eml'),
  );
  await stage.nextStep();
  await stage.nextStep();
  await later(stage, { hours: 26 });
  await stage.answers('Grace answers with one word and a thank-you.', grace, text('03-resolved.txt'));
  tell.detail('status', `case 00000001 is ${await stage.caseStatus(1)}`);

  tell.chapter('A stranger who knows the number gets nothing');
  await later(stage, { hours: 1 });
  await stage.mailArrives('Mallory quotes the case number.', fixture('08-stranger.eml'), 'support@casepost.example');

  tell.chapter('A mobility case closes itself, and a late answer opens a linked one');
  stage.setClock(Temporal.Instant.from('2026-04-07T12:05:00Z'));
  const opened = await stage.mailArrives(
    'Jörg writes to the mobility address.',
    fixture('05-reports-export.eml'),
    'mobility@casepost.example',
  );
  await later(stage, { minutes: 40 });
  await stage.answers('Tom answers the notification.', tom, text('06-engineer-asks.txt'));
  while (await stage.nextStep());
  if (opened.caseNumber !== null) {
    tell.detail('status', `the case is ${await stage.caseStatus(opened.caseNumber)}`);
  }
  await later(stage, { hours: 50 });
  await stage.answers('Jörg answers after all.', joerg, text('07-late-reply.txt'));
}

async function later(stage: Stage, duration: Temporal.DurationLike): Promise<void> {
  stage.setClock(stage.now().add(duration));
}

function text(name: string): string {
  return fixture(name).toString('utf8');
}
