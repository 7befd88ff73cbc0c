#!/usr/bin/env bash
# Rule: under this tool, a fault made on purpose is reported, by its words and the name of the function that
# made it; and nothing is reported of does_nothing_wrong.
#
# Usage: found.sh LIBRARY WORDS FAULT COMMAND...
# The command runs on LIBRARY; on a copy without names where that is strip:LIBRARY; or on its own, for "".
set -u
library=$1 words=$2 fault=$3
shift 3

if [ -n "$library" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    cp "${library#strip:}" "$folder/libzmalloc.so.0"
    [ "$library" = "${library#strip:}" ] || strip --strip-unneeded "$folder/libzmalloc.so.0"
    export LD_LIBRARY_PATH=$folder
    # What stands behind -- is the program.
    program=$(printf '%s\n' "$@" | sed -n '/^--$/{n;p;q}')
    ldd "$program" | grep -F "$folder/libzmalloc.so.0" || { echo "$program does not run on the copy" && exit 1; }
fi

said=$("$@" 2>&1)
status=$?
printf '%s\n' "$said"
if [ "$fault" = does_nothing_wrong ]; then
    [ $status = 0 ]
else
    [ $status != 0 ] && [[ $said == *"$words"* ]] && grep -qE "[ :]${fault}[a-z_]*( |\(|\$)" <<<"$said"
fi
