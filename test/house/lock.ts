// What package-lock.json must hold: no library below the version that mended a hole we know (TRUST.md 0.8; `npm audit` is not answered by
// every registry), and every platform's optional package, without which `npm ci` stops on every machine.

/** A package-lock.json, as far as it is read. */
export type Lock = { packages: Record<string, { version?: string; optionalDependencies?: Record<string, string> }> };

/** The lowest version allowed of each library, wherever in the tree a copy lies. */
export const floors: Record<string, string> = {
  nodemailer: '10.6.0',
  mailparser: '3.14.2',
  handlebars: '4.7.10',
  imapflow: '1.6.4',
  'smtp-server': '3.18.3',
  fastify: '5.12.1',
};

/** Libraries whose holes matter only if they come into the tree at all. */
export const floorsIfPresent: Record<string, string> = { 'sanitize-html': '2.17.7', '@fastify/static': '10.1.3' };

/** Copies below their floor, and floors of which the tree has no copy (the rule would then say nothing). */
export function belowFloor(lock: Lock): string[] {
  const all = Object.entries({ ...floors, ...floorsIfPresent });
  return all.flatMap(([name, floor]) => {
    const copies = Object.entries(lock.packages).filter(
      ([path]) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`),
    );
    if (copies.length === 0 && name in floors)
      return [`${name} is not in package-lock.json; its floor ${floor} guards nothing`];
    return copies
      .filter(([, entry]) => older(entry.version ?? '0', floor))
      .map(([path, entry]) => `${path} is ${entry.version}, at least ${floor} is needed (TRUST.md 0.8)`);
  });
}

function older(version: string, floor: string): boolean {
  const [a, b] = [version, floor].map((text) => text.split(/[.-]/).map(Number)) as [number[], number[]];
  const at = b.findIndex((part, index) => part !== (a[index] ?? 0));
  // A pre-release of the floor itself (10.6.0-beta) has more parts and comes before it.
  return at < 0 ? version.includes('-') : (a[at] ?? 0) < b[at]!;
}

/** Optional dependencies that an entry names and the lock does not hold; `npm run lock` adds them. */
export function incomplete(lock: Lock): string[] {
  return Object.entries(lock.packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !placesOf(path, name).some((place) => lock.packages[place]))
      .map((name) => `${path || 'the project'} names ${name}, which package-lock.json lacks; run "npm run lock"`),
  );
}

/** Where npm may have put a dependency of the package at `path`: below it, or below any of its parents. */
function placesOf(path: string, name: string): string[] {
  const places = [path ? `${path}/node_modules/${name}` : `node_modules/${name}`];
  for (let parent = path; parent.includes('node_modules/');) {
    parent = parent.slice(0, parent.lastIndexOf('node_modules/'));
    places.push(`${parent}node_modules/${name}`);
    parent = parent.replace(/\/$/, '');
  }
  return places;
}
