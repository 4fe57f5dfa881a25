#!/bin/bash
# Every sentence for people has its Chinese, and the Chinese file has no others: what xgettext finds in the sources is compared
# with common/base/zh_CN.po both ways, and msgfmt looks at the formats (%s against %s).
#   tests/sentences.sh             says what is missing, stale or does not fit
#   tests/sentences.sh --update    brings new ones into the file, untranslated, and takes stale ones out
set -euo pipefail
cd "$(dirname "$0")/.."
po=common/base/zh_CN.po
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pot=$work/sources.pot
extract() { xgettext --from-code=UTF-8 -L C --no-location --flag=_:1:pass-c-format --flag=N_:1:pass-c-format "$@" -o "$pot" 2>>"$work/said"; }

find client server common \( -name '*.c' -o -name '*.h' \) ! -path common/base/tr.h | LC_ALL=C sort >"$work/files"
extract -k -k_ -kN_ -f "$work/files"
# In some headers sentences stand in lists of names, X(NAME, "sentence"): found by the argument's place.
xargs grep -lE '^ +X\([A-Z_]+, ("|$)' <"$work/files" >"$work/lists" || true
extract -j -k -kX:2 -f "$work/lists"
extract -j -k -kX:3 common/base/err.h
sed -i 's/charset=CHARSET/charset=UTF-8/' "$pot"
[ "$(grep -c '^msgid' "$pot")" -gt 200 ] || { echo "xgettext found next to nothing"; cat "$work/said"; exit 1; }

msgmerge -q -N --no-location --no-wrap -o "$work/merged.po" "$po" "$pot"
msgattrib --no-obsolete --no-wrap -o "$work/merged.po" "$work/merged.po"
if [ "${1:-}" = --update ]; then
  grep -vE '^"(POT-Creation-Date|Report-Msgid-Bugs-To):' "$work/merged.po" >"$po"
  msgfmt --statistics -o /dev/null "$po"
  exit
fi
bad=0
msgcmp -N "$po" "$pot" >"$work/differ" 2>&1 || bad=1
[ -s "$work/differ" ] && { cat "$work/differ"; bad=1; }
msgfmt -c -o /dev/null "$work/merged.po" || bad=1
[ $bad = 0 ] || echo "tests/sentences.sh --update, then fill in the Chinese in $po"
exit $bad
