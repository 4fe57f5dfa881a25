#!/bin/bash
# Static analysis of server/, client/ and common/; any finding fails. tests/static.sh BUILD [tidy|cppcheck|gcc]: BUILD is a configured
# build folder (compile_commands.json, generated proto code). What was clean and has not changed since, headers included, is not
# looked at again (BUILD/static).
#   tidy      clang-tidy, .clang-tidy says what it looks for; its analyzer stops after 50,000 nodes a function instead of 225,000:
#             the same findings here, in a third of the time
#   cppcheck  warnings, performance, portability
#   gcc       gcc -fanalyzer, at -O0: it looks at what optimizing would leave out
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd)
cd "$top"
flags=(-std=c11 -D_GNU_SOURCE -DBANYAN_VERSION='"0"' -DBANYAN_LOCALE_DIR='"/"' -Icommon -I. -I"$build/proto")

# GCC 12: malloc-leak does not know that what is put into a hash table or a grown list is kept (LeakSanitizer looks at every test);
# null-dereference, null-argument and use-of-uninitialized-value do not know that ERR_OK means that the output is set, nor that a
# loop over a static table ends before its NULL (each finding was looked at, what was real is mended).
gcc_off=(-Wno-analyzer-malloc-leak -Wno-analyzer-null-dereference -Wno-analyzer-null-argument -Wno-analyzer-use-of-uninitialized-value)
# It does not come to an end on uthash's macros in these; clang's analyzer does.
gcc_endless=' common/sync/scratch.c '

tidy() {
  clang-tidy -p "$build" --quiet --extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=max-nodes=50000 "$1" 2>/dev/null
}

gcc_analyzer() {
  [[ "$gcc_endless" == *" $1 "* ]] && return 0
  timeout 300 gcc -fanalyzer -O0 -Werror "${flags[@]}" "${gcc_off[@]}" -c "$1" -o /dev/null 2>&1
}

# uninitvar, legacyUninitvar: it does not know either that ERR_OK means that the output is set. internalAstError: 2.10 does not
# understand a compound literal within ?: (three files). nullPointer and memleak: in these two files alone, both looked at: the field is
# there where the kind is; what is kept in the report is freed with it. unknownMacro: jansson's json_object_foreach.
cppcheck_all() {
  cppcheck -j "$(nproc)" --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr --std=c11 -D_GNU_SOURCE \
    -DBANYAN_VERSION='"0"' -DPROTOBUF_C_VERSION_NUMBER=1004001 -DPROTOBUF_C_MIN_COMPILER_VERSION=1000000 \
    '-DHASH_ITER(hh,head,at,next)=for(at=head;at;at=next)' --suppress=unknownMacro:client/command/command_history.c \
    --suppress=uninitvar --suppress=legacyUninitvar --suppress=internalAstError --suppress=nullPointer:common/sync/scratch_children.c \
    --suppress=memleak:server/recovery/verify.c -I common -I . -I "$build/proto" server client common
}

# One file with one tool, unless it was clean as it is now.
one() { # TOOL FILE
  local key mark
  key=$({ declare -f "$1"; echo "${gcc_off[@]}"; cat .clang-tidy; gcc -E -P "${flags[@]}" "$2"; } | sha256sum | cut -c1-32)
  mark="$build/static/$1/$key"
  [ -e "$mark" ] && return 0
  local said
  if ! said=$("$1" "$2") || [ -n "$said" ]; then
    printf '%s: %s\n%s\n' "$1" "$2" "$said"
    return 1
  fi
  : >"$mark"
}

if [ "${STATIC_ONE:-}" ]; then
  status=0
  for file; do [ "$file" = "$build" ] || one "$STATIC_ONE" "$file" || status=1; done
  exit $status
fi
all() { # TOOL
  mkdir -p "$build/static/$1"
  find "$build/static/$1" -type f -mtime +30 -delete # what became of old versions
  find server client common -name '*.c' | sort | STATIC_ONE=$1 xargs -P "$(nproc)" -n 8 "$top/tests/static.sh" "$build"
}
case "${2:-all}" in
  tidy) all tidy ;;
  gcc) all gcc_analyzer ;;
  cppcheck) cppcheck_all ;;
  all) all tidy && all gcc_analyzer && cppcheck_all ;;
  *) echo "usage: tests/static.sh BUILD [tidy|cppcheck|gcc]" >&2; exit 2 ;;
esac
