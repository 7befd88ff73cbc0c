#!/bin/sh
# Rule: the test `hardening` misses each part of the hardening, and says which.
#
# Usage: flag_taken.sh WORK OPTION WORDS
# OPTION for meson setup takes one flag away; WORDS are what the test is to say then.
. "$(dirname "$0")/../downstream/lib.sh"

"$MESON" setup "$work/build" "$SOURCE" -Dexamples=disabled -Dman=disabled "$1"
"$MESON" compile -C "$work/build" zmalloc zmalloc_archive
! "$MESON" test -C "$work/build" --no-rebuild hardening || die 'the test passed'
grep -F -- "$2" "$work/build/meson-logs/testlog.txt"
