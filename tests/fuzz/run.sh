#!/bin/bash
# Fuzzes the harnesses of this folder: tests/fuzz/run.sh SECONDS [HARNESS ...] gives each of them that long (all of them
# without names), as many at a time as there are cores, and prints a line for each: what it did, or what it found. The time
# counts from when the seeds have been gone through: those alone take longer than a few seconds where the machine is busy.
#   FUZZ_BUILD=DIR   where to build (default: a folder of this checkout's own below the system's temporary one)
#   FUZZ_BUILT=1     it is built already
#   FUZZ_SEED=N      the same dice each time: what the suite uses, so that its answer depends on the program alone
# What a run learns stays in DIR/corpus/HARNESS for the next one; an input that breaks something is kept in
# DIR/found/HARNESS: run DIR/tests/fuzz/HARNESS_fuzz on it alone. Found inputs become unit tests before they are mended.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${FUZZ_BUILD:-${TMPDIR:-/tmp}/banyan-fuzz-$(printf %s "$top" | sha256sum | cut -c1-8)}
seconds=${1:?usage: tests/fuzz/run.sh SECONDS [HARNESS ...]}
shift

one() { # HARNESS
  local name=$1 work="$build/work/$1" status=0 folder fuzzer timer
  mkdir -p "$build/corpus/$name" "$build/found/$name" "$build/seeds/$name" "$work"
  folder=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "$work")" banyan-fuzz-XXXXXX)
  (cd "$work" && export TMPDIR=$folder ASAN_OPTIONS=quarantine_size_mb=16:malloc_context_size=8:${ASAN_OPTIONS:-} &&
    exec "$build/tests/fuzz/${name}_fuzz" ${FUZZ_SEED:+-seed="$FUZZ_SEED"} -max_len=16384 -timeout=25 \
    -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$build/found/$name/" "$build/corpus/$name" "$build/seeds/$name") \
    >"$work/log" 2>&1 &
  fuzzer=$!
  until grep -q '\sINITED\s' "$work/log" || ! kill -0 "$fuzzer" 2>/dev/null; do sleep 0.1; done
  sleep "$seconds" &
  timer=$!
  while kill -0 "$fuzzer" 2>/dev/null && kill -0 "$timer" 2>/dev/null; do sleep 0.1; done
  kill "$timer" 2>/dev/null || true
  kill -USR1 "$fuzzer" 2>/dev/null || true # it ends by itself, behind the input that it is at
  wait "$fuzzer" || status=$?
  rm -r "$folder"
  if [ "$status" != 0 ]; then
    grep -v '^#[0-9]*\s\(NEW\|REDUCE\|pulse\)' "$work/log" | tail -60
    echo "fuzz $name: found something; its input is the newest file in $build/found/$name"
    return 1
  fi
  awk -v name="$name" '/ cov: /{for (i = 1; i < NF; i++) { if ($i == "cov:") cov = $(i + 1); if ($i == "corp:") corpus = $(i + 1) }}
    $2 == "INITED" {seeds = substr($1, 2) + 0} /number_of_executed_units/{runs = $2 + 0} /peak_rss_mb/{rss = $2}
    END {printf "fuzz %-10s %7d seeds, %9d runs of changed ones, %5d edges, corpus %s, %d MiB\n", name, seeds, runs - seeds, cov, corpus, rss
      if (runs <= seeds) { print "fuzz " name ": nothing was changed"; exit 1 }}' "$work/log"
}

if [ "${FUZZ_ONE:-}" ]; then
  one "$1"
  exit
fi
if [ -z "${FUZZ_BUILT:-}" ]; then
  "$top/deploy/packages.sh" test
  launcher=()
  command -v ccache >/dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
  mkdir -p "$build"
  cmake -G Ninja -S "$top" -B "$build" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=clang -DBANYAN_FUZZ=ON "${launcher[@]}" >"$build/build.log" 2>&1 ||
    { cat "$build/build.log"; exit 1; }
  ninja -C "$build" tests/fuzz/all >"$build/build.log" 2>&1 || { tail -60 "$build/build.log"; exit 1; }
  "$here/seeds.py" "$build/seeds"
fi
[ "$seconds" = 0 ] && exit 0 # built, for later
names=("$@")
[ $# = 0 ] && names=($(cd "$here" && ls ./*_fuzz.c | sed 's|./||; s|_fuzz.c||'))
export FUZZ_ONE=1 FUZZ_BUILD=$build
printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -I{} "$here/run.sh" "$seconds" {}
