#!/bin/bash
# Installs what is missing of Debian's packages: `deploy/packages.sh build` for the programs, `deploy/packages.sh test` for the
# tests besides. Does nothing, and needs no root, where all of it is there.
set -euo pipefail
build="gcc libc6-dev cmake ninja-build pkg-config gettext libprotobuf-c-dev protobuf-c-compiler libuv1-dev libssl-dev libsqlite3-dev libjansson-dev libcsv-dev uthash-dev libqrencode-dev"
test="python3 clang clang-tidy cppcheck libclang-rt-dev libcmocka-dev sqlite3 procps patch weasyprint poppler-utils fonts-wqy-zenhei"
case "${1:-}" in
  build) wanted="$build" ;;
  test) wanted="$build $test" ;;
  *) echo "usage: deploy/packages.sh build|test" >&2; exit 2 ;;
esac
missing=""
for p in $wanted; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=" $p"
done
[ -z "$missing" ] && exit 0
echo "installing:$missing" >&2
as_root=""
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "please run as root: apt-get update && apt-get install -y$missing" >&2; exit 1; }
  as_root=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q >/dev/null
# shellcheck disable=SC2086
$as_root apt-get install -y -q --no-install-recommends $missing >/dev/null
