// Where in the html a value would be written: between tags, in a quoted attribute, or where no escaping helps. Followed through the fixed text of a
// template as a browser would read it, so that a value that could become an attribute, a script or a link of its own is found before it is filled in.

/** Where the text read so far ends. `value` is what stands in the open attribute up to here. */
export interface HtmlPlace {
  in: 'text' | 'comment' | 'raw' | 'tag' | 'value';
  /** The innermost tag that was opened, in small letters. */
  tag: string;
  attribute: string;
  quote: string;
  value: string;
}

/** Where every html part begins. */
export const htmlStart: HtmlPlace = { in: 'text', tag: '', attribute: '', quote: '', value: '' };

/** Elements whose content is no html: what is written there is read as style or script. */
const rawTags = ['style', 'script', 'title', 'textarea'];

/** The place after `content`. */
export function htmlAfter(place: HtmlPlace, content: string): HtmlPlace {
  let now = place;
  let rest = content;
  while (rest !== '') {
    const [next, read] = step(now, rest);
    now = next;
    rest = rest.slice(read);
  }
  return now;
}

function step(place: HtmlPlace, rest: string): [HtmlPlace, number] {
  switch (place.in) {
    case 'text':
      return inText(place, rest);
    case 'comment':
      return until(rest, '-->', { ...place, in: 'text' }, place);
    case 'raw':
      return until(rest.toLowerCase(), `</${place.tag}`, { ...place, in: 'tag', attribute: '', value: '' }, place);
    case 'tag':
      return inTag(place, rest);
    case 'value':
      return inValue(place, rest);
    default:
      throw new Error(`html: ${place.in satisfies never as string}: no such place`);
  }
}

function until(rest: string, end: string, found: HtmlPlace, still: HtmlPlace): [HtmlPlace, number] {
  const at = rest.indexOf(end);
  return at < 0 ? [still, rest.length] : [found, at + end.length];
}

function inText(place: HtmlPlace, rest: string): [HtmlPlace, number] {
  const opened = /<(?:(!--)|([/!]?)([a-z][a-z0-9]*))/i.exec(rest);
  if (!opened) return [place, rest.length];
  const [all, comment, closing, name = ''] = opened;
  const read = opened.index + all.length;
  if (comment) return [{ ...place, in: 'comment' }, read];
  return [{ in: 'tag', tag: closing === '' ? name.toLowerCase() : '', attribute: '', quote: '', value: '' }, read];
}

function inTag(place: HtmlPlace, rest: string): [HtmlPlace, number] {
  const found = /([^\s"'<>/=]+)|(=)\s*(["'])?|(>)/.exec(rest);
  if (!found) return [place, rest.length];
  const [all, name, equals, quote, end] = found;
  const read = found.index + all.length;
  if (name !== undefined) return [{ ...place, attribute: name.toLowerCase() }, read];
  if (end) return [{ ...place, in: rawTags.includes(place.tag) ? 'raw' : 'text', attribute: '' }, read];
  // Without a quotation mark the value ends at the first blank: it stays part of the tag.
  return equals && quote ? [{ ...place, in: 'value', quote, value: '' }, read] : [place, read];
}

function inValue(place: HtmlPlace, rest: string): [HtmlPlace, number] {
  const at = rest.indexOf(place.quote);
  if (at < 0) return [{ ...place, value: place.value + rest }, rest.length];
  return [{ ...place, in: 'tag', attribute: '', quote: '', value: '' }, at + 1];
}

/** What a link in a letter may lead to. */
export const safeLink = /^(?:https?:\/\/|mailto:)/i;
/** A fixed beginning that leaves a value no say in where the link leads. */
const fixedLink = /^(?:https?:\/\/[^\s/?#{}]+[/?#]|mailto:)/i;
/** Attributes whose value a letter may fill in. */
const openAttributes = ['href', 'title', 'alt', 'lang', 'class', 'dir', 'width', 'height', 'align', 'content'];

/** Why a value must not be written at `place`; null when it may. `sample` is what it would be there. */
export function whyNotHere(place: HtmlPlace, sample: unknown): string | null {
  switch (place.in) {
    case 'text':
      return null;
    case 'comment':
      return 'a value in a comment would be sent and never seen; take it out';
    case 'raw':
      return place.tag === 'title' ? null : `a value inside <${place.tag}> would be read as ${place.tag}; take it out`;
    case 'tag':
      return 'a value in a tag must stand in quotation marks, like href="{{url}}"';
    case 'value': {
      if (!openAttributes.includes(place.attribute)) {
        return `a value must not be written into ${place.attribute}="…"; allowed are ${openAttributes.join(', ')}`;
      }
      if (place.attribute !== 'href' || fixedLink.test(place.value)) return null;
      const leads = place.value === '' && typeof sample === 'string' && safeLink.test(sample);
      return leads
        ? null
        : 'a link must begin with https://…/ or mailto:, or be one value that is a link, like {{caseUrl}}';
    }
    default:
      throw new Error(`html: ${place.in satisfies never as string}: no such place`);
  }
}
