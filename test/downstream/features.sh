#!/bin/sh
# Rule: what distributions give to every build goes through, for the project and for one that has it as a
# subproject; the second half without Criterion.
. "$(dirname "$0")/lib.sh"
need pkg-config scdoc
pkg-config --exists criterion || skip 'Criterion is not here.'
distribution='--auto-features=enabled --wrap-mode=nodownload'

must() { # SOURCE OPTION...
    rm -rf "$work/try"
    # shellcheck disable=SC2086 # the options are words
    "$MESON" setup $distribution "$work/try" "$@" >"$work/said" 2>&1 || die "$* fails: $(cat "$work/said")"
}

must "$SOURCE"
must "$SOURCE" --auto-features=disabled

export CMAKE=/nonexistent PKG_CONFIG_LIBDIR=/nonexistent
must "$SOURCE"
grep 'Criterion was not found: .*fake.*libcriterion-dev' "$work/said"
"$MESON" introspect --tests "$work/try" | grep -c 'zmalloc:unit'
must "$SOURCE" -Dtests=disabled
copy_project meson-subproject
user=$work/meson-subproject
must "$user" -Dallocator=libc-prefix
[ "$("$MESON" introspect --tests "$work/try")" = '[]' ] || die 'a subproject brings its tests along'

# The project's default is glibc-usable. It looks at what it got, and stops.
(must "$user" -Dzmalloc:malloc_backend=libc-prefix) && die 'the option did not reach the library'
grep 'ERROR: .*zmalloc allocates by libc-prefix' "$work/said"
must "$user" -Dallocator=libc-prefix -Dzmalloc:malloc_backend=libc-prefix
