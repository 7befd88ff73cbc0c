#!/bin/sh
# Rule: whatever names the version of the project names the same one. That is the header, in numbers, as text
# and in its comment on zmalloc_version(), the newest entry of NEWS.md, and the README's wrap.
#
# Usage: version.sh VERSION HEADER NEWS README COMPILER...
. "$(dirname "$0")/../common.sh"
version=$1 header=$2 news=$3 readme=$4
shift 4

expect() { # WHERE VALUE
    [ "$2" = "$version" ] || complain "$1 is $2, and meson.build has $version"
}
expanded=$(echo 'M ZMALLOC_VERSION_MAJOR.ZMALLOC_VERSION_MINOR.ZMALLOC_VERSION_PATCH ZMALLOC_VERSION_STRING' |
    cat "$header" - | "$@" -E -P -x c - | sed -n 's/^M //p' | tr -d ' ')
expect "ZMALLOC_VERSION_MAJOR and so on" "${expanded%%\"*}"
expect "ZMALLOC_VERSION_STRING" "$(echo "$expanded" | cut -d '"' -f 2)"
expect "the comment on zmalloc_version()" \
    "$(sed -n 's/.*Version of this library, "\([^"]*\)".*/\1/p' "$header")"
expect "the first entry of NEWS.md" "$(sed -n '/^## /{s/^## \([^,]*\),.*/\1/p;q;}' "$news")"
expect "the tarball in README.md" \
    "$(grep -Eo 'zmalloc-[0-9]+\.[0-9.]*[0-9]' "$readme" | sort -u | sed 's/zmalloc-//')"
exit $failed
