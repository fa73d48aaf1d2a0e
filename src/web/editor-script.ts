// The scripts of the template editor, bundled from src/web/editor when they are first asked for and kept in memory. Not at `npm ci`, for that would make
// an installation depend on a step that may be left out (--ignore-scripts); not as a file in the repository, for that would be other people's
// code without a history; not in a cache folder, for that can be stale or unwritable. It costs a second once for each start, and only where
// templates are edited; the page works as a plain form meanwhile, and without it.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Limits of bundling. */
export const bundleLimits = { seconds: 60, bytes: 8 * 1024 * 1024, tries: 3 } as const;

/** A script as it is served; `etag` changes with its text. */
export interface Script {
  text: string;
  etag: string;
}

/** Both scripts: the page's, and the one inside its preview frame. */
export interface EditorScripts {
  page: Script;
  frame: Script;
}

/**
 * Gives a function that bundles with the first call and answers from memory afterwards. Anybody may ask for a script, so a failure is tried again only
 * a few times, and then stands until the program starts anew.
 */
export function editorScripts(): () => Promise<EditorScripts> {
  let bundled: Promise<EditorScripts> | null = null;
  let tries = 0;
  return () => {
    if (bundled) return bundled;
    tries += 1;
    bundled = bundle().catch((error: unknown) => {
      if (tries < bundleLimits.tries) bundled = null;
      throw error;
    });
    return bundled;
  };
}

async function bundle(): Promise<EditorScripts> {
  const program = fileURLToPath(new URL('editor-bundle.ts', import.meta.url));
  const limits = { timeout: bundleLimits.seconds * 1000, maxBuffer: bundleLimits.bytes };
  const { stdout } = await promisify(execFile)(process.execPath, [program], { ...limits, env: {} });
  const { page, frame } = JSON.parse(stdout) as { page: string; frame: string };
  return { page: script(page), frame: script(frame) };
}

function script(text: string): Script {
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"` };
}
