#!/bin/sh
# A reader of profiles finds who holds what: each of the holders' three functions within three standard errors.
# That is missed by chance once in a hundred runs: not by two runs in turn.
#
# Usage: pprof.sh HOLDERS READER...   (READER: google-pprof, or go, whose tool pprof is meant)
. "$(dirname "$0")/../common.sh"
holders=$1
shift

read_with() { # READER
    case ${1##*/} in
    go) HOME=$work "$1" tool pprof -symbolize=local -sample_index=inuse_space -unit=mb -nodefraction=0 -text "$holders" "$work/heap" ;;
    *) "$1" --text "$holders" "$work/heap" ;;
    esac
}

# Leaves in $work/off what is too far off.
try() { # MEAN
    "$holders" "$work/heap" "$1" >"$work/held" || die "$holders ends with $?"
    read_with "$reader" >"$work/text" 2>"$work/errors" || die "$reader: $(cat "$work/errors")"
    # "60.1 57.2% 57.2% 60.1 57.2% small_blocks" by google-pprof, "60.10MB 57.2% ..." by the other.
    awk -v text="$work/text" '
        BEGIN {while ((getline line <text) > 0) {n = split(line, words); found[words[n]] = words[1] + 0}}
        {names++}
        !($1 in found) || (found[$1] - $2) ^ 2 > (3 * $3 + 0.06) ^ 2 {
            print $1 " holds " $2 " MiB, give or take " $3 ", and not " found[$1]}
        END {if (names != 3) print names + 0 " holders, not three"}' "$work/held" >"$work/off"
}

# By graphviz, and so where that is.
draw() {
    google-pprof --svg "$holders" "$work/heap" >"$work/svg" 2>"$work/errors" || die "google-pprof --svg: $(cat "$work/errors")"
    while read -r name _; do
        grep -q "<text.*>$name<" "$work/svg" || complain "the picture does not have $name"
    done <"$work/held"
}

for mean in 16384 524288; do
    for reader; do
        try "$mean"
        [ ! -s "$work/off" ] || try "$mean"
        [ ! -s "$work/off" ] ||
            complain "$reader, of a profile with a mean of $mean: $(cat "$work/off" && head "$work/text")"
    done
done
! { command -v dot && command -v google-pprof; } >"$work/tools" || draw
exit $failed
