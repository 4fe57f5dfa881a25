#!/bin/bash
# What README.md teaches works: its ```sh blocks are run in order, in an empty home, with the programs in $BIN. The one line that
# serves goes to the background, on a port that is free, and is ended by its pid.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
home=$(mktemp -d)
server=""
finish() { [ -z "$server" ] || { kill -TERM "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$home"; }
trap finish EXIT
export HOME=$home PATH=$BIN:$PATH BANYAN_LANG=${BANYAN_LANG:-zh} LC_ALL=C.UTF-8
unset BANYAN_DATA XDG_DATA_HOME
cd "$top"

serve() {
  mkfifo "$home/ready"
  banyand "$@" >"$home/ready" &
  server=$!
  read -r -t 30 word _ <"$home/ready"
  [ "$word" = ready ]
}
sed -n '/^```sh$/,/^```$/p' README.md | grep -v '^```' | sed -e 's/^banyand serve /serve serve /' -e 's/:7443/:0/' >"$home/lines"
[ "$(grep -c . "$home/lines")" -gt 40 ] || { echo "README.md has no lines to run"; exit 1; }
trap 'echo "README.md: $BASH_COMMAND"' ERR
set -E +o pipefail   # as in a shell that somebody types into
# shellcheck disable=SC1091
. "$home/lines"
