#!/bin/bash
# What the harnesses of this folder reach: tests/fuzz/coverage.sh [HARNESS ...] builds them with clang's source coverage, runs each
# once over its seeds and what earlier runs learned (DIR/corpus), and prints for each the share of lines and branches of the code that
# it is about, file by file, and the functions of those files that it never entered.
#   FUZZ_BUILD=DIR   tests/fuzz/run.sh's folder: its corpus is read, the build here lies in DIR-coverage
#   FUZZ_CORPUS=no   the committed seeds alone: what the suite's five seconds begin with
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
corpus=${FUZZ_BUILD:-${TMPDIR:-/tmp}/banyan-fuzz-$(printf %s "$top" | sha256sum | cut -c1-8)}
build=$corpus-coverage

# What each is about: files of this checkout.
about() { # HARNESS
  case $1 in
    backup) echo server/recovery/backup*.c server/recovery/restore.c common/db/backup.c common/db/check.c ;;
    csv) echo common/csv/csv_reader.c common/base/text_decode.c ;;
    frame) echo common/wire/frame.c common/wire/wire.c common/wire/wire_check.c ;;
    handover) echo client/handover/*.c common/sync/origin.c common/sync/change.c common/tls/seat_keys.c ;;
    join) echo server/control/authority_seats.c server/control/authority_often.c common/tls/certificate.c common/tls/facts.c common/tls/parse.c common/tls/verify.c ;;
    join_code) echo common/wire/join_code.c ;;
    journal) echo server/control/journal.c server/control/control.c server/store/store_control*.c ;;
    link) echo client/agent/link*.c client/replica/replica_{page,position,pull,push,put_back,welcome,roles,hold,wipe}.c client/replica/{kept,heads,outbox}.c common/sync/effect.c common/sync/chain.c ;;
    message) echo common/wire/wire.c common/wire/wire_check.c common/wire/record.c common/wire/cell.c ;;
    plan) echo client/reader/plan_*.c client/reader/glyph.c ;;
    roster) echo client/reader/roster*.c client/reader/wages.c client/reader/payroll.c ;;
    session) echo server/session/*.c server/writer/writer*.c common/sync/decide*.c common/sync/{accept,intake,change,origin,strip}.c ;;
    tls) echo common/tls/{tls,bio,psk,context,detail,verify}.c ;;
  esac
}

one() { # HARNESS
  local name=$1 work="$build/work/$1" folders=("$build/seeds/$1") files
  files=$(cd "$top" && realpath $(about "$name"))
  [ -n "$files" ] || { echo "coverage.sh does not say what $name is about" >&2; return 1; }
  [ "${FUZZ_CORPUS:-}" = no ] || [ ! -d "$corpus/corpus/$name" ] || folders+=("$corpus/corpus/$name")
  rm -rf "$work"
  mkdir -p "$work/tmp" "$build/seeds/$name"
  (cd "$work" && TMPDIR="$work/tmp" LLVM_PROFILE_FILE="$work/raw" "$build/tests/fuzz/${name}_fuzz" -runs=0 -max_len=16384 -rss_limit_mb=0 \
    "${folders[@]}") >"$work/log" 2>&1 || { tail -40 "$work/log"; return 1; }
  llvm-profdata merge -o "$work/data" "$work/raw"
  llvm-cov export -skip-expansions -instr-profile="$work/data" "$build/tests/fuzz/${name}_fuzz" >"$work/export.json"
  python3 - "$name" "$work" "$(find "${folders[@]}" -type f | wc -l)" $files <<'P'
import json, os, sys
name, work, inputs, *about = sys.argv[1:]
data = json.load(open(f"{work}/export.json"))["data"][0]
found = {os.path.realpath(f["filename"]): f["summary"] for f in data["files"]}
about = [f for f in about if f in found]
share = lambda done, all, of: f"{done}/{all} {of} ({100 * done // all} %)" if all else f"no {of}"
counts = lambda files, of: share(sum(found[f][of]["covered"] for f in files), sum(found[f][of]["count"] for f in files), of)
print(f"coverage {name}: {counts(about, 'lines')}, {counts(about, 'branches')}, {inputs} inputs")
for f in about:
    print(f"  {os.path.relpath(f):45} {counts([f], 'lines'):28} {counts([f], 'branches')}")
never = [f["name"].split(":")[-1] for f in data["functions"] if not f["count"] and os.path.realpath(f["filenames"][0]) in about]
print("  never entered: " + (" ".join(never) or "none"))
P
}

"$top/deploy/packages.sh" test
mkdir -p "$build"
launcher=()
command -v ccache >/dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
cmake -G Ninja -S "$top" -B "$build" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=clang -DBANYAN_FUZZ=ON \
  -DCMAKE_C_FLAGS="-fprofile-instr-generate -fcoverage-mapping" "${launcher[@]}" >"$build/build.log" 2>&1 || { cat "$build/build.log"; exit 1; }
ninja -C "$build" tests/fuzz/all >"$build/build.log" 2>&1 || { tail -60 "$build/build.log"; exit 1; }
rm -rf "$build/seeds"
"$here/seeds.py" "$build/seeds"
names=("$@")
[ $# = 0 ] && names=($(cd "$here" && ls ./*_fuzz.c | sed 's|./||; s|_fuzz.c||'))
cd "$top"
for name in "${names[@]}"; do
  one "$name"
done
