// Makes an editor of the page's plain form: the text area gives way to CodeMirror, problems are marked while typing, and the preview follows. All of it
// works without this script as a form with buttons.
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState, type Text } from '@codemirror/state';
import { basicSetup, EditorView } from 'codemirror';
import { completion } from './completion.ts';
import { highlighting } from './highlighting.ts';
import { checking, posted, type Problem } from './live.ts';
import { previewing } from './preview.ts';
import { readWords } from './words.ts';

const form = document.querySelector<HTMLFormElement>('form[data-words]');
if (form) edit(form);

function edit(form: HTMLFormElement): void {
  const area = form.querySelector('textarea')!;
  const opened = area.value;
  const unsaved = area.dataset['unsaved'] !== undefined;
  const says = document.querySelector<HTMLElement>('[data-says]')!;
  const list = document.querySelector<HTMLElement>('[data-problems]')!;
  const preview = previewing(document.querySelector<HTMLElement>('[data-preview]')!);
  for (const element of document.querySelectorAll<HTMLElement>('[data-with-script]')) element.hidden = false;
  for (const element of document.querySelectorAll<HTMLElement>('[data-without-script]')) element.hidden = true;

  const check = checking(
    form,
    `${form.action}/check`,
    ({ problems, preview: rendered, caseProblem }) => {
      view.dispatch(
        setDiagnostics(
          view.state,
          problems.map((problem) => diagnostic(view.state.doc, problem)),
        ),
      );
      list.replaceChildren(...problems.map((problem) => listed(problem, view)));
      preview(rendered);
      says.textContent =
        caseProblem ||
        (problems.length === 0
          ? 'No problem found.'
          : `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}: this can not be published yet, and the preview stays as it was.`);
      says.dataset['tone'] = problems.length > 0 || caseProblem ? 'bad' : 'good';
    },
    (why) => {
      says.textContent = `Not checked: ${why}.`;
      says.dataset['tone'] = 'bad';
    },
  );
  const view = new EditorView({
    doc: area.value,
    extensions: [
      EditorView.cspNonce.of(document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? ''),
      EditorView.contentAttributes.of({
        'aria-label': area.getAttribute('aria-label') ?? '',
        tabindex: '0',
        spellcheck: 'true',
        lang: area.lang,
      }),
      EditorState.readOnly.of(area.readOnly),
      // Its keys leave Tab alone: it leads out of the editor, as everywhere on the page.
      basicSetup,
      EditorView.lineWrapping,
      lintGutter(),
      highlighting(),
      completion(readWords(form.dataset['words'] ?? '{}')),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        area.value = view.state.doc.toString();
        check();
      }),
    ],
  });
  area.hidden = true;
  area.before(view.dom);
  area.form?.addEventListener('change', (event) => {
    if ((event.target as HTMLElement).closest('[data-facts]')) check('now');
  });
  leaving(form, () => unsaved || area.value !== opened);
  sendingTest(form, says);
  check('now');
}

function diagnostic(doc: Text, { line, column, length, message }: Problem): Diagnostic {
  const { from, to, text } = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const start = Math.min(from + Math.max(column - 1, 0), to);
  // The whole call or word is marked, not only where it begins.
  const marked = length ?? /^(\{\{[^}]*\}\}|[\w.]+|.)/.exec(text.slice(start - from))?.[0].length ?? 0;
  return { from: start, to: Math.min(start + marked, to), severity: 'error', message };
}

function listed({ line, column, message }: Problem, view: EditorView): HTMLElement {
  const item = document.createElement('li');
  const jump = document.createElement('button');
  jump.type = 'button';
  jump.className = 'quiet';
  jump.textContent = `Line ${line}, column ${column}`;
  jump.addEventListener('click', () => {
    const { from } = diagnostic(view.state.doc, { line, column, message });
    view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
    view.focus();
  });
  item.append(jump, ` ${message}`);
  return item;
}

/** Asks before a changed text is left; publishing it is no leaving. */
function leaving(form: HTMLFormElement, changed: () => boolean): void {
  let publishing = false;
  form.addEventListener('submit', () => (publishing = true));
  addEventListener('beforeunload', (event) => {
    if (changed() && !publishing) event.preventDefault();
  });
}

/** The test letter leaves without the page being left. */
function sendingTest(form: HTMLFormElement, says: HTMLElement): void {
  const button = form.querySelector<HTMLButtonElement>('button[data-send-test]');
  button?.addEventListener('click', (event) => {
    event.preventDefault();
    posted<{ said: string; sent: boolean }>(form, button.formAction).then(
      ({ said, sent }) => {
        says.textContent = said;
        says.dataset['tone'] = sent ? 'good' : 'bad';
      },
      (error: Error) => (says.textContent = `Not sent: ${error.message}.`),
    );
  });
}
