#!/bin/sh
# Rule: two copies of the source in folders of different names, with different umask, locale, time zone and
# number of jobs, install the same to the byte. A debug build names its folder: its libraries differ.
#
# Usage: reproducible.sh WORK EXPECTED OPTION...
# EXPECTED: same or different.
. "$(dirname "$0")/../downstream/lib.sh"
expected=$1
shift
# Each is compiled, not found in a cache.
export CCACHE_DISABLE=1
# The manual pages' date.
export SOURCE_DATE_EPOCH=1700000000

install_copy() ( # JOBS UMASK LOCALE ZONE SOURCE BUILD OPTION...
    jobs=$1 source=$5 folder=$6
    umask "$2"
    export LC_ALL="$3" TZ="$4"
    shift 6
    copy_source "$source"
    configure "$folder" "$source" -Ddefault_library=both "$@"
    ninja -C "$folder" -j"$jobs"
    DESTDIR=$work/installed-$jobs "$MESON" install -C "$folder" --no-rebuild
)

install_copy 1 022 C UTC "$work/one" "$work/one/build" "$@"
install_copy 2 077 C.UTF-8 Asia/Tokyo "$work/another/place/two" "$work/b" "$@"

found=same
diff -r "$work/installed-1" "$work/installed-2" >"$work/differences" || found=different
cat "$work/differences"
[ $found = "$expected" ] || die "they are $found"
[ $found = same ] || grep -E 'libzmalloc\.so.* differ$' "$work/differences"
