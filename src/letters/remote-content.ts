// What would load or run something in the reader's mail program, or lead where a letter must not lead, found in the fixed text of a template.
import type { TemplatePart } from './template.ts';
import type { Problem } from './texts.ts';

const loads =
  /<(?:script|link|iframe|object|embed|form|base|img|svg)\b|\s(?:src|srcset|background|on[a-z]+)\s*=|\bhttp-equiv\b|url\(|@import|expression\(/i;
const link = /\bhref\s*=\s*(?:"([^"]*)"?|'([^']*)'?|([^\s>"']+))/gi;
const allowedLink = /^(?:https?:\/\/|mailto:|\{\{)/i;

/** Every problem of one part, line by line. */
export function remoteContent(file: string, part: TemplatePart): Problem[] {
  const problems: Problem[] = [];
  part.source.split('\n').forEach((text, index) => {
    const line = part.line + index;
    const match = loads.exec(text);
    if (match) {
      const found = match[0].trim();
      const message = `"${found}" can load or run something; a letter carries all it shows and runs nothing`;
      problems.push({ file, line, column: match.index + 1, message, found });
    }
    for (const { 0: all, 1: double, 2: single, 3: bare, index: at } of text.matchAll(link)) {
      const found = double ?? single ?? bare ?? '';
      if (allowedLink.test(found.trim())) continue;
      const message = `a link to "${found}" is not safe in a letter; it begins with https://, mailto: or is a value like {{caseUrl}}`;
      problems.push({ file, line, column: at + 1, message, found: all });
    }
  });
  return problems;
}
