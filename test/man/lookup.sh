#!/bin/sh
# Rules: `meson install --tags man` installs the pages and nothing else; then man finds every function of
# the header, and on the page that describes it; also when pages were compressed, as distributions do.
#
# Usage: lookup.sh BUILD MANDIR MAN MESON HEADER COMPILER...
# MANDIR is absolute, as configured.
set -eu
build=$1 mandir=$2 man=$3 meson=$4 header=$5
shift 5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

DESTDIR=$root "$meson" install -C "$build" --no-rebuild --tags man >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    echo "meson install --tags man failed" >&2
    exit 1
}
others=$(find "$root" ! -type d ! -path "$root$mandir/man[37]/*.[37]")
[ -z "$others" ] || { echo "the tag man has more than pages: $others" >&2 && exit 1; }
sh "$(dirname "$0")/declared.sh" "$header" "$@" | sed -e 's/(.*//' -e 's/.*[ *]//' >"$work/names"
[ -s "$work/names" ] || { echo "$header declares nothing" >&2 && exit 1; }

lookup() { # HOW SECTION NAME
    page=$("$man" -M "$root$mandir" -w "$2" "$3" 2>&1) || { echo "$1: man $3: $page" >&2 && exit 1; }
    # Where this man names the file it found, not the one that it will show.
    if [ "$(gzip -cdf "$page" | wc -l)" = 1 ]; then
        target=$root$mandir/$(gzip -cdf "$page" | sed 's/^\.so //')
        page=$(ls "$target"*)
    fi
    gzip -cdf "$page" | sed -n '/^\.SH NAME/,/ - /p' | grep -qw -- "$3" || {
        echo "$1: man $3 shows $page, which does not name it" >&2
        exit 1
    }
}

lookup_all() { # HOW
    while read -r name; do
        lookup "$1" 3 "$name"
    done <"$work/names"
    lookup "$1" 7 zmalloc-backends
    "$man" -P cat -M "$root$mandir" zfree 2>"$work/log" | grep -q 'zmalloc' || {
        cat "$work/log" >&2
        echo "$1: man zfree shows nothing of it" >&2
        exit 1
    }
}

lookup_all installed
gzip -n "$root$mandir"/man?/*
lookup_all compressed
echo "$(wc -l <"$work/names") names, each found twice"
