#!/bin/sh
# Rule: `meson setup` goes on or stops, and says why. No allocator's source is in the copy that it is given, but
# that of one of which this build has a private copy.
#
# Usage: setup_says.sh WORK goes-on|stops PATTERN OPTION...
. "$(dirname "$0")/../downstream/lib.sh"
expected=$1 pattern=$2 found=goes-on
shift 2

copy_source "$work/source"
[ -z "$WRAP" ] || cp -r "$SOURCE/subprojects/packagecache" "$work/source/subprojects"
"$MESON" setup "$work/build" "$work/source" "$@" >"$work/said" 2>&1 || found=stops
[ $found = "$expected" ] || die "meson setup $found with $*: $(cat "$work/said")"
grep "$pattern" "$work/said" || die "no word of '$pattern' in $(cat "$work/said")"
