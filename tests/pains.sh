#!/bin/bash
# The table of pains in README.md and ctest agree: each row from 1 to 26 is there once and names a test of its own number, or says
# what it waits for; each test that it names exists; and no pain_ test stands outside of it.
#   tests/pains.sh NAMES    a file with the names of all tests, one a line
set -euo pipefail
cd "$(dirname "$0")"
bad=0
say() { echo "$*"; bad=1; }
rows=$(grep -E '^\| [0-9]+ \|' README.md)
for row in $(seq 26); do
  line=$(grep -E "^\| $row \|" <<<"$rows") || { say "row $row is missing"; continue; }
  [ "$(wc -l <<<"$line")" = 1 ] || say "row $row is there twice"
  number=$(printf 'pain_%02d_' "$row")
  own=$(cut -d'|' -f4 <<<"$line")
  tests=$(grep -oE '`[^`]*`' <<<"$own" | tr -d '`' || true)
  [ -n "$tests" ] || grep -q 'waits: [a-z]' <<<"$own" || say "row $row has no test and waits for nothing"
  for test in $tests; do
    [[ $test == "$number"* ]] || say "row $row names $test"
  done
  for test in $tests $(cut -d'|' -f5 <<<"$line"); do
    grep -qx "$test" "$1" || say "row $row: there is no test $test"
  done
done
for test in $(grep '^pain_' "$1"); do
  grep -q "\`$test\`" README.md || say "$test stands in no row"
done
exit $bad
