#!/bin/sh
# What the pages say of the API. Rules: their synopses are the header's declarations, each once; a page's
# NAME names what its SYNOPSIS has, and begins with the page's own name; the constants of zmalloc_fail are
# all described, and no macro is that the header lacks.
#
# Usage: prototypes.sh PAGES HEADER COMPILER...
# PAGES is the folder with the pages.
set -eu
export LC_ALL=C
pages=$1 header=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

same() {
    if ! diff "$1" "$2" >"$work/difference"; then
        echo "$3" >&2
        cat "$work/difference" >&2
        failed=1
    fi
}

# PAGE SECTION: its text, without what only a formatter wants.
section() {
    sed -n "/^\.SH $2/,/^\.SH/p" "$1" | sed -e '/^\./d' -e 's/\\f[BIR]//g' -e 's/\\&//g'
}

# Of prototypes, the names.
names() {
    sed -e 's/(.*//' -e 's/.*[ *]//' | sort
}

sh "$(dirname "$0")/declared.sh" "$header" "$@" >"$work/declared"
[ -s "$work/declared" ] || { echo "$header declares nothing" >&2 && exit 1; }

for page in "$pages"/*.3; do
    section "$page" SYNOPSIS | sed '/^#/d' >"$work/synopsis"
    [ -s "$work/synopsis" ] || continue
    cat "$work/synopsis" >>"$work/described"
    names <"$work/synopsis" >"$work/synopsis-names"
    section "$page" NAME | tr '\n' ' ' | sed 's/ - .*//' | tr -d ' ' | tr ',' '\n' >"$work/name"
    name=$(basename "$page" .3)
    [ "$(head -n 1 "$work/name")" = "$name" ] || { echo "$name(3): NAME does not begin with it" >&2 && failed=1; }
    sed '/^$/d' "$work/name" | sort >"$work/name-names"
    same "$work/synopsis-names" "$work/name-names" "$name(3): SYNOPSIS (<) has not what NAME (>) has"
done
sort "$work/described" >"$work/all"
same "$work/declared" "$work/all" "the header (<) does not declare what the pages (>) do"

sed 's/\\&//g' "$pages"/*.[37] | grep -o 'ZMALLOC_[A-Z_]*' | sort -u >"$work/words"
grep -o 'ZMALLOC_[A-Z_]*' "$header" | sort -u >"$work/header-words"
comm -23 "$work/words" "$work/header-words" >"$work/unknown"
same /dev/null "$work/unknown" "the pages name these, which the header lacks"
"$@" -E -P "$header" | tr '\n' ' ' | grep -o 'enum {[^}]*}' | grep -o 'ZMALLOC_[A-Z_]*' | sort >"$work/constants"
comm -23 "$work/constants" "$work/words" >"$work/silent"
[ -s "$work/constants" ] || { echo "the header has no constants" >&2 && failed=1; }
same /dev/null "$work/silent" "no page describes these"
exit $failed
