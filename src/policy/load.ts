// The edge of the policy: the only file of this room that reads files.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { problemText, readPolicy } from './policy.ts';
import type { Policy, PolicyFile, Problem } from './policy.ts';

const shippedUrl = new URL('default.yaml', import.meta.url);
let shipped: Policy | null = null;

/** The text of the shipped policy, for `casepost policy show`. */
export function shippedText(): PolicyFile {
  return { name: 'src/policy/default.yaml', text: readFileSync(shippedUrl, 'utf8') };
}

/** The shipped policy, read once. Throws with every problem when it is broken, which only a change of ours can do. */
export function shippedPolicy(): Policy {
  if (shipped !== null) return shipped;
  const read = readPolicy(shippedText(), null);
  if ('problems' in read)
    throw new Error(`the shipped policy is broken:\n${read.problems.map(problemText).join('\n')}`);
  shipped = read.policy;
  return shipped;
}

/** The shipped policy with the file at `path` laid over it; null is the shipped one alone. A file that can not be read is a problem too. */
export async function loadPolicy(path: string | null): Promise<{ policy: Policy } | { problems: Problem[] }> {
  if (path === null) return readPolicy(shippedText(), null);
  try {
    return readPolicy(shippedText(), { name: path, text: await readFile(path, 'utf8') });
  } catch (error) {
    const message = `can not be read (${(error as NodeJS.ErrnoException).code ?? String(error)}); the gateway does not start without it`;
    return { problems: [{ file: path, line: 1, column: 1, path: '', message }] };
  }
}
