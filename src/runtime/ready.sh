#!/bin/sh
# Before `npm test` and `npm run demo`: the Node 26 that npm brought must start. Its Linux build needs libatomic, which a bare Debian has not; as root on Debian
# we fetch it, elsewhere we say its name. Plain sh, because the `node` npm puts first in PATH is the very one that may not start.
cd "$(dirname "$0")/../.." || exit 1

"${npm_node_execpath:-node}" src/runtime/link.mjs || exit 1
node=node_modules/.bin/node
why=$("$node" --version 2>&1) && exit 0

case $why in *libatomic*) ;; *)
  echo "casepost: $node does not start: $why"
  exit 1 ;;
esac
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo 'casepost: installing libatomic1, which Node 26 needs …'
  apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends libatomic1 >/dev/null
fi
"$node" --version >/dev/null 2>&1 && exit 0
echo "casepost: Node 26 does not start: $why"
echo 'casepost: install libatomic (Debian: apt-get install libatomic1; Fedora: dnf install libatomic) and try again'
exit 1
