#!/bin/bash
# All tests: installs what is missing, builds Debug with AddressSanitizer and UndefinedBehaviorSanitizer, runs everything
# through ctest, whose summary ends the output. Arguments go to ctest (-R NAME ...).
#   BUILD=DIR   where to build (default: a folder of this checkout's own below the system's temporary one)
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
"$top/deploy/packages.sh" test
build=${BUILD:-${TMPDIR:-/tmp}/banyan-test-$(printf %s "$top" | sha256sum | cut -c1-8)}
launcher=()
command -v ccache >/dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
cmake -G Ninja -S "$top" -B "$build" -DCMAKE_BUILD_TYPE=Debug -DBANYAN_SANITIZE=ON -DFUZZ_BUILD="$build-fuzz" "${launcher[@]}" >"$build.log" 2>&1 || { cat "$build.log"; exit 1; }
ninja -C "$build" >"$build.log" 2>&1 || { tail -60 "$build.log"; exit 1; }
grep -q 'warning:' "$build.log" && { grep 'warning:' "$build.log"; echo "the build has warnings"; exit 1; }
FUZZ_BUILD="$build-fuzz" "$top/tests/fuzz/run.sh" 0 # the harnesses, by clang
cd "$build"
leaks=1
# LeakSanitizer reads /proc of its own process: in a chroot with another namespace's /proc it cannot work at all, whatever the program.
if ! ASAN_OPTIONS=detect_leaks=1 tests/base_err_test >"$build.log" 2>&1 && grep -q 'LeakSanitizer has encountered a fatal error' "$build.log"; then
  echo "this system's /proc is not its own: without the search for leaks"
  leaks=0
fi
export ASAN_OPTIONS=detect_leaks=$leaks:detect_stack_use_after_return=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
exec ctest --output-on-failure -j "$(nproc)" "$@"
