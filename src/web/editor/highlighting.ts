// How a letter's source looks: html, `{{ … }}` in it, and the lines that open a part. Colours are the page's own, so that light and dark follow it.
import { html } from '@codemirror/lang-html';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  EditorView,
  MatchDecorator,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';

const call = /\{\{(!--.*?--|![^}]*|[~#/^&>]*[^{}]*)\}\}/g;
const opener = /^--- *[a-z]+ *---[ \t]*$/g;

/** Everything that colours. */
export function highlighting(): Extension {
  return [
    html({ autoCloseTags: false, matchClosingTags: false }),
    syntaxHighlighting(style),
    marked(call, (match) => {
      if (match.startsWith('{{!')) return 'cm-note';
      return /^\{\{[~#/^>]|^\{\{~?else/.test(match) ? 'cm-call cm-block' : 'cm-call';
    }),
    marked(opener, () => 'cm-part'),
    theme,
  ];
}

function marked(regexp: RegExp, className: (match: string) => string): Extension {
  const matches = new MatchDecorator({
    regexp,
    decoration: (match) => Decoration.mark({ class: className(match[0]) }),
  });
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      constructor(view: EditorView) {
        this.decorations = matches.createDeco(view);
      }
      update(update: ViewUpdate) {
        this.decorations = matches.updateDeco(update, this.decorations);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
}

const style = HighlightStyle.define([
  { tag: [tags.tagName, tags.angleBracket], color: 'var(--code-tag)' },
  { tag: [tags.attributeName], color: 'var(--code-name)' },
  { tag: [tags.attributeValue, tags.string], color: 'var(--code-value)' },
  { tag: [tags.comment, tags.documentMeta], color: 'var(--soft)' },
]);

const theme = EditorView.theme({
  '&': { fontSize: '14px', backgroundColor: 'var(--card)', color: 'var(--ink)', height: '100%' },
  '.cm-scroller': { fontFamily: 'ui-monospace, Menlo, Consolas, monospace', lineHeight: '1.55', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--ink)', padding: '10px 0' },
  '&.cm-focused': { outline: '3px solid var(--link)', outlineOffset: '-1px' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--code-selection) !important' },
  '.cm-gutters': { backgroundColor: 'var(--card)', color: 'var(--soft)', borderRight: '1px solid var(--line)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--code-line)' },
  '.cm-call': { color: 'var(--code-call)', fontWeight: '600' },
  '.cm-call *': { color: 'var(--code-call)' },
  '.cm-block, .cm-block *': { color: 'var(--code-block)' },
  '.cm-note, .cm-note *': { color: 'var(--soft)' },
  '.cm-part': {
    color: 'var(--mark-ink)',
    background: 'var(--mark)',
    fontWeight: '600',
    borderRadius: '3px',
    padding: '1px 4px',
  },
  '.cm-part *': { color: 'var(--mark-ink)' },
  '.cm-tooltip, .cm-panels': { backgroundColor: 'var(--card)', color: 'var(--ink)', border: '1px solid var(--line)' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { background: 'var(--link)', color: 'var(--card)' },
  '.cm-completionDetail': { color: 'var(--soft)', fontStyle: 'normal' },
  'li[aria-selected] .cm-completionDetail': { color: 'inherit' },
  '.cm-completionInfo': { whiteSpace: 'pre-wrap', maxWidth: '340px' },
  '.cm-meaning': { padding: '8px 12px', maxWidth: '380px', font: '14px/1.45 sans-serif' },
  '.cm-meaning p': { margin: '4px 0 0', color: 'var(--soft)', whiteSpace: 'pre-wrap' },
  // The library's own marks are data: images, which the page's policy does not allow.
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad)',
    textUnderlineOffset: '3px',
  },
  '.cm-lint-marker-error': { content: 'normal', color: 'var(--bad)', lineHeight: '1' },
  '.cm-lint-marker-error::before': { content: '"●"' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
});
