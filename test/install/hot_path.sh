#!/bin/sh
# What the accounting by thread promises of the machine code: no locked instruction in zmalloc and
# zfree, nothing of the stack protector's, and thread-local variables at a fixed place, found without a
# call.
#
# Usage: hot_path.sh LIBRARY OBJDUMP READELF
. "$(dirname "$0")/../common.sh"
library=$1 objdump=$2 readelf=$3

for name in zmalloc zfree; do
    code=$("$objdump" -d --no-show-raw-insn --disassemble=$name "$library")
    echo "$code" | grep -q "<$name>:" || complain "$name is not to be found in $library"
    ! echo "$code" | grep -E '\block\b|__tls_get_addr|%fs:0x28' ||
        complain "$name: the instructions above are on the path of every call"
done
"$readelf" -d "$library" | grep -q STATIC_TLS || complain "$library does not use the initial-exec model"
exit $failed
