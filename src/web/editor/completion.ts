// Completes the names of a letter as they are typed, and shows what a name means when the pointer rests on it: type, what it is, a sample.
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  insertCompletionText,
} from '@codemirror/autocomplete';
import type { EditorState, Extension } from '@codemirror/state';
import { type EditorView, hoverTooltip } from '@codemirror/view';
import { variableNamed, variablesAt, type Variable, type Words } from './words.ts';

/** Only `{{ … }}` is completed; html is left to who writes it. */
export function completion(words: Words): Extension {
  return [
    autocompletion({ override: [(context) => offered(words, context)], icons: false }),
    hoverTooltip((view, position) => meaning(words, view.state, position)),
  ];
}

function offered(words: Words, context: CompletionContext): CompletionResult | null {
  const typed = context.matchBefore(/\{\{[^{}]*/);
  if (typed === null) return null;
  const begun = /[\w.-]*$/.exec(typed.text)?.[0] ?? '';
  const from = context.pos - begun.length;
  const opener = typed.text.slice(2, typed.text.length - begun.length).trim();
  return { from, options: optionsAfter(words, opener, context.state.sliceDoc(0, typed.from)), validFor: /^[\w.-]*$/ };
}

/** What may come after `{{`, `{{#`, `{{>` or within a call. */
function optionsAfter(words: Words, opener: string, before: string): Completion[] {
  if (/^[~#]*>$/.test(opener)) return words.partials.map(({ name, doc }) => ({ label: name, info: doc }));
  const helpers = words.helpers.filter(({ block }) => block === /^~?#$/.test(opener));
  const offered = helpers.map(({ name, doc }): Completion => ({ label: name, info: doc, detail: 'helper', boost: -1 }));
  if (opener.endsWith('#')) return offered;
  return [...variablesOffered(variablesAt(words, before), '', opener === '' ? closing : undefined), ...offered];
}

/** `flags.oldBuild` is offered as it is written; what is in a list only inside its own block. */
function variablesOffered(variables: Variable[], prefix: string, apply: Completion['apply']): Completion[] {
  return variables.flatMap((variable) => {
    const { name, type, doc, sample, inside } = variable;
    const label = prefix + name;
    const info = `${doc}\n${sample}`.trim();
    const own: Completion = { label, detail: type, info, ...(apply ? { apply } : {}) };
    if (inside.length === 0 || type.startsWith('list')) return [own];
    return [own, ...variablesOffered(inside, `${label}.`, apply)];
  });
}

/** A whole `{{name}}`, with the cursor behind it. */
function closing(view: EditorView, { label }: Completion, from: number, to: number): void {
  const closed = view.state.sliceDoc(to, to + 2) === '}}';
  view.dispatch(insertCompletionText(view.state, `${label}}}`, from, closed ? to + 2 : to));
}

function meaning(words: Words, state: EditorState, position: number) {
  const line = state.doc.lineAt(position);
  const inLine = position - line.from;
  const call = [...line.text.matchAll(/\{\{[^{}]*\}\}/g)].find(
    (match) => match.index <= inLine && inLine < match.index + match[0].length,
  );
  const name =
    call &&
    [...call[0].matchAll(/[\w.-]+/g)].find((match) => {
      const start = call.index + match.index;
      return start <= inLine && inLine <= start + match[0].length;
    });
  if (!call || !name) return null;
  const scopes = [variablesAt(words, state.sliceDoc(0, line.from + call.index)), words.variables];
  const variable = variableNamed(scopes, name[0]);
  const known = variable ?? [...words.helpers, ...words.partials].find((word) => word.name === name[0]);
  if (!known) return null;
  const start = line.from + call.index + name.index;
  return { pos: start, end: start + name[0].length, above: true, create: () => ({ dom: tooltip(known, variable) }) };
}

function tooltip(word: { name: string; doc: string }, variable: Variable | undefined): HTMLElement {
  const dom = document.createElement('div');
  dom.className = 'cm-meaning';
  const title = document.createElement('strong');
  title.textContent = variable ? `${word.name}: ${variable.type}` : word.name;
  dom.append(title, ...[word.doc, variable?.sample ?? ''].filter((text) => text !== '').map(paragraph));
  return dom;
}

function paragraph(text: string): HTMLElement {
  const element = document.createElement('p');
  element.textContent = text;
  return element;
}
