#!/bin/sh
# Rule: the script of the test `hardening` complains of libraries that are loaded as none should be. No flag
# of a build brings such a one about: they are made here.
. "$(dirname "$0")/../downstream/lib.sh"
need readelf

complains_of() { # WORDS ASSEMBLY FLAG
    echo "$2" | cc -shared -nostdlib "$3" -x assembler - -o "$work/made.so" -Wl,-z,noexecstack
    ! "$SOURCE/test/install/hardening.sh" readelf "$work/made.so" '' none '' '' >"$work/said" 2>&1 ||
        die "no word of $work/made.so, which is to be $1"
    grep "$1" "$work/said"
}

complains_of 'is loaded writable and executable' '.data; .long 1; .text; .long 1' -Wl,--omagic
complains_of 'has to be written to' '.text; here: .quad here' -Wl,-z,notext
