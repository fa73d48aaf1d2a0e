// The words of letters in the database: what is broken is never saved, two who save at once are told of each other, every version is kept and counted,
// and one that turns out to be broken where letters are made stands back: the mail goes out and an alarm tells it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultConfig, type Config } from '../src/config.ts';
import { carryOut, openDesk, type Desk } from '../src/desk.ts';
import { openChecker } from '../src/letters/checker.ts';
import { insertCase } from '../src/store/cases.ts';
import { openAlarms } from '../src/store/alarms.ts';
import { openDatabase, rows, type Database, type Db } from '../src/store/db.ts';
import { migrate } from '../src/store/migrate.ts';
import { insertTemplate } from '../src/store/templates.ts';
import { templateList, templateShown } from '../src/template-list.ts';
import { previewOnCase, previewTemplate, sendTest } from '../src/template-preview.ts';
import { watchTemplates } from '../src/template-watch.ts';
import { importTemplates, restoreTemplate, saveTemplate, templateVersions, type Saved } from '../src/templates.ts';
import { aCase, monday } from './builders.ts';
import { aRequest } from './letters/build.ts';
import { whyMissing } from './servers/programs.ts';
import { sharedDatabase } from './servers/shared-postgres.ts';
import { until } from './story/until.ts';

const missing = whyMissing('postgres');
const name = { language: 'de', name: 'reopened' };
const by = { author: 'ada@help.example', note: 'warmer' };
const text = (words: string) =>
  `--- subject ---\n{{caseTag}} ${words}\n--- text ---\n${words}\n--- html ---\n<p>${words}</p>\n`;

describe.skipIf(missing)(`the words of letters${missing ? ` (${missing})` : ''}`, { timeout: 60_000 }, () => {
  let database: Database;
  let db: Db;
  let desk: Desk;
  const checker = openChecker();
  const config = defaultConfig({}) as Config;
  beforeAll(async () => {
    database = await openDatabase((await sharedDatabase('templates')).url);
    ({ db } = database);
    await migrate(db);
  });
  beforeEach(async () => {
    await rows(db, 'truncate outbox, entries, cases, template_versions, alarms restart identity cascade');
    desk = await openDesk(config, db, monday);
  });
  afterAll(async () => {
    await checker.close();
    await database.close();
  });
  const save = (source: string, base: number | null, more = {}): Promise<Saved> =>
    saveTemplate(db, desk, checker, { ...name, ...by, source, base, ...more }, monday);
  const saved = async (source: string, base: number | null): Promise<number> => {
    const made = await save(source, base);
    if (!('saved' in made)) throw new Error(JSON.stringify(made));
    return made.saved;
  };
  const reopened = (key: string) =>
    aRequest('reopened', { key, language: 'de', caseNumber: 7 }, { recipientName: 'Ann', subject: 'disk' });
  const write = async (key: string): Promise<string> => {
    const effects = [{ effect: 'letter', letter: reopened(key) } as const];
    const decision = {
      reason: 'closed-case-reopened',
      because: 'a test',
      caseNumber: 7,
      effects: [...effects],
    } as const;
    await db.transaction((trx) =>
      carryOut(
        trx,
        desk,
        { ...decision, effects: [...effects] },
        { inboundId: null, mailbox: config.mailboxes[0]?.id ?? '' },
        monday,
      ),
    );
    const [letter] = await rows<{ text: string }>(db, 'select text from outbox where key = :key', { key });
    return letter?.text.split('\n')[0] ?? '';
  };
  const openCase = () => db.transaction((trx) => insertCase(trx, aCase({ subject: 'disk' })));

  it('are saved, rule at once, and are told as changed', async () => {
    expect(await saved(text('Guten Morgen {{recipientName}}'), null)).toBe(1);
    desk = await openDesk(config, db, monday);
    const shown = await templateShown(db, desk, name);
    expect(shown).toMatchObject({
      state: 'changed',
      version: 1,
      author: by.author,
      note: 'warmer',
      shippedMoved: false,
    });
    const changed = (await templateList(db, desk)).filter(({ state }) => state === 'changed');
    expect(changed.map((row) => `${row.language}/${row.name}`)).toEqual(['de/reopened']);
    await openCase();
    expect(await write('one')).toBe('Guten Morgen Ann');
  });

  it('are not saved when they are broken, or break a letter they are part of', async () => {
    const wrong = await save(text('{{recipientNam}}'), null);
    expect('problems' in wrong && wrong.problems[0]?.message).toContain('did you mean "recipientName"?');
    const partial = await save('--- text ---\nx\n--- html ---\n<p>{{engineerName}}</p>\n', null, { name: '_hello' });
    expect('problems' in partial && partial.problems[0]?.message).toContain('is no variable of this letter');
    expect(await rows(db, 'select 1 from template_versions')).toEqual([]);
  });

  it('saved by two at once: the second is told, with both texts, and can save over it knowingly', async () => {
    const both = await Promise.all([save(text('eins'), null), save(text('zwei'), null)]);
    const [won] = both.filter((one) => 'saved' in one);
    const [lost] = both.filter((one) => 'conflict' in one);
    const theirs = (await templateShown(db, desk, name))?.source;
    expect([won && 'saved' in won && won.saved, lost && 'conflict' in lost && lost.conflict]).toEqual([
      1,
      { version: 1, source: theirs, author: by.author, savedAt: monday },
    ]);
    expect(await saved(text('drei'), 1)).toBe(2);
  });

  it('are counted by the mails they sent, compared, and taken back', async () => {
    await openCase();
    await write('shipped');
    await saved(text('eins'), null);
    desk = await openDesk(config, db, monday);
    await write('first');
    await write('second');
    await saved(text('zwei'), 1);
    await rows(db, `update outbox set state = 'sent', sent_at = :monday where key <> 'second'`, { monday });
    expect(await restoreTemplate(db, desk, checker, { ...name, ...by, note: '', to: 1, base: 2 }, monday)).toEqual({
      saved: 3,
      unchanged: false,
    });
    const counted = async () =>
      (await templateVersions(db, desk, name)).map(({ version, note, sent }) => [version, note, sent]);
    expect(await counted()).toEqual([
      [3, 'back to version 1', 0],
      [2, 'warmer', 0],
      [1, 'warmer', 1],
      [null, '', 1],
    ]);
    await restoreTemplate(db, desk, checker, { ...name, ...by, to: null, base: 3 }, monday);
    expect(await templateShown(db, desk, name)).toMatchObject({ state: 'shipped', version: 4 });
  });

  it('of a folder are taken all or none', async () => {
    const drafts = [
      { ...name, source: text('eins') },
      { language: 'it', name: 'reopened', source: text('uno') },
      { language: 'de', name: 'answer', source: text('RESOLVED') },
    ];
    const refused = await importTemplates(db, desk, checker, { drafts, ...by }, monday);
    expect('problems' in refused && refused.problems[0]?.file).toBe('de/answer.hbs');
    expect(await rows(db, 'select 1 from template_versions')).toEqual([]);
    const taken = await importTemplates(db, desk, checker, { drafts: drafts.slice(0, 2), ...by }, monday);
    expect(taken).toEqual({ saved: [name, { language: 'it', name: 'reopened' }], unchanged: 0 });
    expect((await templateShown(db, desk, { language: 'it', name: 'reopened' }))?.state).toBe('own');
    expect(await importTemplates(db, desk, checker, { drafts: drafts.slice(0, 2), ...by }, monday)).toEqual({
      saved: [],
      unchanged: 2,
    });
  });

  it('that turn out to be broken stand back for the last good ones, the mail goes out, and an alarm tells it', async () => {
    await openCase();
    await saved(text('gut'), null);
    const row = { ...name, ...by, shipped: null };
    await db.transaction((trx) => insertTemplate(trx, { ...row, source: text('{{onlyANewerProgramKnows}}') }, monday));
    desk = await openDesk(config, db, monday);
    expect(await write('one')).toBe('gut');
    const [alarm] = await openAlarms(db);
    expect(alarm?.key).toBe('template:de/reopened');
    expect(alarm?.text).toContain('"onlyANewerProgramKnows" is no variable of this letter');
    const [letter] = await rows(db, `select language, templates from outbox where key = 'one'`);
    expect(letter).toEqual({ language: 'de', templates: ['1'] });
  });

  it('that fail with one letter only stand back for the shipped ones', async () => {
    await openCase();
    // The walk finds nothing, for it does not know what a name is filled with.
    await db.transaction((trx) =>
      insertTemplate(trx, { ...name, ...by, shipped: null, source: text('{{day recipientName}}') }, monday),
    );
    desk = await openDesk(config, db, monday);
    expect(await write('one')).toBe('Guten Tag Ann,');
    expect((await openAlarms(db)).map(({ key }) => key)).toEqual(['template:de/reopened']);
  });

  it('reach a running gateway; a broken version does not, and its alarm is over with the next sound one', async () => {
    const ending = new AbortController();
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const watching = watchTemplates({ db, desk, checker, now: () => monday, log, signal: ending.signal });
    const version = () => desk.templates.texts.get('de')?.get('reopened')?.version ?? null;
    await saved(text('eins'), null);
    await until('the first version rules', () => version() === 1);
    const row = { ...name, ...by, shipped: null };
    await db.transaction((trx) => insertTemplate(trx, { ...row, source: text('{{nobody}}') }, monday));
    await until('the alarm', async () => (await openAlarms(db)).length === 1);
    expect(version()).toBe(1);
    await saved(text('drei'), 2);
    await until('the third version rules', () => version() === 3);
    expect(await openAlarms(db)).toEqual([]);
    ending.abort();
    await watching;
  });

  it('are looked at with a real case, and tried in one’s own mailbox without any way into a case', async () => {
    await openCase();
    const source = text('{{subject}}');
    const seen = await previewOnCase(db, desk, checker, { ...name, source, caseNumber: 7 }, monday);
    expect(seen).toMatchObject({ subject: '[Case 00000007] disk', text: 'disk\n' });
    expect(await previewOnCase(db, desk, checker, { ...name, source, caseNumber: 8 }, monday)).toBeNull();
    const wrong = await previewTemplate(desk, checker, { ...name, source: text('{{nobody}}') });
    expect('problems' in wrong && wrong.problems[0]?.line).toBe(2);
    await sendTest(db, desk, checker, { ...name, source, caseNumber: 7, to: 'admin@help.example' }, monday);
    const [letter] = await rows<{ raw: Buffer }>(
      db,
      'select kind, case_number, recipient, subject, raw, templates from outbox',
    );
    expect(letter).toMatchObject({
      kind: 'test',
      case_number: null,
      recipient: 'admin@help.example',
      subject: '[Test] [Case 00000007] disk',
      templates: [],
    });
    expect(letter?.raw.toString()).not.toMatch(/^Reply-To:|case-7\./im);
  });
});
