#!/bin/sh
# Runs examples/tenants.c: sh tenants.sh PROGRAM
# Rule: who takes too much is stopped by its limit, the others are served, and nothing is left.
set -u
# shellcheck disable=SC2086  # a command or none
printed=$(${MESON_EXE_WRAPPER:-} "$1") || exit 1
printf '%s\n' "$printed"
for line in 'mallory is stopped after [0-9]* requests: .*not enough memory' \
    'alice has served 3000 of 3000 requests' 'bob has served 3000 of 3000 requests' \
    'mallory has served [1-9][0-9]* of 3000 requests' 'mallory *0 *[0-9]* *1048576' \
    'left when all have ended: 0 bytes'; do
    printf '%s\n' "$printed" | grep -qx "$line" || { echo "There is no line: $line" && exit 1; }
done
printf '%s\n' "$printed" | awk 'NF == 4 && $4 ~ /^[0-9]+$/ && ($2 > $4 || $3 > $4) { print "above its limit: " $0; exit 1 }'
