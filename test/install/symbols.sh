#!/bin/sh
# What the built library shows the world. Rules: it exports the names of its map file, of the versions there,
# which are the symbols of the functions that the header declares, all of an agreed prefix; the SONAME is
# the agreed one, as is the first version's number; it is never unloaded.
#
# Usage: symbols.sh LIBRARY MAP HEADER SOVERSION READELF COMPILER...
. "$(dirname "$0")/../common.sh"
library=$1 map=$2 header=$3 soversion=$4 readelf=$5
shift 5

# Number, value, size, type, binding, visibility, on some machines more in brackets, section, name@@version.
"$readelf" -W --dyn-syms "$library" | sed 's/\[.*\]//' |
    awk '$1 ~ /^[0-9]+:$/ && $5 != "LOCAL" && $7 != "UND" && $7 != "ABS" { print $NF }' |
    sort >"$work/exported"
sed 's/@.*//' "$work/exported" >"$work/names"
awk '/^[A-Z]/ { node = $1 } /^ *z[a-z_]*;/ { print $1 "@@" node }' "$map" | tr -d ';' | sort >"$work/mapped"
"$@" -E -P "$header" | tr '\n;' ' \n' | grep -v 'typedef ' |
    sed -E 's/([ *])[a-z_]+(\([^)]*\)) __asm__\("[^"]*" *"([a-z_]+)"\)/\1\3\2/' |
    grep -Eo '[^A-Za-z_]z[a-z_]+ *\(' | tr -cd 'a-z_\n' | sort -u >"$work/declared"

[ -s "$work/names" ] || complain "$library: readelf shows no exported name"
same "$work/exported" "$work/mapped" "$library: exported (<) is not what the map file names (>)"
same "$work/names" "$work/declared" "$library: exported (<) is not what the header declares (>)"
version=ZMALLOC_${soversion##*.}
grep -q "^$version {" "$map" || complain "the map file has no version $version, as the SONAME"
! grep -Ev '^(zmalloc|zgroup|ztry|zrealloc|zfree|zstrdup|zlibc_|zaligned_|zcalloc_)' "$work/names" ||
    complain "these names, above, do not begin with an agreed prefix"

dynamic=$("$readelf" -W -d "$library")
echo "$dynamic" | grep -q "SONAME.*\[libzmalloc\.so\.$soversion\]" ||
    complain "$library: the SONAME is not libzmalloc.so.$soversion"
echo "$dynamic" | grep -q 'FLAGS_1.*NODELETE' ||
    complain "$library: lacks -z nodelete: threads that used it would crash when they end after dlclose"
exit $failed
