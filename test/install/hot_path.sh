#!/bin/sh
# What the accounting by thread promises of the machine code: no locked instruction in zmalloc and
# zfree, nothing of the stack protector's, and thread-local variables at a fixed place, found without a
# call.
#
# Usage: hot_path.sh LIBRARY OBJDUMP READELF
set -eu
library=$1 objdump=$2 readelf=$3

code=$("$objdump" -d --no-show-raw-insn --disassemble=zmalloc "$library"
    "$objdump" -d --no-show-raw-insn --disassemble=zfree "$library")
case $code in
*'<zmalloc>:'*'<zfree>:'*) ;;
*)
    echo "hot_path: zmalloc and zfree are not to be found in $library"
    exit 1
    ;;
esac
if printf '%s\n' "$code" | grep -E '\block\b|__tls_get_addr|%fs:0x28'; then
    echo "hot_path: the instructions above are on the path of every call"
    exit 1
fi
if ! "$readelf" -d "$library" | grep -q STATIC_TLS; then
    echo "hot_path: $library does not use the initial-exec model"
    exit 1
fi
