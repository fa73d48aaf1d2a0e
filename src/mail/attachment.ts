// Which parts of a mail are files: their description goes into Mail, their bytes stay in the raw mail and are found again by index.
// Names are for showing only; nothing is ever written under them (TRUST B37).
import { isBodyText } from './mail-text.ts';
import { limits, type Attachment } from './mail.ts';
import { contentOf, leaves, readMessage, type Part } from './mime-part.ts';
import { decodedLength } from './transfer-encoding.ts';

/** Longest attachment name that is shown. */
const nameCharsMax = 255;

/** The files of a message in its order, at most `attachmentsMax`. `size` counts decoded bytes. */
export function readAttachments(message: Part): Attachment[] {
  return fileParts(message).map((part, index) => ({
    index,
    name: nameOf(part),
    type: part.type,
    size: decodedLength(part.body, part.encoding),
    contentId: part.contentId,
    inline: part.disposition !== 'attachment' && (part.disposition === 'inline' || part.within === 'multipart/related'),
  }));
}

/** The decoded bytes of the attachment `index` of a raw mail, or null when there is none. */
export function attachmentBytes(raw: Uint8Array, index: number): Uint8Array | null {
  const part = fileParts(readMessage(raw))[index];
  return part ? contentOf(part) : null;
}

function fileParts(message: Part): Part[] {
  const files: Part[] = [];
  for (const part of leaves(message)) {
    if (files.length >= limits.attachmentsMax) break;
    // A mail that is nothing but a file is shown as text and kept as a file.
    const only = part === message && part.disposition === 'attachment' && part.fileName !== '';
    if ((isBodyText(part, message) && !only) || part.type.startsWith('multipart/')) continue;
    files.push(part);
  }
  return files;
}

function nameOf(part: Part): string {
  const name = (part.fileName.replace(/^.*[/\\]/, '') || part.fileName).slice(-nameCharsMax).toWellFormed();
  // A name of dots is a folder's.
  if (/[^.]/.test(name)) return name;
  return part.type === 'message/rfc822' ? 'message.eml' : '';
}
