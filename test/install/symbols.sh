#!/bin/sh
# What the built library shows the world. Rules: it exports the names of its map file, which are the
# functions that the header declares, all of them of one version and one of the agreed prefixes; its
# SONAME is the agreed one; it is never unloaded.
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

# Number, value, size, type, binding, visibility, section, on some machines more, name@@version.
"$readelf" -W --dyn-syms "$library" |
    awk '$1 ~ /^[0-9]+:$/ && $5 != "LOCAL" && $7 != "UND" && $7 != "ABS" { print $NF }' |
    sort >"$work/exported"
sed 's/@.*//' "$work/exported" >"$work/names"
sed -n '/global:/,/local:/s/^ *\([A-Za-z_]*\);.*/\1/p' "$map" | sort >"$work/mapped"
"$@" -E -P "$header" | tr '\n;' ' \n' | grep -v 'static ' |
    grep -Eo '[^A-Za-z_]z[a-z_]+ *\(' | tr -cd 'a-z_\n' | sort -u >"$work/declared"

[ -s "$work/names" ] || complain "readelf shows no exported name"
same_names "$work/names" "$work/mapped" "exported (<) is not what the map file names (>)"
same_names "$work/names" "$work/declared" "exported (<) is not what the header declares (>)"

if grep -v '@@ZMALLOC_0$' "$work/exported"; then
    complain "these symbols, above, are not of version ZMALLOC_0"
fi
if grep -Ev '^(zmalloc|ztry|zrealloc|zfree|zstrdup|zlibc_|zaligned_|zcalloc_)' "$work/names"; then
    complain "these names, above, do not begin with an agreed prefix"
fi

"$readelf" -W -d "$library" >"$work/dynamic"
grep -q "SONAME.*\[libzmalloc\.so\.$soversion\]" "$work/dynamic" ||
    complain "the SONAME is not libzmalloc.so.$soversion"
grep -q 'FLAGS_1.*NODELETE' "$work/dynamic" ||
    complain "lacks -z nodelete: threads that used it would crash when they end after dlclose"

exit $failed
