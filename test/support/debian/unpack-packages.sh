#!/bin/sh
# Unpacks packages of this machine's distribution into a directory. Nothing is installed: no service of this machine is
# started or replaced.
#   unpack-packages.sh DIR NEEDED TRIM PACKAGE…
# Of the packages that these need and the machine lacks those come, too, whose names match NEEDED, an extended regular
# expression. TRIM is a script that takes away from the current directory what is of no use. One process at a time does
# the work; the others wait for it and use what it has made.
set -eu
dir=$1 needed=$2 trim=$3
shift 3
mkdir -p "${dir%/*}"
exec 9>"$dir.lock"
flock 9
[ ! -d "$dir" ] || exit 0

echo "getting the packages $* for the tests" >&2
work=$(mktemp -d "$dir.XXXXXX")
trap 'rm -r "$work"' EXIT
chmod 755 "$work"
cd "$work"
download() {
  plan=$(apt-get install --simulate --reinstall --no-install-recommends "$@") &&
    echo "$plan" | awk -v needed="$needed" -v named=" $* " \
      '$1 == "Inst" && ($2 ~ needed || index(named, " " $2 " ")) { print $2 }' | xargs apt-get download
}
download "$@" || { apt-get update && download "$@"; }
mkdir tree
for package in *.deb; do dpkg-deb --extract "$package" tree; done
(cd tree && sh -euc "$trim")
mv tree "$dir"
