// HTML to plain text for mails without a text part: what a person would read, in lines. html-to-text does the work; we keep its input small and
// shallow, since nested markup costs it quadratic time and mail is hostile (TRUST B38, B39).
import { compile } from 'html-to-text';
import { limits } from './mail.ts';

/** Deepest markup that is converted; above it tags are only stripped. Browsers flatten at 512. */
const depthMax = 400;
/** Most tags in one mail that are converted properly. */
const tagsMax = 40_000;

const options = {
  wordwrap: false as const,
  preserveNewlines: false,
  limits: { maxInputLength: limits.htmlCharsMax, maxDepth: depthMax, maxBaseElements: 50 },
  selectors: [
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: true } },
    { selector: 'img', format: 'skip' },
    { selector: 'script', format: 'skip' },
    { selector: 'style', format: 'skip' },
    { selector: 'head', format: 'skip' },
    { selector: 'title', format: 'skip' },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: 'table', format: 'block' },
  ],
};

/** The selectors are made ready once: that takes longer than most mails. */
const converted = compile(options);

/** The text of `html` (at most `htmlCharsMax` characters of it). Never throws: what can not be converted is stripped of its tags. */
export function plainHtml(html: string): string {
  const input = html.slice(0, limits.htmlCharsMax);
  if (depthOf(input) > depthMax) return strip(input);
  try {
    return converted(input);
  } catch {
    return strip(input);
  }
}

/** A bound on the nesting: opened minus closed tags, at the worst place, void and self-closing elements left out. */
function depthOf(html: string): number {
  let depth = 0;
  let deepest = 0;
  let tags = 0;
  for (const found of html.matchAll(/<(\/?)([a-z][a-z0-9]*)/gi)) {
    const name = (found[2] ?? '').toLowerCase();
    if (/^(?:area|base|br|col|hr|img|input|link|meta|p|li|td|tr|th|dt|dd|tbody|thead|option)$/.test(name)) continue;
    depth = Math.max(0, depth + (found[1] === '/' ? -1 : 1));
    deepest = Math.max(deepest, depth);
    tags += 1;
    if (tags > tagsMax) return Number.POSITIVE_INFINITY;
  }
  return deepest;
}

function strip(html: string): string {
  return html
    .replace(/<(?:br|\/p|\/div|\/tr|\/li|\/h\d)\b[^<>]{0,1000}>/gi, '\n')
    .replace(/<[^<>]{0,4000}>/g, ' ')
    .replace(/&nbsp;/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/[ \t]{2,}/g, ' ');
}
