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
cmake -G Ninja -S "$top" -B "$build" -DCMAKE_BUILD_TYPE=Debug -DBANYAN_SANITIZE=ON "${launcher[@]}" >"$build.log" 2>&1 || { cat "$build.log"; exit 1; }
ninja -C "$build" >"$build.log" 2>&1 || { tail -60 "$build.log"; exit 1; }
grep -q 'warning:' "$build.log" && { grep 'warning:' "$build.log"; echo "the build has warnings"; exit 1; }
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
cd "$build"
exec ctest --output-on-failure -j "$(nproc)" "$@"
