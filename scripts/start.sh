#!/bin/sh
# npm start: install what is missing, then become the server. exec all the way: the process that npm signals is
# the server itself.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
ensure_installed
exec "$NODE24" src/main.ts "$@"
