#!/bin/sh
# npx cityloop …: the command line, on the packaged Node 24, from wherever it is called.
set -eu
self=$(readlink -f "$0")
root=$(dirname "$(dirname "$self")")
if [ ! -x "$root/node_modules/.bin/node" ]; then
  echo '请先运行一次 npm start。 / Run npm start once first.' >&2
  exit 1
fi
CITYLOOP_CALLED_FROM=$PWD
export CITYLOOP_CALLED_FROM
exec "$root/node_modules/.bin/node" "$root/src/cli/main.ts" "$@"
