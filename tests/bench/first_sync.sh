#!/bin/bash
# How long people wait, and what rests in memory: joining, an import of members, sending them, a colleague's first sync of them, a
# list, memory at rest. Real programs over TLS on loopback, each step's time by the clock, of the client's CPU and of the server's.
#   usage: BIN=DIR tests/bench/first_sync.sh [MEMBERS]      5,000 unless said; 50,000 take some minutes
#   DIR: a Release build (deploy/quickstart.sh says where it made one)
# On a busy machine compare CPU, and runs in turn.
set -euo pipefail
PATH=$BIN:$PATH
export BANYAN_LANG=en LC_ALL=C.UTF-8
members=${1:-5000}
home=$(mktemp -d)
server="" agent=""
finish() { for p in $agent $server; do kill -TERM "$p" 2>/dev/null && wait "$p"; done || true; rm -rf "$home"; }
trap finish EXIT
ticks() { awk '{ sub(/^.*\) /, ""); print $12 + $13 }' "/proc/$server/stat"; }
took() {
    local what=$1 before own server_s
    shift
    before=$(ticks)
    own=$({ TIMEFORMAT='%R %U %S'; time "$@" >/dev/null 2>&1; } 2>&1)
    server_s=$(($(ticks) - before))
    awk -v w="$what" -v s="$server_s" '{ printf "%-52s %7.2f s, client %.2f s, server %.2f s CPU\n", w, $1, $2 + $3, s / 100 }' <<<"$own"
}
rest() { awk -v w="$1" '/^VmRSS/ { printf "%-52s %7.1f MiB\n", w, $2 / 1024 }' "/proc/$2/status"; }
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
sheet() { echo 姓名,性别,出生日期,岗位,入会时间,会籍状态; for i in $(seq "$1" "$2"); do echo "周文$i,女,1990-01-0$((i % 9 + 1)),教师,2015-09-01,在籍"; done; }
for first in $(seq 1 10000 "$members"); do # a sheet has 20,000 rows at most
    last=$((first + 9999 < members ? first + 9999 : members))
    sheet "$first" "$last" >"$home/roster.csv"
    took "import of members $first to $last" banyan import member "$home/roster.csv" --data "$home/chair"
done
took "sending $members changes" banyan sync --data "$home/chair"
invite committee_member
took "a colleague joins, first sync of $members records" join "$home/colleague"
[ "$(banyan list member --json --data "$home/colleague" | grep -c '"id"')" = "$members" ]
took "list of $members records" banyan list member --data "$home/colleague"
banyan sync --watch --data "$home/colleague" >/dev/null 2>&1 &
agent=$!
for _ in $(seq 100); do banyan status --json --data "$home/colleague" | grep -q '"connected": true' && break; sleep 0.05; done
rest "client that stays connected, at rest" "$agent"
rest "server, one client connected, at rest" "$server"
