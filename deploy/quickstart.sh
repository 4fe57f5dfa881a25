#!/bin/bash
# From a bare Debian 12 to a district that syncs, in one command: installs what is missing, builds (Release, outside of this
# folder), makes a demo district in a temporary folder, lets four seats of three kindergartens and the district work with and
# without the network, goes through what a year brings (deploy/demo/year.sh), and ends with the district's board. Leaves nothing running; the demo's folder stays, to go on by hand.
#   XDG_CACHE_HOME=DIR   where to build (default: ~/.cache), TMPDIR=DIR   where the demo goes (default: /tmp)
set -euo pipefail
[ -n "${BANYAN_LANG:-}" ] || case "${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}" in en*) export BANYAN_LANG=en ;; *) export BANYAN_LANG=zh ;; esac
export LC_ALL=C.UTF-8
top=$(cd "$(dirname "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/banyan
build=$cache/build-$(printf %s "$top" | sha256sum | cut -c1-8)
demo="" server="" address="" step=""

now() { date +%s; }
say() { printf '\n%s  \033[2m%s\033[0m\n' "$1" "$2"; step=$2; }
[ -t 1 ] || say() { printf '\n%s  %s\n' "$1" "$2"; step=$2; }

stop_server() {
  [ -n "$server" ] || return 0
  kill -TERM "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=""
}
finish() {
  status=$?
  stop_server
  [ $status = 0 ] && return
  printf '\n没有走完，停在：%s\nstopped at: %s\n' "$step" "$step" >&2
  [ -n "$demo" ] && [ -f "$demo/serve.log" ] && tail -5 "$demo/serve.log" >&2
  [ -n "$demo" ] && printf '演示数据 / demo: %s\n' "$demo" >&2
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- packages and build: nothing to do the second time ----
start=$(now)
say "一、安装缺少的软件包" "1. packages that are missing"
"$top/deploy/packages.sh" build
packages_took=$(($(now) - start))

start=$(now)
say "二、编译（在 $build）" "2. build"
mkdir -p "$build"
launcher=()
command -v ccache >/dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
cmake -G Ninja -S "$top" -B "$build" -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF "${launcher[@]}" >"$build.log" 2>&1 || { tail -30 "$build.log" >&2; exit 1; }
ninja -C "$build" >"$build.log" 2>&1 || { tail -30 "$build.log" >&2; exit 1; }
build_took=$(($(now) - start))
PATH=$build:$PATH
cd "$top"

# ---- the demo ----
start=$(now)
demo=$(mktemp -d "${TMPDIR:-/tmp}/banyan-demo.XXXXXX")
today=$(date +%F)

serve() {                       # on the port of before, if there was one
  step="banyand serve"
  [ -p "$demo/ready" ] || mkfifo "$demo/ready"
  banyand serve --data "$demo/district" --listen "${address:-127.0.0.1:0}" >"$demo/ready" 2>>"$demo/serve.log" &
  server=$!
  read -r -t 20 _ address <"$demo/ready"
}
seat() { local who=$1; shift; banyan "$@" --data "$demo/$who"; }
show() { local who=$1; shift; printf '  %s$ banyan %s\n' "$who" "$*"; seat "$who" "$@" 2>&1 | sed 's/^/    /'; }
# What an import says, but for rows that went well and for what is asked of every invented ID number and phone.
load() {
  local who=$1 line status=0; shift
  printf '  %s$ banyan %s\n' "$who" "$*"
  seat "$who" "$@" >"$demo/said" 2>&1 || status=$?
  { grep -vE '请核对：|please check: |：新增$|: added$' "$demo/said" || true; } | while read -r line; do
    [ ${#line} -le 90 ] || line="${line:0:88}…"
    printf '    %s\n' "$line"
  done
  return $status
}
expect() { local wanted=$1 got=0; shift; "$@" || got=$?; [ "$got" = "$wanted" ] || { echo "exit status $got instead of $wanted: $*" >&2; exit 1; }; }
join() {                        # FOLDER BRANCH ROLES PERSON: the code goes through a pipe, never through an argument
  banyand invite --data "$demo/district" --branch "$2" --role "$3" --name "$4" | seat "$1" join - 2>&1 | sed 's/^/  /'
}
ids() { local who=$1; shift; seat "$who" list "$@" --json | sed -n 's/^ *"id": "\(.*\)",*$/\1/p'; }
only() { local found; found=$(ids "$@"); [ "$(printf '%s\n' "$found" | grep -c .)" = 1 ] || { echo "not one record: $*" >&2; exit 1; }; printf %s "$found"; }

say "三、建一个演示区，启动服务器（本机）" "3. a demo district, served on loopback"
banyand init --data "$demo/district" --name 青禾区教育工会 --code QH --host 127.0.0.1
banyand branch import --data "$demo/district" deploy/demo/branches.csv 2>&1 | sed 's/^/  /'
serve
echo "  banyand serve: $address"

say "四、区里一个席位、三所幼儿园四个席位加入" "4. a district seat and four seats of three kindergartens join"
join 区工会 QH district_officer 张丽
join 王敏 QH001 union_chair 王敏
join 李静 QH001 committee_member 李静
join 陈燕 QH002 union_chair 陈燕
join 罗佳 QH003 union_chair 罗佳

say "五、导入花名册和工作计划（园里的原样）" "5. rosters and plans, as kindergartens keep them"
for group in 大班组 中班组 后勤组; do seat 王敏 add union_group name=$group >/dev/null; done
load 王敏 import member deploy/demo/roster-xiaomiaopu.csv
load 王敏 import work_plan tests/data/plans/s0.txt --part 1 period=2026-1
echo "  （有一行身份证号抄错：先指出来，什么也不写入；改好以前可以跳过它  one row is miscopied: it is named and nothing written; then it is skipped）"
expect 1 load 陈燕 import member deploy/demo/roster-yunque.csv
load 陈燕 import member deploy/demo/roster-yunque.csv --skip-bad
load 陈燕 import work_plan tests/data/plans/s0.txt --part 2 period=2026
load 罗佳 import work_plan tests/data/plans/s1.txt --part 3 period=2026-2
for name in 罗佳 许知言 梁璐; do seat 罗佳 add member "name=$name" state=active >/dev/null; done
for who in 王敏 李静 陈燕 罗佳; do show $who sync; done

say "六、断网：服务器停了，两边照常工作" "6. the server is stopped, both sides work on"
stop_server
show 王敏 set member 刘佳怡 title=一级教师
show 李静 set member 刘佳怡 education=硕士
show 王敏 set member 孙丽芳 campus=总园
show 李静 set member 孙丽芳 campus=分园
plan=$(only 王敏 work_plan)
seat 王敏 act work_plan "$plan" discussed
seat 王敏 act work_plan "$plan" adopted "adopted_on=$today" adopted_by=全体会员大会
show 王敏 act work_plan "$plan" submitted "submitted_on=$today"
limit=$(seat 区工会 add policy_limit rule_code=dues.rate_permille value=5 unit=permille effective_from=2026-09-01 basis=工会会费收缴办法)
show 区工会 act policy_limit "$limit" in_force
expect 3 show 王敏 sync

say "七、恢复连接：不同的栏目自动合并，同一栏目请人决定" "7. connected again: other fields merge, the same field is decided by a person"
serve
show 王敏 sync
expect 4 show 李静 sync
expect 4 seat 李静 attention
conflict=$( (seat 李静 attention --json || [ $? = 4 ]) | sed -n 's/^  "id": "\(.*\)",*$/\1/p')
show 李静 resolve "$conflict" --theirs
show 李静 sync
show 王敏 sync
show 王敏 history member 刘佳怡

say "八、区里审阅工作计划" "8. the district reads and acknowledges a plan"
show 区工会 sync
show 区工会 list work_plan --branch QH001
show 区工会 act work_plan "$plan" acknowledged
show 区工会 sync
show 王敏 sync
show 王敏 act work_plan "$plan" in_force
item=$(ids 王敏 plan_item month=9 | head -1)
show 王敏 act plan_item "$item" "done" "evidence=有会议纪要" "actual_on=$today"
for who in 王敏 李静 陈燕 罗佳; do seat $who sync; done

# shellcheck source=demo/year.sh
. deploy/demo/year.sh

say "十四、区里看到的" "14. what the district sees"
seat 区工会 overview
banyand verify --data "$demo/district"
stop_server

took=$(($(now) - start))
say "完成：演示 $took 秒（软件包 $packages_took 秒，编译 $build_took 秒）" "done: demo $took s (packages $packages_took s, build $build_took s)"
cat <<END
接着自己试 / go on by hand:
  export PATH=$build:\$PATH
  banyand serve --data $demo/district --listen $address          # 一个终端 / in a terminal of its own
  export BANYAN_DATA=$demo/王敏                                   # 王敏的席位 / 王敏's seat
  banyan status; banyan list member; banyan list plan_item; banyan describe member
  banyan overview --data $demo/区工会                             # 区里的席位 / the district's seat
  banyan sync --watch                                             # 一直连着 / stays connected
  rm -rf $demo                                                    # 用完删除 / when done
END
