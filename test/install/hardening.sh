#!/bin/sh
# What an attacker meets in the built library. Rules: nothing that the loader filled in can be written
# to afterwards, and no memory of it is both writable and executable, the stack included; functions
# with an array on their stack check it before they return, and the C library's calls what they are
# given to write to; every object is marked with what protects its branches.
#
# Usage: hardening.sh READELF LIBRARY CALLS OBJECTS MARKS LIBRARY-MARKS
# CALLS are calls that the flags bring. OBJECTS is an archive of the library's own, or "none" where they
# hold no machine code. MARKS are the features that each is marked with, as readelf prints them, and
# LIBRARY-MARKS those of the library, empty where other parts of it decide. More are always welcome.
set -eu
export LC_ALL=C
readelf=$1 library=$2 calls=$3 objects=$4 marks=$5 library_marks=$6
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

complain() {
    echo "$library: $*" >&2
    failed=1
}

segments=$("$readelf" -W -l "$library")
dynamic=$("$readelf" -W -d "$library")
# Before the section, some machines have more in brackets.
wanted=$("$readelf" -W --dyn-syms "$library" |
    sed 's/\[.*\]//' | awk '$7 == "UND" { sub("@.*", "", $8); print $8 }')

# Type, four numbers, size in memory, flags, alignment.
writable_code=$(echo "$segments" | awk '$1 == "LOAD" && / RWE /')
# There the loader writes jumps, not addresses, into the table of functions: no library is without.
case $("$readelf" -h "$library") in
*[Ss]parc*) writable_code= ;;
esac
[ -z "$writable_code" ] || complain "is loaded writable and executable: $writable_code"
stack=$(echo "$segments" | grep GNU_STACK) || complain "does not say whether its stack is executable"
case $stack in
*RWE*) complain "wants an executable stack: lacks -z noexecstack" ;;
esac
case $dynamic in
*TEXTREL*) complain "its code has to be written to when it is loaded" ;;
esac

echo "$segments" | grep -q GNU_RELRO || complain "lacks -z relro"
echo "$dynamic" | grep -Eq '\(FLAGS\).*BIND_NOW|\(FLAGS_1\).* NOW' ||
    complain "lacks -z now: its table of functions stays writable"

for call in $calls; do
    echo "$wanted" | grep -qx "$call" || complain "does not call $call, as a hardened build would"
done

# The features of a file; of an archive, a line for each file in it.
marks_of() {
    "$readelf" -W -n "$1" | awk '
        /^File: / { if (file) print marks; file = 1; marks = "" }
        / feature: / { sub(".* feature: ", ""); marks = $0 }
        END { print marks }'
}

must_be_marked() {
    marks_of "$1" | while read -r found; do
        case $found in
        *"$2"*) ;;
        *) echo "$found" ;;
        esac
    done >"$work/lacking"
    [ ! -s "$work/lacking" ] ||
        complain "$1: $(wc -l <"$work/lacking") are marked '$(head -n 1 "$work/lacking")', not '$2'"
}

[ "$objects" = none ] || must_be_marked "$objects" "$marks"
must_be_marked "$library" "$library_marks"

exit $failed
