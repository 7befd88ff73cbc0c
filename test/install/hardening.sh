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
. "$(dirname "$0")/../common.sh"
readelf=$1 library=$2 calls=$3 objects=$4 marks=$5 library_marks=$6

lacks() { # TEXT PATTERN
    ! echo "$1" | grep -Eq -- "$2"
}

segments=$("$readelf" -W -l "$library")
dynamic=$("$readelf" -W -d "$library")
# Type, four numbers, size in memory, flags, alignment. A SPARC's loader writes jumps, not addresses,
# into the table of functions: no library there is without.
lacks "$segments" '^ *LOAD .* RWE ' || ! lacks "$("$readelf" -h "$library")" '[Ss]parc' ||
    complain "$library: is loaded writable and executable: $segments"
! lacks "$segments" GNU_STACK || complain "$library: does not say whether its stack is executable"
lacks "$segments" 'GNU_STACK.*RWE' || complain "$library: wants an executable stack: lacks -z noexecstack"
lacks "$dynamic" TEXTREL || complain "$library: its code has to be written to when it is loaded"
! lacks "$segments" GNU_RELRO || complain "$library: lacks -z relro"
! lacks "$dynamic" '\(FLAGS\).*BIND_NOW|\(FLAGS_1\).* NOW' ||
    complain "$library: lacks -z now: its table of functions stays writable"

# Before the section, some machines have more in brackets.
wanted=$("$readelf" -W --dyn-syms "$library" |
    sed 's/\[.*\]//' | awk '$7 == "UND" { sub("@.*", "", $8); print $8 }')
for call in $calls; do
    ! lacks "$wanted" "^$call\$" || complain "$library: does not call $call, as a hardened build would"
done

# Of an archive, each file in it.
must_be_marked() { # FILE MARKS
    lacking=$("$readelf" -W -n "$1" | awk -v marks="$2" '
        function end_of_file() { if (marks && !index(found, marks)) { n++; last = found } }
        /^File: / { if (file) end_of_file(); file = 1; found = "" }
        / feature: / { sub(".* feature: ", ""); found = $0 }
        END { end_of_file(); if (n) print n " are marked \047" last "\047" }')
    [ -z "$lacking" ] || complain "$1: $lacking, not '$2'"
}
[ "$objects" = none ] || must_be_marked "$objects" "$marks"
must_be_marked "$library" "$library_marks"
exit $failed
