#!/bin/sh
# Rule: the library for macOS exports exactly the names of the map.
#
# Usage: symbols_macos.sh LIBRARY MAP LLVM-NM
# Hidden symbols are marked "private". Those of the compiler's own runtime are weak; Apple's brings none along.
. "$(dirname "$0")/../common.sh"
"$3" --format=darwin "$1" | sed -n 's/.*(__[A-Z_]*,__[a-z_]*) external //p' | sort >"$work/exported"
sed -n '/global:/,/local:/s/^ *\([a-z_0-9]*\);$/_\1/p' "$2" | sort >"$work/named"
[ -s "$work/named" ] || complain "the map names nothing"
same "$work/named" "$work/exported" "the library does not export what the map names"
exit $failed
