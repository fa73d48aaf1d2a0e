// How a mail is built, B18 to B30 and B37 to B41 of TRUST 3: whatever its parts, charsets and names are, it is a case with its bytes kept, and
// nothing of it runs, unpacks or leaves.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { morning, openHostileDesk, pauseMax, type Fate, type HostileDesk } from './desk.ts';

const opened = 'opened (new-request)';
let desk: HostileDesk;

beforeAll(async () => {
  desk = await openHostileDesk();
});
afterAll(async () => {
  await desk?.stop();
});

interface Shown {
  text: string;
  fullText: string | null;
  attachments: { name: string; type: string; size: number; contentId: string | null }[];
}

/** The mail as engineers see it on its case. */
async function shown(fate: Fate): Promise<Shown> {
  const [entry] = await desk.rows<Shown>(
    `select text, full_text as "fullText", attachments from entries where inbound_id = :id and kind = 'mail'`,
    { id: fate.inboundId },
  );
  if (!entry) throw new Error(`mail ${fate.inboundId} is on no case: ${fate.is}`);
  return entry;
}

const controls = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;

describe('an ordinary case, whatever the structure', () => {
  let hours = 0;
  const check = (fact: string, stem: string, says: RegExp): void => {
    // Several of these are one sender's: apart in time they are no storm.
    hours += 2;
    const now = morning.add({ hours });
    test(fact, async () => {
      const fate = await desk.bring(stem, { now });
      expect(fate.is).toMatch(/^(opened|held) /);
      const { text, fullText, attachments } = await shown(fate);
      expect(fullText ?? text).toMatch(says);
      expect(text).not.toMatch(controls);
      expect(JSON.stringify(attachments)).not.toMatch(/\\u00|\\ud/);
    });
  };
  check('B20: a forwarded failure is a person’s question', 'b20-forwarded-failure', /what does this failure mean/);
  check('B21: no boundary', 'boundary-missing', /\w/);
  check('B21: a boundary that is never seen', 'boundary-never-seen', /\w/);
  check('B21: a boundary that is never closed', 'boundary-unclosed', /\w/);
  check('B21: boundaries that begin alike', 'boundary-similar', /\w/);
  check(
    'B23: NUL and half characters by every road',
    'b23-nul-by-every-road',
    /Quagga.*one[^]*Quagga.*two[^]*Quagga.*three/,
  );
  check('B23: UTF-7', 'charset-utf-7', /\w/);
  check('B23: an unknown charset', 'charset-unknown', /\w/);
  check(
    'B24: broken base64, quoted-printable, uuencode and an encoding nobody knows',
    'b24-broken-encodings',
    /Quagga: one[^]*Quagga =ZZ[^]*Quagga three/,
  );
  check('B25: bare CRs', 'bare-carriage-returns', /\w/);
  check('B25: no blank line after the header', 'no-blank-line', /\w/);
  check('B25: an 8-bit header', 'header-8-bit', /\w/);
  check('B25: dots and commands on lines of their own', 'b25-smuggled-mail', /MAIL FROM:<mallory@evil\.example>/);
  check('B26: an mbox line first', 'mbox-from-line', /\w/);
  check('B26: a byte order mark first', 'byte-order-mark', /\w/);

  test('B20: a thousand mails within mails: the outer one decides', async () => {
    const inner =
      'Content-Type: message/rfc822\n\nFrom: MAILER-DAEMON@x.example\nAuto-Submitted: auto-replied\n'.repeat(1000);
    const fate = await desk.bring(
      Buffer.from(`From: nested@customer.example\nSubject: Quagga\nMIME-Version: 1.0\n${inner}\nend\n`),
    );
    expect(fate).toMatchObject({ is: opened, to: ['nested@customer.example'] });
  });

  test('B26: binary junk first is a case, with nobody as its sender when From is not found', async () => {
    const fate = await desk.bring(
      Buffer.concat([
        Buffer.from([0, 1, 2, 255, 254, 13, 0, 10]),
        Buffer.from('From: junk@customer.example\n\nQuagga junk\n'),
      ]),
    );
    expect(fate.is).toMatch(/^(opened|held) /);
  });

  test('B41: a line that looks like our marker hides nothing of a customer’s words', async () => {
    const fate = await desk.bring('b41-marker-of-ours');
    const { text, fullText } = await shown(fate);
    expect(fullText ?? text).toContain('the printer burns');
    expect(fate.toEngineers.map((letter) => letter.text).join()).toContain('the printer burns');
  });
});

describe('files are described and kept, never opened', () => {
  test('B22: a file is what its header says, and a script in it is bytes', async () => {
    const fate = await desk.bring('b22-types-that-lie');
    const { text, attachments } = await shown(fate);
    expect(attachments.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'quagga.png image/png',
      'quagga.html text/html',
      'quagga.svg image/svg+xml',
    ]);
    expect(text).not.toContain('alert');
    expect([...fate.letters, ...fate.toEngineers].map(({ html }) => html).join()).not.toMatch(/<script|<svg|onload=/i);
  });

  test('B28: what is packed stays packed: a file is as large as it came', async () => {
    const fate = await desk.bring('b28-packed-files');
    const sizes = (await shown(fate)).attachments.map(({ name, size }) => [name, size < 10_000]);
    expect(sizes).toEqual([
      ['42.zip', true],
      ['quagga.txt.gz', true],
      ['huge.png', true],
    ]);
  });

  test('B29: TNEF, PGP, S/MIME and calendars are files', async () => {
    const fate = await desk.bring('b29-formats-of-others');
    const { text, attachments } = await shown(fate);
    expect(attachments.map(({ type }) => type)).toEqual([
      'application/ms-tnef',
      'application/pgp-encrypted',
      'application/pkcs7-mime',
      'text/calendar',
    ]);
    expect(text.trim()).toBe('Quagga: files that programs like to open.');
    expect(fate.toEngineers.map(({ html }) => html).join()).not.toMatch(/<script|onerror/i);
  });

  test('B30: text around an encrypted part is not joined over it, and no letter fetches anything', async () => {
    const fate = await desk.bring('b30-encrypted-between-html');
    expect((await shown(fate)).attachments.map(({ name }) => name)).toEqual(['smime.p7m']);
    expect([...fate.letters, ...fate.toEngineers].map(({ html }) => html).join()).not.toContain('evil.example/');
  });

  test('B37: names of files are for showing: no folder, no control, no turned direction, no length', async () => {
    const { attachments } = await shown(await desk.bring('b37-names-of-files'));
    expect(attachments).toHaveLength(13);
    for (const { name } of attachments) {
      expect(name).not.toMatch(controls);
      expect(name).not.toMatch(/[/\\]|^\.\.$|\n/);
      expect(name.length).toBeLessThanOrEqual(255);
    }
    expect(attachments.filter(({ name }) => name === 'same.txt')).toHaveLength(2);
  });
});

describe('words are words', () => {
  test('B39: scripts, forms and handlers of HTML reach no letter', async () => {
    const html =
      '<body onload="x()"><script>alert(1)</script><p onclick=x>Quagga <a href=" java&#10;script:x">link</a><form action=http://evil.example/x><input></form><base href=http://evil.example/><meta http-equiv=refresh content="0;url=http://evil.example/"><style>@import url(http://evil.example/)</style><svg><style><img src=x onerror=alert(1)></svg><xmp></xmp><noscript><p title="</noscript><img src=x onerror=alert(2)>">';
    const fate = await desk.bring(
      Buffer.from(`From: html@customer.example\nSubject: Quagga\nContent-Type: text/html\n\n${html}\n`),
    );
    for (const letter of [...fate.letters, ...fate.toEngineers]) {
      expect(letter.html).not.toMatch(
        /<(?:script|form|input|base|svg|xmp|noscript|img)|<[^>]*\son\w+=|javascript:|evil\.example/i,
      );
    }
  });

  test('B40: no letter loads what a mail names', async () => {
    const html =
      '<img src="http://127.0.0.1/x"><img src="file:///etc/passwd"><img src="cid:other"><img src="//tracker.example/1.gif">';
    const fate = await desk.bring(
      Buffer.from(`From: pixel@customer.example\nContent-Type: text/html\n\n<p>Quagga pixel</p>${html}\n`),
    );
    for (const letter of [...fate.letters, ...fate.toEngineers]) expect(letter.html).not.toMatch(/<img|src=/i);
  });

  test('B42: a customer’s orders are text', async () => {
    const fate = await desk.bring('b42-orders-of-a-customer');
    const [row] = await desk.rows('select status, severity_by as by, owner from cases where number = :number', {
      number: fate.caseNumber,
    });
    expect(row).toEqual({ status: 'new', by: 'rule', owner: 'ines@engineers.example' });
  });

  test('B52: what looks like a template is not one', async () => {
    const fate = await desk.bring('b52-template-syntax');
    expect(fate).toMatchObject({ is: opened, to: ['templater@customer.example'] });
    const told = fate.toEngineers.map((letter) => letter.text).join();
    expect(told).toContain('{{company}} {{{company}}} {{#if 1}}yes{{/if}}');
    expect(told).toContain('${7*7}');
    expect(fate.toEngineers.map(({ html }) => html).join()).not.toContain('<b>bold</b>');
    expect(fate.toEngineers.map(({ subject }) => subject).join()).toContain('{{{company}}}');
  });
});

test('the event loop was never held up', () => {
  expect(desk.longestPause()).toBeLessThan(pauseMax);
});
