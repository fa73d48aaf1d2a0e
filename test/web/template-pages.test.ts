// The pages of letters as a browser without script asks for them: everything is a form, nothing that was typed is lost, and two who write at once are told
// of each other.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rows } from '../../src/store/db.ts';
import { whyMissing } from '../servers/programs.ts';
import { lettersDesk, other, type LettersDesk } from '../page/letters.ts';
import { admin, type Answer, type TestBrowser } from './visitor.ts';

const missing = whyMissing('postgres');
const at = '/templates/en/closed-by-support';

describe.skipIf(missing)(`the pages of letters ${missing ?? ''}`, { timeout: 60_000 }, () => {
  let served: LettersDesk;
  let ada: TestBrowser;
  let shipped: string;
  beforeAll(async () => {
    served = await lettersDesk();
    ada = await served.browser(admin);
    shipped = sourceIn(await ada.get(at));
  }, 60_000);
  afterAll(() => served?.stop());
  beforeEach(async () => {
    await rows(served.db, 'delete from template_versions');
    await rows(served.db, 'delete from outbox');
  });

  const versions = () =>
    rows<{ author: string; note: string; source: string }>(
      served.db,
      'select author, note, source from template_versions order by id',
    );
  const publish = (fields: Record<string, string>) => ada.post(at, { base: '', note: '', ...fields }, '/account');
  const changed = (words: string) => shipped.replace('{{> hello}}', `{{> hello}}\n\n${words}`);

  it('what is published is in force, with who and why, and the page says so', async () => {
    const crlf = changed('Good day.').replaceAll('\n', '\r\n');
    const { code, to } = await publish({ source: crlf, note: ' warmer ' });
    expect(code).toBe(303);
    expect(await versions()).toEqual([{ author: admin, note: 'warmer', source: changed('Good day.') }]);
    const page = await ada.get(to ?? '');
    expect(page.text).toContain('Published.');
    expect(sourceIn(page)).toBe(changed('Good day.'));
    const list = await ada.get('/templates');
    expect(plain(list)).toMatch(
      /Changed here Closed by support , English ada@help\.example, 2 Mar 2026, 09:00 UTC : warmer/,
    );
  });

  it('the same text again is no version', async () => {
    const { to } = await publish({ source: shipped });
    expect((await ada.get(to ?? '')).text).toContain('Nothing was published');
    expect(await versions()).toEqual([]);
  });

  it('what is wrong is not published, and comes back as it was typed', async () => {
    const wrong = changed('{{compny}} & <b>');
    const page = await publish({ source: wrong, note: 'a & b', base: '' });
    expect(page.code).toBe(422);
    expect(plain(page)).toMatch(/Line \d+, column \d+ "compny" .*did you mean "company"/);
    expect(sourceIn(page)).toBe(wrong);
    expect(page.text).toContain('value="a &amp; b"');
    expect(await versions()).toEqual([]);
  });

  it('who is second is shown both texts, keeps theirs, and may publish it over the other knowingly', async () => {
    await served.published('en', 'closed-by-support', () => changed('Words of Bea.'));
    const page = await publish({ source: changed('Words of Ada.'), note: 'mine' });
    expect(page.code).toBe(409);
    expect(plain(page)).toContain(`${other} published another text while you wrote`);
    expect(plain(page)).toMatch(/taken out: Words of Bea ?\..*put in: Words of Ada ?\./);
    expect(sourceIn(page)).toBe(changed('Words of Ada.'));
    expect((await versions()).map(({ author }) => author)).toEqual([other]);
    const base = /name="base" value="(\d+)"/.exec(page.text)?.[1] ?? '';
    expect((await publish({ source: sourceIn(page), note: 'mine', base })).code).toBe(303);
    expect((await versions()).map(({ author }) => author)).toEqual([other, admin]);
  });

  it('a text is shown with its problems, with invented facts and with those of no case there is', async () => {
    const show = (fields: Record<string, string>) =>
      ada.post(`${at}/preview`, { source: changed('Good day.'), ...fields }, '/account');
    const invented = plain(await show({}));
    expect(invented).toContain('No problem found.');
    expect(invented).toContain('Hello Ada Example, Good day.');
    expect(plain(await show({ case: '7' }))).toContain('There is no case 00000007.');
    expect(plain(await show({ case: '<7>' }))).toContain('"<7>" is no case number; write it like 00000001.');
    expect(plain(await show({ source: changed('{{compny}}') }))).toContain('this can not be published yet');
    expect(await versions()).toEqual([]);
  });

  it('the html of a letter stands alone, under a policy that lets it run and load nothing', async () => {
    const { text, headers } = await ada.post(`${at}/html`, { source: changed('Good day.') }, '/account');
    expect(text).toMatch(/^<!doctype html>/);
    expect(text).toContain('Your case is closed');
    const policy = headers.get('content-security-policy')?.split(';') ?? [];
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", "style-src 'unsafe-inline'", "form-action 'none'", 'sandbox']),
    );
    expect(policy.filter((part) => /script|img|connect/.test(part) && !part.endsWith("'none'"))).toEqual([]);
  });

  it('a test letter goes to who asks, whatever the form says', async () => {
    const page = await ada.post(
      `${at}/send-test`,
      { source: changed('Good day.'), to: 'eve@evil.example' },
      '/account',
    );
    expect(plain(page)).toContain(`On its way to ${admin}.`);
    expect(sourceIn(page)).toBe(changed('Good day.'));
    expect(await rows(served.db, 'select recipient, kind from outbox')).toEqual([{ recipient: admin, kind: 'test' }]);
  });

  it('no test letter leaves with problems, or for a case that is not there', async () => {
    const test = (fields: Record<string, string>) =>
      ada.post(`${at}/send-test`, { source: shipped, ...fields }, '/account');
    expect(plain(await test({ source: changed('{{compny}}') }))).toContain('Nothing was sent. The text has problems.');
    expect(plain(await test({ case: '7' }))).toContain('Nothing was sent. There is no case 00000007.');
    expect(plain(await test({ case: 'seven' }))).toContain('Nothing was sent.');
    expect(await rows(served.db, 'select 1 from outbox')).toEqual([]);
  });

  it('an earlier text is compared and restored as a new version', async () => {
    await publish({ source: changed('First.') });
    const base = String((await rows<{ id: number }>(served.db, 'select id from template_versions'))[0]?.id);
    await publish({ source: changed('Second.'), base });
    expect((await ada.get(`${at}/history`)).text).toContain(`compare?from=${base}&amp;to=now`);
    const compare = await ada.get(`${at}/compare?from=${base}&to=now`);
    expect(plain(compare)).toMatch(/taken out: First ?\..*put in: Second ?\./);
    const ruling = /name="base" value="(\d+)"/.exec(compare.text)?.[1] ?? '';
    const restore = (to: string, from = ruling) =>
      ada.post(`${at}/restore`, { to, base: from, note: 'better' }, '/account');
    expect((await restore('99999')).code).toBe(404);
    expect((await restore(base, base)).code).toBe(409);
    expect((await restore(base)).code).toBe(303);
    expect((await versions()).map(({ source }) => source)).toEqual(['First.', 'Second.', 'First.'].map(changed));
  });

  it('what is no letter has no page', async () => {
    for (const path of [
      '/templates/en/nothing',
      '/templates/en/_nothing',
      '/templates/%2e%2e/closed-by-support',
      '/templates/en/nothing/history',
      '/templates/en/nothing/compare',
    ])
      expect([path, (await ada.get(path)).code]).toEqual([path, 404]);
    expect((await ada.post('/templates/en/nothing', { source: shipped }, at)).code).toBeOneOf([404, 422]);
    expect(await versions()).toEqual([]);
  });

  it('the editor’s script is asked for once', async () => {
    const { headers, text } = await ada.get('/templates/editor.js');
    expect(text.length).toBeGreaterThan(300_000);
    expect((await ada.get('/templates/editor.js', { 'if-none-match': headers.get('etag') ?? '' })).code).toBe(304);
  });
});

/** The text area's text, as a browser reads it. */
function sourceIn({ text }: Answer): string {
  return unescaped(/<textarea[^>]*>([^]*?)<\/textarea>/.exec(text)?.[1] ?? '');
}

/** What a page says, without its marks. */
function plain({ text }: Answer): string {
  return unescaped(text.replaceAll(/<textarea[^]*?<\/textarea>|<[^>]+>/g, ' ')).replaceAll(/\s+/g, ' ');
}

function unescaped(text: string): string {
  const marks: Record<string, string> = {
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    '#x27': "'",
    '#x3D': '=',
    '#x60': '`',
  };
  return text.replaceAll(/&([\w#]+);/g, (whole, name: string) => marks[name] ?? whole);
}
