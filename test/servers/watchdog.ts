// Ends what a killed test process would leave behind. A small shell stands apart (own session, so that a Ctrl-C does not reach it) and reads a
// pipe from us: when the pipe closes without the word `done`, we are dead, and it ends the watched process group and removes the folder
// (and the small disk that is mounted there, if one is).
import { spawn } from 'node:child_process';

const graceTenths = 80;

const script = `
folder=$1 pid= signal=TERM
while read -r word value; do
  case $word in pid) pid=$value ;; signal) signal=$value ;; done) exit 0 ;; esac
done
if [ -n "$pid" ]; then
  kill -s "$signal" -- "-$pid" 2>/dev/null
  n=0
  while kill -0 "$pid" 2>/dev/null && [ $n -lt ${graceTenths} ]; do sleep 0.1; n=$((n + 1)); done
  kill -s KILL -- "-$pid" 2>/dev/null
fi
umount -l -- "$folder" 2>/dev/null
rm -rf -- "$folder"
`;

/** The leash between this process and its watchdog. */
export type Watchdog = {
  /** From now on the process group led by `pid` is ended with `signal` (8 s later with KILL) when this process dies. */
  watch(pid: number | undefined, signal: NodeJS.Signals): void;
  /** Nothing is left to end or remove: the watchdog goes. */
  done(): void;
};

/** Sets a watchdog on `folder`, which it removes if this process dies first. */
export function watchdogOn(folder: string): Watchdog {
  const dog = spawn('/bin/sh', ['-c', script, 'watchdog', folder], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  dog.on('error', () => {});
  dog.stdin.on('error', () => {});
  dog.unref();
  return {
    watch(pid, signal) {
      if (dog.stdin.writable) dog.stdin.write(`signal ${signal.replace('SIG', '')}\npid ${pid ?? ''}\n`);
    },
    done() {
      if (dog.stdin.writable) dog.stdin.end('done\n');
    },
  };
}
