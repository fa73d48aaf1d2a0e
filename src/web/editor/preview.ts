// The letter beside its source: subject, text, and html in a frame that can run and fetch nothing, as wide as a desktop or a phone, light or dark.
import type { Checked } from './live.ts';

/** Shows renderings in the page's preview; the last good one stays, marked, while the text can not be rendered. */
export function previewing(area: HTMLElement): (preview: Checked['preview']) => void {
  const frame = area.querySelector('iframe')!;
  let html = '';
  const send = () => {
    const dark = pressed(area, 'look') === 'dark';
    frame.contentWindow?.postMessage({ html, dark }, '*');
  };
  // The frame may be there already, or come later: both are told.
  frame.addEventListener('load', send);
  for (const button of area.querySelectorAll<HTMLButtonElement>('button[data-choice]')) {
    button.addEventListener('click', () => {
      for (const other of area.querySelectorAll(`button[data-choice="${button.dataset['choice']}"]`))
        other.setAttribute('aria-pressed', String(other === button));
      frame.parentElement!.dataset['width'] = pressed(area, 'width');
      send();
    });
  }
  return (preview) => {
    area.classList.toggle('stale', preview === null);
    if (preview === null) return;
    area.querySelector('[data-subject]')!.textContent = preview.subject;
    area.querySelector('[data-text]')!.textContent = preview.text;
    html = preview.html;
    send();
  };
}

function pressed(area: HTMLElement, choice: string): string {
  return (
    area.querySelector<HTMLElement>(`button[data-choice="${choice}"][aria-pressed="true"]`)?.dataset['value'] ?? ''
  );
}
