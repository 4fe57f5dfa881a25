#!/bin/bash
# What README.md and deploy/HANDBOOK.md teach works: their ```sh blocks are run in order, in an empty home, with the programs in
# $BIN. The one line that serves goes to the background, on a port that is free, and is ended by its pid; the handbook's folders
# are below that home, and its systemctl is a function.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
home=$(mktemp -d)
server=""
finish() { [ -z "$server" ] || { kill -TERM "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; rm -rf "$home"; }
trap finish EXIT
export HOME=$home PATH=$BIN:$PATH BANYAN_LANG=${BANYAN_LANG:-zh} LC_ALL=C.UTF-8
unset BANYAN_DATA XDG_DATA_HOME
cd "$top"

listen=127.0.0.1:0
serve() {
  [ -p "$home/ready" ] || mkfifo "$home/ready"
  banyand serve --data "$home/district" --listen "$listen" >"$home/ready" &
  server=$!
  read -r -t 30 word listen <"$home/ready"
  [ "$word" = ready ]
}
sudo() { "$@"; }
systemctl() {
  if [ "$1" = start ]; then serve; return; fi
  kill -TERM "$server"
  wait "$server"
  server=""
}
lines() { sed -n '/^```sh$/,/^```$/p' "$1" | grep -v '^```'; }
mkdir "$home/backups"
{
  lines README.md | sed 's/^banyand serve .*/serve/'
  lines deploy/HANDBOOK.md | sed -e "s|/tmp/|$home/|g" -e "s|/var/lib/banyand|$home/district|g" -e "s|/var/backups/banyand|$home/backups|g"
} >"$home/lines"
[ "$(grep -c . "$home/lines")" -gt 60 ] || { echo "there are no lines to run"; exit 1; }
trap 'echo "failed: $BASH_COMMAND"' ERR
set -E +o pipefail   # as in a shell that somebody types into
# shellcheck disable=SC1091
. "$home/lines"
# The seats go on after the restore, and the one that was revoked does not.
banyan sync --data "$home/chair"
banyan sync --data "$home/colleague" && exit 1
banyand verify --data "$home/district"
