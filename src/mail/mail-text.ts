// Which parts of a mail are its text, and what they say: our own reading beside the library's, and the only one when it refuses.
// Alternatives show their plain text, HTML-only parts are converted, files are left to the attachments (TRUST B20–B24).
import { cleanText, cut } from './encoded-word.ts';
import { limits } from './mail.ts';
import { leaves, textOf, type Part } from './mime-part.ts';
import { plainHtml } from './plain-html.ts';

/** The text of a mail. `unusual` lists what our reading met that the library is known to read otherwise. */
export interface MailText {
  text: string;
  html: string | null;
  cut: boolean;
  unusual: string[];
}

/** What a part says. HTML is made plain only when it is asked what it says: beside a plain text it is not. */
type Said = () => string;

interface Reading {
  texts: Said[];
  htmls: string[];
  unusual: string[];
}

/** Reads the text of a message. Never throws; over `textCharsMax` / `htmlCharsMax` it is cut. */
export function readText(message: Part): MailText {
  const { texts, htmls, unusual } = readNode(message, message);
  const text = texts.map((said) => said()).join('\n');
  const html = htmls.join('\n');
  return {
    text: cut(text, limits.textCharsMax),
    html: htmls.length > 0 ? cut(html, limits.htmlCharsMax) : null,
    cut: text.length > limits.textCharsMax || html.length > limits.htmlCharsMax,
    unusual,
  };
}

/** Whether a leaf is text to read in place, not a file. A named text part counts as text only when no other says anything before it. */
export function isBodyText(part: Part, message: Part): boolean {
  if (part.type !== 'text/plain' && part.type !== 'text/html') return false;
  if (part.disposition !== '' && part.disposition !== 'inline') return part === message;
  if (part.fileName === '' || part === message) return true;
  return firstText(message) === part;
}

function firstText(message: Part): Part | undefined {
  for (const leaf of leaves(message)) {
    const readable = leaf.type === 'text/plain' || leaf.type === 'text/html';
    if (readable && leaf.disposition !== 'attachment' && leaf.body.some((byte) => byte > 32)) return leaf;
  }
  return undefined;
}

function readNode(part: Part, message: Part): Reading {
  if (part.children.length === 0) return readLeaf(part, message);
  const children = part.children.map((child) => readNode(child, message));
  const all: Reading = {
    texts: children.flatMap((child) => child.texts),
    htmls: children.flatMap((child) => child.htmls),
    unusual: children.flatMap((child) => child.unusual),
  };
  if (part.type !== 'multipart/alternative') return all;
  // RFC 2046 section 5.1.4: the same said in several ways. The first that says something is the text; HTML only when no other does.
  const says = (child: Reading) => child.texts.some((said) => said().trim() !== '');
  const plain = children.find((child) => child.htmls.length === 0 && says(child));
  const spoken = plain ?? children.find(says);
  if (plain) all.unusual = all.unusual.filter((why) => why !== 'html-only');
  return { ...all, texts: spoken?.texts ?? [] };
}

function readLeaf(part: Part, message: Part): Reading {
  const nothing: Reading = { texts: [], htmls: [], unusual: [] };
  if (!isBodyText(part, message)) return nothing;
  const { text: decoded, wrong } = textOf(
    part,
    part.type === 'text/html' ? limits.htmlCharsMax + 1 : limits.textCharsMax + 1,
  );
  const unusual = wrong === null ? [] : [wrong];
  const text = cleanText(part.parameters['format']?.toLowerCase() === 'flowed' ? unflow(decoded, part) : decoded);
  if (part.type === 'text/plain') return { texts: [() => text], htmls: [], unusual };
  return { texts: [once(() => cleanText(plainHtml(text)))], htmls: [text], unusual: [...unusual, 'html-only'] };
}

function once(say: Said): Said {
  let said: string | null = null;
  return () => (said ??= say());
}

/** RFC 3676 section 4: lines that end in a space go on; stuffing is taken off, the signature mark `-- ` stays a line. */
function unflow(text: string, part: Part): string {
  const joinWithout = part.parameters['delsp']?.toLowerCase() === 'yes';
  const result: string[] = [];
  let open = false;
  let quoteBefore = '';
  for (const raw of text.split(/\r?\n/)) {
    const quote = /^>*/.exec(raw)?.[0] ?? '';
    const content = raw.slice(quote.length).replace(/^ /, '');
    const flows = content.endsWith(' ') && content !== '-- ';
    const kept = flows && joinWithout ? content.slice(0, -1) : content;
    if (open && quote === quoteBefore && content !== '-- ') result.push(kept);
    else result.push(result.length > 0 ? '\n' : '', quote && content ? `${quote} ${kept}` : quote + kept);
    open = flows;
    quoteBefore = quote;
  }
  return result.join('');
}
