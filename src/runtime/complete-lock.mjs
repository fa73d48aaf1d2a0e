// `npm run lock`, after each `npm install`: adds to package-lock.json the optional platform packages that the registry in use does not carry.
// npm leaves them out silently and then `npm ci` stops with "Missing: … from lock file" on every machine.
import { readFileSync, writeFileSync } from 'node:fs';

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));

for (const [path, entry] of Object.entries({ ...lock.packages })) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const known = lock.packages[`${path}/node_modules/${name}`] || lock.packages[`node_modules/${name}`];
    if (!path || known || !/^\d/.test(version)) continue;
    const words = name.split('/').pop().split('-');
    const system = words.find((word) => systems.includes(word));
    if (!system) continue;
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: [words[words.indexOf(system) + 1]],
      ...(entry.dev ? { dev: true } : {}),
      ...(words.at(-1).startsWith('musl') ? { libc: ['musl'] } : {}),
      optional: true,
      os: [system],
    };
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
