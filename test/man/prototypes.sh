#!/bin/sh
# What the pages say of the API. Rules: their synopses are the headers' declarations, each once; a page's
# NAME names what its SYNOPSIS has, and begins with the page's own name, be that a call or what its calls begin
# with; the constants of zmalloc_fail are all described, and no macro is that the headers lack.
#
# Usage: prototypes.sh PAGES INCLUDE COMPILER...
# PAGES is the folder with the pages.
. "$(dirname "$0")/../common.sh"
pages=$1 include=$2
shift 2

section() { # PAGE SECTION: its text, without what only a formatter wants
    sed -n "/^\.SH $2/,/^\.SH/p" "$1" | sed -e '/^\./d' -e 's/\\f[BIR]//g' -e 's/\\&//g'
}

sh "$(dirname "$0")/declared.sh" "$include" "$@" >"$work/declared"
[ -s "$work/declared" ] || die "$include declares nothing"

for page in "$pages"/*.3; do
    section "$page" SYNOPSIS | sed '/^#/d' >"$work/synopsis"
    [ -s "$work/synopsis" ] || continue
    sed '/^typedef struct/d' "$work/synopsis" >>"$work/described"
    sed -e 's/(.*//' -e 's/.*[ *]//' -e 's/;$//' "$work/synopsis" | sort >"$work/synopsis-names"
    section "$page" NAME | tr '\n' ' ' | sed 's/ - .*//' | tr -d ' ' | tr ',' '\n' | sed '/^$/d' >"$work/name"
    name=$(basename "$page" .3)
    [ "$(head -n 1 "$work/name")" = "$name" ] || complain "$name(3): NAME does not begin with it"
    grep -q "^${name}_" "$work/synopsis-names" && ! grep -qx "$name" "$work/synopsis-names" && sed -i 1d "$work/name"
    sort -o "$work/name" "$work/name"
    same "$work/synopsis-names" "$work/name" "$name(3): SYNOPSIS (<) has not what NAME (>) has"
done
sort -o "$work/described" "$work/described"
same "$work/declared" "$work/described" "the headers (<) do not declare what the pages (>) do"

sed 's/\\&//g' "$pages"/*.[37] | grep -o 'ZMALLOC_[A-Z_]*' | sort -u >"$work/words"
cat "$include/zmalloc.h" "$include/zmalloc/prometheus.h" | grep -o 'ZMALLOC_[A-Z_]*' | sort -u >"$work/header-words"
"$@" -E -P "$include/zmalloc.h" | tr '\n' ' ' | grep -o 'enum {[^}]*}' |
    grep -o 'ZMALLOC_[A-Z_]*' | sort >"$work/constants"
[ -s "$work/constants" ] || complain "zmalloc.h has no constants"
unknown=$(comm -23 "$work/words" "$work/header-words")
[ -z "$unknown" ] || complain "the pages name these, which the headers lack: $unknown"
silent=$(comm -23 "$work/constants" "$work/words")
[ -z "$silent" ] || complain "no page describes these: $silent"
exit $failed
