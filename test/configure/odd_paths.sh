#!/bin/sh
# Rule: wherever the checkout and its build lie, the library is the same to the byte, no name lacks its
# version, and the scripts of the tests find their way. clang must not map a part of such a folder's name.
. "$(dirname "$0")/../downstream/lib.sh"
need readelf strings clang
folder=$work/start library=build/lib/libzmalloc.so

move_to() { # NAME
    rm -rf "$folder/build"
    mv "$folder" "$work/$1"
    folder=$work/$1
}

copy_source "$folder"
odd="-Wl+ a =%s@0@\$#'\"&;(|):~*?[]{<>}\\ä"
for name in plain 'a,b' "$odd"; do
    move_to "$name"
    configure "$folder/build" "$folder" -Dman=disabled
    ninja -C "$folder/build"
    "$SOURCE/test/install/symbols.sh" "$folder/$library" "$SOURCE/lib/zmalloc.map" \
        "$SOURCE/include/zmalloc.h" "$SOVERSION" readelf cc
    [ -e "$work/expected" ] || cp "$folder/$library" "$work/expected"
    cmp "$folder/$library" "$work/expected"
done
rm -rf "$folder/build"
CC=clang "$MESON" setup "$folder/build" "$folder" -Dman=disabled
"$MESON" test -C "$folder/build" --print-errorlogs --suite header --suite install
! strings "$folder/$library" | grep -F '=.' || die 'clang mapped a part of a name, above'
