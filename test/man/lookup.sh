#!/bin/sh
# Rules: `meson install --tags man` installs the pages and nothing else; then man finds every function of
# the headers, and on the page that describes it; also when pages were compressed, as distributions do.
#
# Usage: lookup.sh BUILD MANDIR MAN MESON INCLUDE COMPILER...
# MANDIR is absolute, as configured.
. "$(dirname "$0")/../common.sh"
build=$1 mandir=$2 man=$3 meson=$4 include=$5
shift 5
root=$work/root

DESTDIR=$root "$meson" install -C "$build" --no-rebuild --tags man >"$work/log" 2>&1 ||
    die "$(cat "$work/log")" "meson install --tags man failed"
others=$(find "$root" ! -type d ! -path "$root$mandir/man[37]/*.[37]")
[ -z "$others" ] || die "the tag man has more than pages: $others"
names=$(sh "$(dirname "$0")/declared.sh" "$include" "$@" | sed -e 's/(.*//' -e 's/.*[ *]//')
[ -n "$names" ] || die "$include declares nothing"

lookup() { # HOW NAME
    page=$("$man" -M "$root$mandir" -w "$2" 2>&1) || die "$1: man $2: $page"
    # Where this man names the file it found, not the one that it will show.
    if [ "$(gzip -cdf "$page" | wc -l)" = 1 ]; then
        page=$(ls "$root$mandir/$(gzip -cdf "$page" | sed 's/^\.so //')"*)
    fi
    gzip -cdf "$page" | sed -n '/^\.SH NAME/,/ - /p' | grep -qw -- "$2" ||
        die "$1: man $2 shows $page, which does not name it"
}

for how in installed compressed; do
    [ $how = installed ] || gzip -n "$root$mandir"/man?/*
    for name in $names zmalloc-backends; do
        lookup $how "$name"
    done
    "$man" -P cat -M "$root$mandir" zfree 2>"$work/log" | grep -q 'zmalloc' ||
        die "$how: man zfree shows nothing of it: $(cat "$work/log")"
done
echo "$(echo "$names" | wc -l) names, each found twice"
