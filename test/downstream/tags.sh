#!/bin/sh
# Rule: by its tags the installation splits into what a program runs with and what it is built with.
. "$(dirname "$0")/lib.sh"

for tag in runtime devel; do
    "$MESON" install -C "$BUILD" --no-rebuild --tags $tag --destdir "$work/$tag" >/dev/null
    (cd "$work/$tag$PREFIX" && find . ! -type d | sort) >"$work/$tag.files"
done
printf "./$LIBDIR/libzmalloc.so.%s\n" "$SOVERSION" "$VERSION" | diff - "$work/runtime.files"
{
    (cd "$SOURCE/include" && find . -name '*.h*' | LC_ALL=C sort | sed 's|^\.|./include|')
    printf "./$LIBDIR/%s\n" cmake/zmalloc/zmallocConfig.cmake cmake/zmalloc/zmallocConfigVersion.cmake \
        libzmalloc.a libzmalloc.so pkgconfig/zmalloc.pc
} | diff - "$work/devel.files"
