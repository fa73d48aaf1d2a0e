// Decides which part of a mail was newly written. First version: everything above the first quotation.

/** The newly written text of a mail, and one sentence that says what was folded away; never throws. */
export function replyText(body: { text: string; html: string | null }): { reply: string; because: string } {
  const lines = body.text.split('\n');
  const cut = lines.findIndex(
    (line) => line.startsWith('>') || /^-{3,} ?(original|forwarded) message/i.test(line) || line === '-- ',
  );
  if (cut <= 0) return { reply: body.text.trim(), because: 'No quotation was found.' };
  const kept = lines.slice(0, cut).join('\n').trim();
  return kept === ''
    ? { reply: body.text.trim(), because: 'Nothing stood above the quotation, so all of it is kept.' }
    : { reply: kept, because: `Everything from line ${cut + 1} on is quotation or signature.` };
}
