#!/bin/bash
# Arrows point down only: each room of common/ includes itself and what CMakeLists.txt says it may use, nothing else, and no
# header outside its glue room shows a type of libuv, SQLite or OpenSSL.
set -euo pipefail
cd "$(dirname "$0")/.."
bad=0
declare -A may
while read -r name folder uses; do
  [[ $folder == common/* ]] && may[$name]=" $name $uses "
done < <(sed -n 's/^room(\([a-z]*\) \([a-z/]*\) *\(.*\))$/\1 \2 \3/p' CMakeLists.txt)
[ "${#may[@]}" -ge 8 ] || { echo "no rooms found in CMakeLists.txt"; exit 1; }
for room in "${!may[@]}"; do
  allowed=" "
  todo="$room"
  while [ -n "$todo" ]; do                      # what a room uses, it may also see through
    next=""
    for r in $todo; do
      [[ $allowed == *" $r "* ]] && continue
      allowed+="$r "
      [ -n "${may[$r]:-}" ] && next+=" ${may[$r]}"
    done
    todo="$next"
  done
  while IFS=: read -r file include; do
    other=${include%%/*}
    [ -n "${may[$other]:-}" ] || continue
    [[ $allowed == *" $other "* ]] || { echo "$file includes $include, which $room may not use"; bad=1; }
  done < <(grep -RnoE '#include "[a-z]+/' "common/$room" | sed -E 's/:[0-9]+:#include "([a-z]+)\//:\1/')
  if grep -RnE '#include <(uv|sqlite3|openssl/)' "common/$room" --include=*.h; then echo "a glue type leaves $room by a header"; bad=1; fi
done
if grep -RnE '#include [<"](sqlite3|uv|openssl/)' server client; then echo "glue belongs to the rooms of common/"; bad=1; fi
if grep -RnE '#include "(server|client)/' common; then echo "common may not know the programs"; bad=1; fi
# Inside the programs: a folder, and the folders of its program that it may include.
while read -r folder uses; do
  while IFS=: read -r file other; do
    [[ " $folder $uses " == *" $other "* ]] || { echo "$file includes $other/, which $folder may not use"; bad=1; }
  done < <(grep -RoE '#include "(client|server)/[a-z]+/' "$folder" | sed -E 's/#include "([a-z]+\/[a-z]+)\//\1/')
done <<'ARROWS'
client/reader
client/replica
client/agent client/replica
client/print
client/handover client/replica
client/command client/agent client/handover client/print client/reader client/replica
server/control server/store
server/store server/control server/recovery
server/writer server/store server/recovery
server/recovery server/control server/store server/writer
server/session server/control server/store server/recovery
server/command server/control server/store server/writer server/recovery
ARROWS
for folder in client/*/ server/*/; do grep -q "^${folder%/}\( \|$\)" "$0" || { echo "${folder%/} is a folder without a line above"; bad=1; }; done
exit $bad
