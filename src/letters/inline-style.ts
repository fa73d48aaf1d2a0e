// Writes the css of the layout into the tags it is meant for, since mail programs that drop <style> keep what stands in style="…". The only file that
// knows juice, which leaves {{ … }} as it is; loaded with the first letter, for it is slow to load and most commands write none.
import type { TemplateFile } from './template.ts';

/** What was made of a file so far; the style with which it was. */
const made = new WeakMap<TemplateFile, { style: string; html: string }>();

/** The html part of `file` with `style` written into its tags. */
export async function styledHtml(file: TemplateFile, style: string): Promise<string> {
  const known = made.get(file);
  if (known?.style === style) return known.html;
  if (style === '') return file.html.source;
  const { inlineContent } = (await import('juice')).default;
  const html = inlineContent(file.html.source, style, { applyWidthAttributes: false });
  made.set(file, { style, html });
  return html;
}
