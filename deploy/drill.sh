#!/bin/bash
# The whole drill, with a district of its own on loopback in a temporary folder: people work while a backup is made, they work on, the
# machine is lost (kill -9, its folder gone), the backup is restored, the clients bring back what came after it, verify is clean, and
# nothing is missing: a device that joins only then counts the same records and the same money. No live folder is touched.
#   usage: deploy/drill.sh [SECONDS]     SECONDS: how long all of it may take, 300 if not given
set -euo pipefail
limit=${1:-300}
[[ $limit =~ ^[0-9]+$ ]] && [ $# -le 1 ] || { sed -n '2,5p' "$0" >&2; exit 2; }
for program in banyand banyan; do
  command -v "$program" >/dev/null || { echo "没有找到 $program / $program is not in PATH" >&2; exit 1; }
done
work=$(mktemp -d "${TMPDIR:-/tmp}/banyan-drill.XXXXXX") server="" guard=""
export BANYAN_LANG=en
umask 077
finish() {
  status=$?
  [ -z "$guard" ] || kill "$guard" 2>/dev/null || true
  [ -z "$server" ] || { kill -KILL "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
  [ $status = 0 ] || { printf '演练没有通过 / the drill failed\n' >&2; tail -n 30 "$work"/*.log >&2 2>/dev/null || true; }
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'echo "over $limit s" >&2; exit 143' TERM
( sleep "$limit" & slept=$!; trap 'kill "$slept" 2>/dev/null' TERM; wait "$slept" && kill -TERM $$ ) 2>/dev/null &
guard=$!
SECONDS=0

step() { printf '\n== %s s  %s\n' "$SECONDS" "$1"; }
seat() { local who=$1; shift; banyan "$@" --data "$work/$who"; }
join() { # FOLDER BRANCH ROLE NAME
  banyand invite --data "$work/district" --branch "$2" --role "$3" --name "$4" 2>/dev/null | banyan join - --data "$work/$1" 2>&1
}
serve() { # the same port again after the loss
  rm -f "$work/ready"
  mkfifo "$work/ready"
  banyand serve --data "$work/district" --listen "127.0.0.1:${port:-0}" >"$work/ready" 2>>"$work/serve.log" &
  server=$!
  read -r -t 60 word address <"$work/ready" && [ "$word" = ready ]
  port=${address##*:}
}
pay() { # FROM TO: a payment of n yuan for each n
  local n
  for n in $(seq "$1" "$2"); do
    seat accountant add dues_payment member_id="会员$(((n - 1) % 10 + 1))" period=2026-10 amount_fen="$n.00" paid_on=2026-10-20 method=cash reason=演练 >/dev/null 2>&1
  done
}
# What a seat's copy counts: records a kind, and the money of all payments in fen.
count() { # FOLDER
  local kind
  for kind in member union_group dues_payment work_plan; do
    printf '%s %s\n' "$kind" "$(seat "$1" list "$kind" --json | grep -c '"id":')"
  done
  printf 'fen %s\n' "$(seat "$1" list dues_payment --json | sed -n 's/^ *"amount_fen": \(-*[0-9]*\),*$/\1/p' | awk '{ sum += $1 } END { print sum + 0 }')"
}

step "一个区，三个席位 / a district, three seats"
banyand init --data "$work/district" --name 演练区教育工会 --code QH --host 127.0.0.1
banyand branch add --data "$work/district" --code QH001 --name 演练区小苗圃幼儿园工会
serve
join chair QH001 union_chair 王敏
join accountant QH001 accountant 赵蓉
join officer QH district_officer 张丽
seat chair add union_group name=大班组 >/dev/null
for n in $(seq 10); do seat chair add member "name=会员$n" >/dev/null; done
for n in $(seq 10); do seat chair act member "会员$n" active joined_on=2026-01-05 state_effective_on=2026-01-05 >/dev/null; done
seat chair sync
seat accountant sync
pay 1 10
seat accountant sync

step "在服务的同时备份 / a backup while it serves"
{ pay 11 12; seat accountant sync; pay 13 14; } &
paying=$!
banyand backup --data "$work/district" "$work/backup"
wait "$paying"

step "备份之后又收下的 / accepted after the backup"
seat accountant sync
pay 15 20
seat accountant sync
seat chair add work_plan title=备份之后的计划 period=2026-1 >/dev/null
seat chair set member 会员3 campus=东区
seat chair sync
seat accountant sync
count accountant >"$work/before"
cat "$work/before"

step "机器没了 / the machine is lost"
kill -KILL "$server"
wait "$server" 2>/dev/null || true
server=""
rm -rf "$work/district"
pay 21 22                                   # people work on

step "恢复 / restored"
banyand restore --data "$work/district" "$work/backup"
serve
for who in chair accountant officer chair accountant; do seat "$who" sync || [ $? = 3 ] || [ $? = 4 ]; done
for _ in $(seq 100); do                     # recovery ends by itself: all seats were heard
  seat accountant sync >/dev/null 2>&1 && [ "$(seat accountant status --json | sed -n 's/^ *"queued": \([0-9]*\),*$/\1/p')" = 0 ] && break
  sleep 0.2
done
seat chair sync

step "核对 / checked"
banyand verify --data "$work/district"
join later QH001 accountant 钱多
seat later sync
count later >"$work/after"
# the two payments that were entered while there was no server, 21 and 22 yuan, are new besides
awk '$1 == "dues_payment" { $2 += 2 } $1 == "fen" { $2 += 4300 } { print }' "$work/before" >"$work/wanted"
diff "$work/wanted" "$work/after" || { echo "那边是应有的，这边是实有的 / left: what there should be, right: what there is" >&2; exit 1; }
cat "$work/after"
banyand overview --data "$work/district" >/dev/null
kill -TERM "$server"
wait "$server"
server=""
printf '\n演练通过：什么都没有丢，用时 %s 秒\nthe drill passed: nothing is missing, in %s s\n' "$SECONDS" "$SECONDS"
