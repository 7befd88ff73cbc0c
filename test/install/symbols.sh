#!/bin/sh
# What the built library shows the world. Rules: it exports the names of its map file, of the versions
# there, which are the symbols of the functions that the header declares, all of an agreed prefix; the SONAME is the
# agreed one, as is the first version's number; it is never unloaded.
#
# Arguments: the library, the map file, the header, the SONAME's number, readelf, the compiler's
# command.
set -eu
export LC_ALL=C
library=$1 map=$2 header=$3 soversion=$4 readelf=$5
shift 5

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

complain() {
    echo "$library: $*" >&2
    failed=1
}

same_names() {
    if ! diff "$1" "$2" >"$work/difference"; then
        complain "$3"
        cat "$work/difference" >&2
    fi
}

# Number, value, size, type, binding, visibility, on some machines more in brackets, section,
# name@@version.
"$readelf" -W --dyn-syms "$library" |
    sed 's/\[.*\]//' |
    awk '$1 ~ /^[0-9]+:$/ && $5 != "LOCAL" && $7 != "UND" && $7 != "ABS" { print $NF }' |
    sort >"$work/exported"
sed 's/@.*//' "$work/exported" >"$work/names"
awk '/^[A-Z]/ { node = $1 } /^ *z[a-z_]*;/ { print $1 "@@" node }' "$map" | tr -d ';' | sort >"$work/mapped"
"$@" -E -P "$header" | tr '\n;' ' \n' | grep -v 'typedef ' |
    sed -E 's/([ *])[a-z_]+(\([^)]*\)) __asm__\("[^"]*" *"([a-z_]+)"\)/\1\3\2/' |
    grep -Eo '[^A-Za-z_]z[a-z_]+ *\(' | tr -cd 'a-z_\n' | sort -u >"$work/declared"

[ -s "$work/names" ] || complain "readelf shows no exported name"
same_names "$work/exported" "$work/mapped" "exported (<) is not what the map file names (>)"
same_names "$work/names" "$work/declared" "exported (<) is not what the header declares (>)"

grep -q "^ZMALLOC_${soversion##*.} {" "$map" || complain "the map file has no version ZMALLOC_${soversion##*.}, as the SONAME"
if grep -Ev '^(zmalloc|ztry|zrealloc|zfree|zstrdup|zlibc_|zaligned_|zcalloc_)' "$work/names"; then
    complain "these names, above, do not begin with an agreed prefix"
fi

"$readelf" -W -d "$library" >"$work/dynamic"
grep -q "SONAME.*\[libzmalloc\.so\.$soversion\]" "$work/dynamic" ||
    complain "the SONAME is not libzmalloc.so.$soversion"
grep -q 'FLAGS_1.*NODELETE' "$work/dynamic" ||
    complain "lacks -z nodelete: threads that used it would crash when they end after dlclose"

exit $failed
