// Who may lean on whom (DESIGN.md, Arrows): the rooms that know the rules of support know nothing of doors, database or network, and nobody
// but the wiring knows a door. Also which packages and which parts of node a pure room may touch.
import { type Import, importsOf, type SourceFile } from './sources.ts';

type Room =
  | 'mail'
  | 'schedule'
  | 'policy'
  | 'cases'
  | 'letters'
  | 'store'
  | 'oauth'
  | 'clock'
  | 'ground'
  | 'desk'
  | 'door'
  | 'wiring';

const pureRooms: Room[] = ['mail', 'schedule', 'policy', 'cases', 'letters'];
const innerFolders: Room[] = [...pureRooms, 'store', 'oauth'];
const doors = ['intake', 'tick', 'web', 'postbox'];
// Plain files in src/ that are neither door nor wiring: configuration, secrets, log lines, waiting.
const ground = /^src\/(config|secret|log|bell)(-[a-z-]+)?\.ts$/;

const everyInnerRoom: Room[] = [...pureRooms, 'store', 'oauth', 'clock', 'ground', 'desk'];

/** Per room: the rooms its code may import, and those of which it may import types besides. The own room is always allowed. */
const allowed: Record<Room, { code: Room[]; types: Room[] }> = {
  clock: { code: [], types: [] },
  mail: { code: [], types: ['clock'] },
  schedule: { code: [], types: ['clock'] },
  policy: { code: ['mail', 'schedule'], types: ['clock'] },
  cases: { code: ['mail', 'policy', 'schedule'], types: ['clock'] },
  letters: { code: ['mail', 'cases', 'policy'], types: ['clock'] },
  store: { code: [], types: ['cases', 'mail', 'letters', 'policy', 'clock', 'ground'] },
  oauth: { code: ['store', 'clock', 'ground'], types: [] },
  ground: { code: ['clock'], types: [] },
  desk: { code: [...pureRooms, 'store', 'ground'], types: ['clock'] },
  door: { code: everyInnerRoom, types: [] },
  wiring: { code: [...everyInnerRoom, 'door'], types: [] },
};

/** Types of these files are the words of the whole house. */
const wordsOfAll = ['src/cases/support-case.ts', 'src/clock.ts'];

/** Pure rooms load their files and start their workers only here. */
const edges: Record<string, RegExp> = {
  'src/policy/load.ts': /^node:fs/,
  'src/letters/load.ts': /^node:fs/,
  'src/letters/checker.ts': /^node:worker_threads$/,
  'src/letters/checker-worker.ts': /^node:worker_threads$/,
  'src/mail/parser-pool.ts': /^node:worker_threads$/,
  'src/mail/parser-worker.ts': /^node:worker_threads$/,
};
const world =
  /^(knex|pg|pg-.*|@electric-sql\/.*|imapflow|smtp-server|nodemailer|fastify|node-cron|pino|node:(fs|fs\/promises|net|tls|http|https|http2|dns|dns\/promises|dgram|child_process|cluster|worker_threads|process|timers|timers\/promises))$/;
const database = /^(knex|pg|@electric-sql\/.*)$/;

/** What decisions of every door end in, and the rules and words they are made with. */
const deskFiles = ['desk', 'rules', 'golden', 'customers', 'templates', 'template-list', 'template-preview'].map(
  (name) => `src/${name}.ts`,
);

/** The room of a file under src/, and for a door which one. */
export function roomOf(path: string): { room: Room; door?: string } {
  const first = /^src\/([^/]+?)(\.ts|\/.*)$/.exec(path)?.[1] ?? '';
  if (doors.includes(first)) return { room: 'door', door: first };
  if (path === 'src/clock.ts') return { room: 'clock' };
  if (deskFiles.includes(path)) return { room: 'desk' };
  if (ground.test(path)) return { room: 'ground' };
  const room = innerFolders.find((name) => path.startsWith(`src/${name}/`));
  if (room) return { room };
  return { room: 'wiring' };
}

/** Every import that leads where its room may not go: "src/mail/x.ts (mail) imports ../store/db.ts (store)". */
export function forbiddenArrows(files: SourceFile[]): string[] {
  return files.flatMap((file) =>
    importsOf(file)
      .filter((link) => link.target?.startsWith('src/') && !arrowAllowed(file.path, link))
      .map((link) => {
        const kind = link.typeOnly ? 'imports types of' : 'imports';
        return `${file.path} (${named(file.path)}) ${kind} ${link.specifier} (${named(link.target!)})`;
      }),
  );
}

function arrowAllowed(path: string, link: Import): boolean {
  const target = link.target!;
  if (link.typeOnly && wordsOfAll.includes(target)) return true;
  const from = roomOf(path);
  const to = roomOf(target);
  if (from.room === to.room) return from.room !== 'door' || from.door === to.door;
  const rule = allowed[from.room];
  return rule.code.includes(to.room) || (link.typeOnly && rule.types.includes(to.room));
}

function named(path: string): string {
  const { room, door } = roomOf(path);
  return door ?? room;
}

/** Every import of the world (database, files, network, workers) from a pure room outside the named edges. */
export function impureImports(files: SourceFile[]): string[] {
  return files
    .filter((file) => pureRooms.includes(roomOf(file.path).room))
    .flatMap((file) =>
      importsOf(file)
        .filter((link) => world.test(link.specifier) && !edges[file.path]?.test(link.specifier))
        .map((link) => `${file.path} imports ${link.specifier}; a pure room is handed what it needs`),
    );
}

/** Every import of a database package outside store and migrations, and of mailparser outside one file of mail. */
export function strayImports(files: SourceFile[]): string[] {
  const sqlElsewhere = files
    .filter((file) => !/^(src\/store|migrations)\//.test(file.path))
    .flatMap((file) =>
      importsOf(file)
        .filter((link) => database.test(link.specifier))
        .map((link) => ({ file, link })),
    )
    .map(({ file, link }) => `${file.path} imports ${link.specifier}; all SQL is in src/store`);
  const readers = files.filter((file) =>
    importsOf(file).some((link) => !link.typeOnly && /^mailparser($|\/)/.test(link.specifier)),
  );
  const many =
    readers.length > 1 ? [`${readers.map((file) => file.path).join(', ')} all import mailparser; one may`] : [];
  return [...sqlElsewhere, ...many];
}
