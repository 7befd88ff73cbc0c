#!/bin/sh
# Rule: where the C library's start files are marked for IBT and SHSTK, so is the library. gcc's own are
# marked: their mark is put on the C library's, and on pthread_atfork, which is linked in as they are.
. "$(dirname "$0")/../downstream/lib.sh"
need ar objcopy objdump readelf

objcopy -O binary --only-section=.note.gnu.property --set-section-flags .note.gnu.property=alloc \
    "$(cc -print-file-name=crtendS.o)" "$work/mark"
cp "$(cc -print-file-name=crti.o)" "$(cc -print-file-name=crtn.o)" "$work"
ar p "$(cc -print-file-name=libc_nonshared.a)" pthread_atfork.oS >"$work/atfork.o"
for name in crti.o crtn.o atfork.o; do
    objcopy --remove-section .note.gnu.property --add-section ".note.gnu.property=$work/mark" \
        --set-section-flags .note.gnu.property=alloc,readonly,data \
        --set-section-alignment .note.gnu.property=8 "$work/$name"
done
"$MESON" setup "$work/build" "$SOURCE" -Dexamples=disabled -Dman=disabled "-Dc_args=-B$work" \
    "-Dc_link_args=-B$work $work/atfork.o"
"$MESON" compile -C "$work/build" zmalloc zmalloc_archive
"$MESON" test -C "$work/build" --no-rebuild --print-errorlogs hardening
readelf -n "$work/build/lib/libzmalloc.so" | grep 'IBT, SHSTK'
objdump -d --no-show-raw-insn --disassemble=zmalloc "$work/build/lib/libzmalloc.so" | grep -A1 '<zmalloc>:' |
    grep endbr64
