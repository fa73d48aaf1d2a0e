// Finds every await of our own source and gives it a name that outlives edits around it; and rewrites a source so that each await tells on
// which side of it the process is. With a real parser: an await that a pattern overlooked would be a crash point that nobody tries.
import { parseAst } from 'vitest/node';
import { readSources, type SourceFile } from '../house/sources.ts';

/** An await: `name` is `intake/receive.ts:receive#3`, the third in the functions of that name. Offsets in UTF-16 code units. */
export interface Await {
  name: string;
  /** Of the whole await expression or for-await statement. */
  start: number;
  end: number;
  /** Of a for-await: where what is iterated begins and ends, and where its body begins. */
  loop: { from: number; to: number; body: number } | null;
}

/** Files whose awaits are no crash points, and why. A new file of src is in unless it is named here. */
export const exempt: { path: RegExp; because: string }[] = [
  {
    path: /^src\/(command|web)\//,
    because: 'a person waits for it, and what it changes ends in the steps of desk.ts and store',
  },
  { path: /^src\/(main|config[a-z-]*|explain)\.ts$/, because: 'it runs before anything is taken on' },
  { path: /^src\/policy\//, because: 'reads files, takes nothing on' },
  { path: /^src\/mail\/(?!parser-pool\.ts)/, because: 'pure; it runs in a thread whose answer parser-pool.ts awaits' },
  { path: /^src\/letters\/(load|lint|samples)\.ts$/, because: 'reads files, takes nothing on' },
  { path: /^src\/intake\/files\.ts$/, because: 'reads files for "ingest", whose mails end in receive.ts' },
  { path: /^src\/store\/(embedded|move)/, because: 'one process on a folder: killed in test/store and test/outage' },
  {
    path: /^src\/(oauth\/|postbox\/xoauth2|store\/oauth)/,
    because: 'asks for tokens before a mail or letter is in hand; test/oauth kills it',
  },
  {
    path: /^src\/(alarm[a-z-]*|store\/(alarms|alarm-mails|chores|standing))\.ts$/,
    because: 'tells people of trouble: rows of its own, and no mail, case or letter',
  },
  {
    path: /^src\/(reconcile[a-z-]*|store\/ledger|intake\/imap-(archive|alarm))\.ts$/,
    because: 'compares and reports, changes no mail, case or letter',
  },
  {
    path: /^src\/tick\/plan-use\.ts$/,
    because: 'counts for a note to a person, in one transaction that holds no mail and comes again in a minute',
  },
  {
    path: /^src\/store\/(sessions|sign-ins|people)\.ts$/,
    because: 'a person waits to be let in, and asks again when it was cut off',
  },
  { path: /^src\/(store\/)?restore\.ts$/, because: 'a person restores a backup while no gateway runs' },
  {
    path: /^src\/(customers|golden|what-if\/[a-z-]+|store\/(entitlements|accounts?|api-tokens|golden|replay|bugs|engineers))\.ts$/,
    because: 'imports, comparisons and lists that a person waits for',
  },
];

/** Every await of the files that are not exempt, by path. */
export function pathAwaits(): { file: SourceFile; awaits: Await[] }[] {
  return readSources(['src'], ['.ts'])
    .filter(({ path }) => !exempt.some((one) => one.path.test(path)))
    .map((file) => ({ file, awaits: awaitsOf(file) }))
    .filter(({ awaits }) => awaits.length > 0);
}

/** The awaits of one file in their order. */
export function awaitsOf(file: SourceFile): Await[] {
  const found: (Await & { within: string })[] = [];
  visit(parseAst(file.text, { lang: 'ts' }) as unknown as Node, 'module', found);
  found.sort((one, other) => one.start - other.start);
  const counts = new Map<string, number>();
  return found.map(({ within, ...one }) => {
    const count = (counts.get(within) ?? 0) + 1;
    counts.set(within, count);
    return { ...one, name: `${file.path.replace('src/', '')}:${within}#${count}` };
  });
}

interface Node {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

function visit(node: Node, within: string, found: (Await & { within: string })[]): void {
  const { type, start, end } = node;
  if (type === 'AwaitExpression') found.push({ name: '', within, start, end, loop: null });
  if (type === 'ForOfStatement' && node['await'] === true) {
    const right = node['right'] as Node;
    const body = node['body'] as Node;
    found.push({ name: '', within, start, end, loop: { from: right.start, to: right.end, body: body.start } });
  }
  for (const [key, value] of Object.entries(node)) {
    for (const child of [value].flat())
      if (isNode(child)) visit(child, functionName(node, key, child) ?? within, found);
  }
}

/** The name a function gets where it stands: its own, its variable's or its property's; null for one without. */
function functionName(parent: Node, key: string, child: Node): string | null {
  if (child.type === 'FunctionDeclaration') return (child['id'] as { name: string }).name;
  if (!/Function/.test(child.type)) return null;
  if (parent.type === 'VariableDeclarator' && key === 'init') return (parent['id'] as { name?: string }).name ?? null;
  if (parent.type === 'Property' && key === 'value') return (parent['key'] as { name?: string }).name ?? null;
  return null;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** The text in which await `number` calls `beforeAwait(2 * number)` and, with its value, `afterAwait(2 * number + 1, …)`. Lines stay where they are. */
export function instrumented(file: SourceFile, awaits: Await[], number: (name: string) => number): string {
  const inserts = awaits.flatMap(({ name, start, end, loop }) => {
    const before = 2 * number(name);
    if (loop) {
      return [
        { at: loop.from, text: `(beforeAwait(${before}), ` },
        { at: loop.to, text: ')' },
        { at: loop.body, text: `{ afterAwait(${before + 1}); ` },
        { at: end, text: ' }' },
      ];
    }
    return [
      { at: start, text: `afterAwait(${before + 1}, ` },
      { at: start + 'await'.length, text: ` (beforeAwait(${before}),` },
      { at: end, text: '))' },
    ];
  });
  let text = file.text;
  for (const { at, text: added } of inserts.toSorted((one, other) => other.at - one.at))
    text = text.slice(0, at) + added + text.slice(at);
  return text;
}
