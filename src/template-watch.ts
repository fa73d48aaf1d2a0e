// Brings a changed text into every running gateway, without a restart: whether there is a new version is looked for every few seconds. Each is tried
// once more here, in the checker's thread; one that does not pass (a newer program wrote it) is not taken, what ruled before stays, and an alarm says so.
import { pause } from './bell.ts';
import type { Clock } from './clock.ts';
import type { Desk } from './desk.ts';
import type { Checker } from './letters/checker.ts';
import { prepare, templatesOf } from './letters/render.ts';
import { problemText, withText, type Texts } from './letters/texts.ts';
import { errorText, type Log } from './log.ts';
import { clearAlarm, raiseAlarm } from './store/alarms.ts';
import { worldFailed, type Db } from './store/db.ts';
import { newestTemplateId } from './store/templates.ts';
import { alarmOf, textsInForce } from './templates.ts';

/** How long a new version may take to reach a gateway. */
export const templateSeconds = 3;

/** Watches until `signal` aborts; never rejects. Changes `desk` in one step: who composes takes a copy of it for each transaction. */
export async function watchTemplates(options: {
  db: Db;
  desk: Desk;
  checker: Checker;
  now: Clock;
  log: Log;
  signal: AbortSignal;
}): Promise<void> {
  const { db, desk, log, signal } = options;
  let known = -1;
  const passed = new Set<number>();
  while (!signal.aborted) {
    try {
      if ((await newestTemplateId(db)) !== known) {
        const { texts, newest } = await textsInForce(db, desk.baseTexts);
        desk.templates = templatesOf(await sound(options, texts, passed));
        if (known >= 0)
          log.info({ template: newest }, `letters are written with template version ${newest} from now on`);
        known = newest;
        await prepare(desk.templates, { kind: 'acknowledgment', language: desk.policy.language });
      }
    } catch (error) {
      // A database that is away is told by those who carry mail.
      if (!worldFailed(error)) log.error({ error: errorText(error) }, 'changed letters could not be looked for');
    }
    await pause(templateSeconds * 1000, signal);
  }
}

/** The texts with every changed one that does not pass replaced by what ruled before it; alarms say which, and clear for those that pass. */
async function sound(
  { db, checker, now, log }: { db: Db; checker: Checker; now: Clock; log: Log },
  texts: Texts,
  passed: Set<number>,
): Promise<Texts> {
  let taken = texts;
  for (const [language, all] of texts) {
    for (const [name, text] of all) {
      if (text.version === null || passed.has(text.version)) continue;
      const { key, told } = alarmOf({ language, name });
      const [problem] = await checker.check(taken, [{ language, name, source: text.source }]);
      if (problem) {
        log.error(
          { template: text.version, problem: problem.message },
          `template version ${text.version} is not taken`,
        );
        await raiseAlarm(db, { key, text: told(problemText(problem)) }, now());
        taken = withText(taken, { language, name }, text.before);
      } else {
        passed.add(text.version);
        await clearAlarm(db, key, now());
      }
    }
  }
  return taken;
}
