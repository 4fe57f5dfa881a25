#!/bin/bash
# How long people wait, and what rests in memory: joining, an import of 5,000 members, sending them, a colleague's first sync of
# them, a list, memory at rest. Real programs over TLS on loopback.
#   usage: BIN=DIR tests/bench/first_sync.sh      DIR: a Release build (deploy/quickstart.sh says where it made one)
set -euo pipefail
PATH=$BIN:$PATH
export BANYAN_LANG=en LC_ALL=C.UTF-8
home=$(mktemp -d)
server="" agent=""
finish() { for p in $agent $server; do kill -TERM "$p" 2>/dev/null && wait "$p"; done || true; rm -rf "$home"; }
trap finish EXIT
took() { local what=$1 from=$EPOCHREALTIME; shift; "$@" >/dev/null 2>&1; awk -v a="$from" -v b="$EPOCHREALTIME" -v w="$what" 'BEGIN { printf "%-44s %.2f s\n", w, b - a }'; }
rest() { awk -v w="$1" '/^VmRSS/ { printf "%-44s %.1f MiB\n", w, $2 / 1024 }' "/proc/$2/status"; }
invite() { banyand invite --data "$home/d" --branch B --role "$1" --name 王敏 >"$home/code"; }
join() { banyan join - --data "$1" <"$home/code"; }

banyand init --data "$home/d" --name 青禾区教育工会 --host 127.0.0.1
banyand branch add --data "$home/d" --code B --name 青禾区小苗圃幼儿园工会
mkfifo "$home/ready"
banyand serve --data "$home/d" --listen 127.0.0.1:0 >"$home/ready" 2>/dev/null &
server=$!
read -r -t 20 _ _ <"$home/ready"
rest "server, fresh" "$server"
invite union_chair
took "joining" join "$home/chair"
{ echo 姓名,性别,出生日期,岗位,入会时间,会籍状态; for i in $(seq 5000); do echo "周文$i,女,1990-01-0$((i % 9 + 1)),教师,2015-09-01,在籍"; done; } >"$home/roster.csv"
took "import of 5,000 members" banyan import member "$home/roster.csv" --data "$home/chair"
took "sending 5,000 changes" banyan sync --data "$home/chair"
invite committee_member
took "a colleague joins, first sync of 5,000 records" join "$home/colleague"
[ "$(banyan list member --json --data "$home/colleague" | grep -c '"id"')" = 5000 ]
took "list of 5,000 records" banyan list member --data "$home/colleague"
banyan sync --watch --data "$home/colleague" >/dev/null 2>&1 &
agent=$!
for _ in $(seq 100); do banyan status --json --data "$home/colleague" | grep -q '"connected": true' && break; sleep 0.05; done
rest "client that stays connected, at rest" "$agent"
rest "server, one client connected, at rest" "$server"
