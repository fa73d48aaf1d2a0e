// The text of a letter that has only an html: what a person would read in it, in lines. Web addresses are shown; a link that prepares a mail is not,
// since its reader can just answer.
import { convert } from 'html-to-text';

const options = {
  wordwrap: false as const,
  selectors: [
    { selector: 'a', options: { ignoreHref: true } },
    {
      selector: 'a[href^="http"]',
      format: 'anchor',
      options: { hideLinkHrefIfSameAsText: true, linkBrackets: ['(', ')'] as [string, string] },
    },
    { selector: 'head', format: 'skip' },
    { selector: 'img', format: 'skip' },
    ...['h1', 'h2', 'h3', 'h4'].map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: 'ul', options: { itemPrefix: '- ' } },
    { selector: 'table', format: 'block' },
    { selector: 'td', format: 'inline' },
    { selector: 'tr', format: 'block' },
  ],
};

/** The words of an html part in lines, not wrapped yet. */
export function derivedText(html: string): string {
  return convert(html, options);
}
