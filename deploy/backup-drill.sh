#!/bin/bash
# A rehearsal of the restore: puts a backup into a temporary folder, verifies it, serves from it on loopback, says how long that
# took and what is in it. Live folder, live server and the backup itself are not touched. It makes no backup of its own: two
# newest backups are what clients rely on, so none may be thrown away.
#   usage: deploy/backup-drill.sh BACKUP
set -euo pipefail
[ $# = 1 ] && [ -f "$1" ] || { sed -n '2,5p' "$0" >&2; exit 2; }
command -v banyand >/dev/null || { echo "没有找到 banyand / banyand is not in PATH" >&2; exit 1; }
backup=$1 server=""
work=$(mktemp -d "${TMPDIR:-/tmp}/banyan-drill.XXXXXX")
umask 077
finish() {
  status=$?
  [ -z "$server" ] || { kill -TERM "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
  [ $status = 0 ] || { printf '演练没有通过 / the drill failed\n' >&2; cat "$work/log" >&2 2>/dev/null || true; }
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
SECONDS=0
before=$(sha256sum "$backup")
banyand restore --data "$work/district" "$backup"
banyand verify --data "$work/district"
mkfifo "$work/ready"
banyand serve --data "$work/district" --listen 127.0.0.1:0 >"$work/ready" 2>"$work/log" &
server=$!
read -r -t 60 word _ <"$work/ready" && [ "$word" = ready ]
banyand overview --data "$work/district"
kill -TERM "$server"
wait "$server"
server=""
[ "$before" = "$(sha256sum "$backup")" ] || { echo "the backup changed" >&2; exit 1; }
printf '\n演练通过：这份备份可以恢复，用时 %s 秒\nthe drill passed: this backup can be restored, in %s s\n' "$SECONDS" "$SECONDS"
