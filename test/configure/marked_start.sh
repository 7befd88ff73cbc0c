#!/bin/sh
# Rule: where the C library's start files are marked for IBT and SHSTK, so is the library. gcc's own are
# marked: their mark is put on the C library's.
. "$(dirname "$0")/../downstream/lib.sh"
need objcopy objdump readelf

objcopy -O binary --only-section=.note.gnu.property --set-section-flags .note.gnu.property=alloc \
    "$(cc -print-file-name=crtendS.o)" "$work/mark"
for name in crti.o crtn.o; do
    objcopy --remove-section .note.gnu.property --add-section ".note.gnu.property=$work/mark" \
        --set-section-flags .note.gnu.property=alloc,readonly,data \
        --set-section-alignment .note.gnu.property=8 "$(cc -print-file-name=$name)" "$work/$name"
done
# Counting by atomic: pthread_atfork, which the others call, is a part of the C library that gets linked in,
# and as unmarked as its start files.
"$MESON" setup "$work/build" "$SOURCE" -Dexamples=disabled -Dman=disabled -Daccounting=atomic \
    "-Dc_args=-B$work" "-Dc_link_args=-B$work"
"$MESON" compile -C "$work/build" zmalloc zmalloc_archive
"$MESON" test -C "$work/build" --no-rebuild --print-errorlogs hardening
readelf -n "$work/build/lib/libzmalloc.so" | grep 'IBT, SHSTK'
objdump -d --no-show-raw-insn --disassemble=zmalloc "$work/build/lib/libzmalloc.so" | grep -A1 '<zmalloc>:' |
    grep endbr64
