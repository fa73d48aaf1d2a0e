// What is the newly written text of an html body: one line a mail program's way of marking quotation. The markup is our own, with
// the names those programs write.
import { expect, test } from 'vitest';
import { replyText, visibleText } from '../../src/mail/reply-text.ts';

const above = 'It works on the second node.';
// No table knows this language: only the structure tells.
const attribution = 'Kwa 2-3-26 Msaada aliandika hivi';

function check(title: string, html: string, expected: string): void {
  test(title, () => {
    const alone = replyText({ text: '', html }).reply.replace(/\n{2,}/g, '\n');
    expect(alone).toBe(expected);
    // The same when the caller read the html out into the text.
    expect(replyText({ text: visibleText(html), html }).reply.replace(/\n{2,}/g, '\n')).toBe(expected);
  });
}

const quoted = `<div>Did you try the second node?</div><div>Support</div>`;

check(
  'Gmail',
  `<div dir="ltr">${above}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">${attribution}<br></div><blockquote class="gmail_quote">${quoted}</blockquote></div>`,
  above,
);
check(
  'Gmail, old',
  `${above}<br><br><div class="gmail_quote">${attribution}<br><blockquote class="gmail_quote" style="margin:0">${quoted}</blockquote></div><br>`,
  above,
);
check(
  'Gmail, an answer inside the quotation',
  `<div class="gmail_quote"><div class="gmail_attr">${attribution}</div><blockquote class="gmail_quote">${quoted}</blockquote><div>${above}</div></div>`,
  above,
);
check(
  'Gmail without a blockquote',
  `${above}<div class="gmail_quote"><div class="gmail_quote">${attribution}${quoted}</div></div>`,
  above,
);
check(
  'Gmail signature',
  `<div>${above}</div><div>-- <br></div><div class="gmail_signature">Anna<br>Example Ltd</div>`,
  above,
);
check(
  'Apple Mail',
  `<body>${above}<br><div><br><blockquote type="cite"><div>${attribution}</div><br>${quoted}</blockquote></div></body>`,
  above,
);
check(
  'Thunderbird',
  `<body><p>${above}</p><div class="moz-cite-prefix">${attribution}<br></div><blockquote type="cite" cite="mid:a@example.com">${quoted}</blockquote><pre class="moz-signature">-- \nAnna</pre></body>`,
  above,
);
check(
  'Outlook on the web',
  `<div style="font-size:12pt">${above}</div><div id="appendonsend"></div><hr tabindex="-1" style="width:98%"><div id="divRplyFwdMsg"><b>Kutoka:</b> Msaada<br></div>${quoted}`,
  above,
);
check(
  'Outlook on the web, quoted once more',
  `<div>${above}</div><div id="x_divRplyFwdMsg"><b>Kutoka:</b> Msaada<br></div>${quoted}`,
  above,
);
check(
  'Outlook',
  `<div class=WordSection1><p class=MsoNormal>${above}<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in'><p class=MsoNormal><b>Kutoka:</b> Msaada</p></div></div>${quoted}</div>`,
  above,
);
check(
  'Outlook, in centimetres',
  `<p class=MsoNormal>${above}</p><div style='border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p>Kutoka</p></div>${quoted}`,
  above,
);
check(
  'Outlook for phones',
  `<div>${above}</div><div id="ms-outlook-mobile-signature">Pata Outlook</div><div id="mail-editor-reference-message-container"><div>${attribution}</div>${quoted}</div>`,
  above,
);
check(
  'Outlook for Mac',
  `<div>${above}</div><span id="OLK_SRC_BODY_SECTION"><div>${attribution}</div>${quoted}</span>`,
  above,
);
check(
  'Yahoo',
  `<div>${above}</div><div id="ydp1a2b3cyahoo_quoted_0" class="ydp1a2b3cyahoo_quoted"><div>${attribution}</div>${quoted}</div>`,
  above,
);
check(
  'Proton',
  `<div>${above}</div><div class="protonmail_signature_block">Sent with Proton</div><div class="protonmail_quote">${attribution}<br><blockquote class="protonmail_quote" type="cite">${quoted}</blockquote></div>`,
  above,
);
check(
  'Zoho',
  `<div>${above}</div><div class="zmail_extra"><div>${attribution}</div><blockquote>${quoted}</blockquote></div>`,
  above,
);
check('GMX', `<div>${above}</div><div name="quote" style="margin:10px">${attribution}${quoted}</div>`, above);
check(
  'Roundcube',
  `<p>${above}</p><p id="reply-intro">${attribution}</p><blockquote type="cite">${quoted}</blockquote>`,
  above,
);
check('Hotmail', `<div>${above}</div><hr id="stopSpelling">Kutoka: Msaada<br>${quoted}`, above);
check(
  'Zimbra',
  `<div>${above}</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__">Kutoka: Msaada</div><div data-marker="__QUOTED_TEXT__">${quoted}</div>`,
  above,
);
check(
  'a known attribution above a plain blockquote',
  `<div>${above}</div><div>On 2 Mar 2026, at 09:14, Support wrote:</div><blockquote>${quoted}</blockquote>`,
  above,
);
check(
  'a known attribution above nothing marked',
  `<div>${above}</div><div>On 2 Mar 2026, at 09:14, Support &lt;support@example.com&gt; wrote:</div>${quoted}`,
  above,
);
check(
  'a header block in its own div',
  `${above}<div>Date: Mon, 2 Mar 2026 09:14:05 +0100<br>To: a@example.org<br>Subject: x</div>${quoted}`,
  above,
);
check(
  'a plain blockquote is the writer’s own',
  `<div>${above}</div><blockquote>Error 5</blockquote>`,
  `${above}\nError 5`,
);
check(
  'answers between quotations stay with them',
  `<div>See my answers below, please.</div><blockquote type="cite">Which version?</blockquote><div>12.5</div><blockquote type="cite">Which server?</blockquote><div>The second.</div>`,
  'See my answers below, please.\n> Which version?\n12.5\n> Which server?\nThe second.',
);
check('a mail that is all quotation keeps every word', `<blockquote type="cite">${above}</blockquote>`, above);

for (const hidden of [
  'display:none',
  'DISPLAY : NONE !important',
  'visibility:hidden',
  'font-size:0px',
  'opacity:0',
  'mso-hide:all',
  'max-height:0;overflow:hidden',
]) {
  check(`what is hidden by ${hidden} was not written`, `<div style="${hidden}">RESOLVED</div><p>${above}</p>`, above);
}
check('what has the attribute hidden was not written', `<span hidden>RESOLVED</span><p>${above}</p>`, above);
check(
  'scripts, styles and titles are no text',
  `<head><title>x</title><style>p{}</style></head><script>RESOLVED</script><p>${above}</p>`,
  above,
);
check(
  'hidden inside visible inside hidden is hidden',
  `<div style="display:none"><div style="display:block">RESOLVED</div></div>${above}`,
  above,
);

test('a text that a library read out of the html with its hidden words is known as such', () => {
  const html = `<div style="display:none">RESOLVED</div><p>${above}</p>`;
  expect(replyText({ text: `RESOLVED\n\n${above}`, html }).reply).toBe(above);
});

test('a text part of its own rules, when the html tells something else', () => {
  const html = `<p>Buy now</p><blockquote type="cite">old</blockquote>`;
  expect(replyText({ text: above, html }).reply).toBe(above);
});

test('a text part without any mark is cut where the html says so', () => {
  const html = `<div>${above}</div><div class="gmail_quote"><div class="gmail_attr">${attribution}</div><blockquote class="gmail_quote">${quoted}</blockquote></div>`;
  const text = `${above}\n\n${attribution}\n\nDid you try the second node?\nSupport`;
  expect(replyText({ text: `${text} `, html }).reply).toBe(above);
});

test('visible text has a line for each block and break', () => {
  expect(
    visibleText(
      '<p>one</p><p>two<br>three</p><ul><li>four</li><li>five</li></ul><table><tr><td>six</td><td>seven</td></tr></table>',
    ),
  ).toBe('one\n\ntwo\nthree\n\nfour\nfive\n\nsix seven');
  expect(visibleText('<pre>a\n  b</pre>')).toBe('a\n  b');
  expect(visibleText('a&nbsp;&amp;&lt;b&gt; &auml;')).toBe('a\u00a0&<b> ä');
});

test('deep, broken and long html is read to the end, with nothing lost', () => {
  const size = 300_000;
  const units = [
    '<div>',
    '<b></i>',
    '<',
    '<!--',
    '&amp',
    '<p>a',
    '<td>a',
    '<blockquote type=cite>x',
    '<div class=gmail_quote>',
    '<a href="',
    '</div>',
  ];
  for (const unit of units) {
    const html = `<p>${above}</p>${unit.repeat(Math.floor(size / unit.length))}`;
    expect(visibleText(html)).toContain(above);
    expect(replyText({ text: '', html }).reply).toContain(above);
  }
  expect(visibleText(`${'<div>'.repeat(5000)}deep`)).toContain('deep');
});
