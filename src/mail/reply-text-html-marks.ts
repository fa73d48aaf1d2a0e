// Which html elements say of themselves that they hold a quotation, a signature, or nothing that is shown.
// Names are what mail programs write into their own mails, observed; a new program is one row and one fixture.

/** What an element is to the reading of a reply. `rest`: quotation from here to the end of the mail, whatever closes; `unread`: no text at all, as in a script. */
export type Mark = 'quote' | 'gmail' | 'indent' | 'rest' | 'signature' | 'hidden' | 'unread' | 'none';

/** Elements whose content is quotation, by class, id or name; compared after a leading `x_` of Outlook's is taken off. */
const quoteNames = new Set([
  'yahoo_quoted',
  'yqt',
  'protonmail_quote',
  'zmail_extra',
  'zmail_extra_hr',
  'moz-cite-prefix',
  'moz-forward-container',
  'moz-email-headers-table',
  'olk_src_body_section',
  'ms-outlook-mobile-reference-message',
  'mail-editor-reference-message-container',
  'reply-intro',
  'gmail_attr',
  'bloop_original_html',
  'emailquote',
  'hmquote',
  'front-blockquote',
  'tutanota_quote',
  'quote-header',
  'quoted',
  'quotedtext',
  'isreplycontent',
  'isforwardcontent',
  'ntes_not_fresh',
  'includetail',
  'mailmasterquote',
  'mail_quote',
  'quote',
  'mailquote',
  'reply_quote',
  'gmx_quote',
  'airmail_on',
  'zoho-quote',
  'superhuman_quote',
  'rps_quote',
  'original-content',
  'history_container',
  'mb_quote',
  'originalmessage',
]);
/** Elements that begin the rest of the mail. */
const restNames = new Set([
  'divrplyfwdmsg',
  'appendonsend',
  'stopspelling',
  'skydriveplaceholder',
  'zwchr',
  'replyseparator',
  'ms-outlook-reply-separator',
  'sp-reply-separator',
]);
const signatureNames = new Set([
  'gmail_signature',
  'gmail_signature_prefix',
  'moz-signature',
  'signature',
  'ms-outlook-mobile-signature',
  'protonmail_signature_block',
  'applemailsignature',
  'composer_signature',
  'yahoo_signature',
  'ms-signature',
  'edo-signature',
  'mobile-signature',
  'bloop_sign',
  'zmail_signature',
  'tutanota_signature',
]);
const hiddenNames = new Set(['preheader']);
const unreadTags = new Set([
  'head',
  'script',
  'style',
  'title',
  'template',
  'noscript',
  'object',
  'svg',
  'math',
  'select',
  'iframe',
  'textarea',
]);
const hidingStyles = [
  /(?:^|;)display:none/,
  /(?:^|;)visibility:(?:hidden|collapse)/,
  /(?:^|;)mso-hide:all/,
  /(?:^|;)opacity:0(?:\.0+)?(?:;|!|$)/,
  /(?:^|;)font-size:0(?:\.0+)?(?:px|pt|em|rem|%)?(?:;|!|$)/,
];
const clipped = /(?:^|;)(?:max-)?(?:height|width):0(?:px|pt)?(?:;|!|$)/;
const overflowing = /(?:^|;)overflow(?:-[xy])?:hidden/;
/** Outlook's own line above a copied header block: a solid top border and three points of padding, in any of its units. */
const outlookBlock = /border-top:solid#?[a-z0-9]*1(?:\.0)?pt;.*padding:3(?:\.0)?pt0/;
const outlookBlockShort = /border:none;border-top:solid/;

/** Most characters of an attribute that are looked at. */
const attributeCharsMax = 1000;

/** The mark of an opened element, from its lower-case tag name and its attributes. */
export function markOf(tag: string, attributes: Record<string, string>): Mark {
  if (unreadTags.has(tag)) return 'unread';
  if (attributes['hidden'] !== undefined) return 'hidden';
  const style = (attributes['style'] ?? '').slice(0, attributeCharsMax).toLowerCase().replace(/\s+/g, '');
  if (
    style !== '' &&
    (hidingStyles.some((pattern) => pattern.test(style)) || (clipped.test(style) && overflowing.test(style)))
  )
    return 'hidden';
  const names = namesOf(attributes);
  if (names.some((name) => hiddenNames.has(name))) return 'hidden';
  if (names.some((name) => restNames.has(name))) return 'rest';
  if (
    style !== '' &&
    (outlookBlock.test(style) || (outlookBlockShort.test(style) && /padding:3(?:\.0)?pt0/.test(style)))
  )
    return 'rest';
  if (tag === 'blockquote') {
    return attributes['type']?.toLowerCase() === 'cite' ||
      attributes['cite'] !== undefined ||
      names.includes('gmail_quote') ||
      names.some((name) => quoteNames.has(name))
      ? 'quote'
      : 'indent';
  }
  if (names.includes('gmail_quote') || names.includes('gmail_quote_container')) return 'gmail';
  if (names.some((name) => quoteNames.has(name))) return 'quote';
  if (names.some((name) => signatureNames.has(name))) return 'signature';
  return 'none';
}

function namesOf(attributes: Record<string, string>): string[] {
  const values = [
    attributes['class'],
    attributes['id'],
    attributes['name'],
    attributes['data-marker'] === '__QUOTED_TEXT__' ? 'quote' : undefined,
  ];
  return values
    .flatMap((value) => (value ?? '').slice(0, attributeCharsMax).toLowerCase().split(/\s+/))
    .filter((name) => name !== '')
    .map((name) =>
      name
        .replace(/^(?:x_){1,9}/, '')
        .replace(/^ydp[0-9a-f]{1,12}/, '')
        .replace(/^_/, ''),
    );
}
