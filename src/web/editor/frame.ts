// Runs inside the preview's frame, which has no origin and may fetch nothing: puts the letter's html in its place, light or dark as asked, whatever
// the machine prefers. A script in a letter would not run: a parsed document's scripts never do, and the frame's policy forbids them besides.

addEventListener('message', (event: MessageEvent<{ html: string; dark: boolean }>) => {
  if (event.source !== parent) return;
  const { html, dark } = event.data;
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  // <meta http-equiv="refresh"> would lead the frame away.
  for (const meta of parsed.querySelectorAll('meta[http-equiv]')) meta.remove();
  document.replaceChild(document.adoptNode(parsed.documentElement), document.documentElement);
  document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (rule instanceof CSSMediaRule) rule.media.mediaText = decided(rule.media.mediaText, dark);
    }
  }
});

/** A media query in which the reader's preference is settled. */
function decided(media: string, dark: boolean): string {
  return media.replaceAll(/\(prefers-color-scheme:\s*(dark|light)\)/g, (_, scheme: string) =>
    (scheme === 'dark') === dark ? '(min-width: 0)' : '(max-width: 0)',
  );
}

// Links are looked at here, not followed.
addEventListener('click', (event) => event.preventDefault());
