#!/bin/sh
# The library has each probe once, with a semaphore, and with its arguments in the first registers of a call.
#
# Usage: notes.sh LIBRARY READELF ALLOC-ARGUMENTS FREE-ARGUMENTS
. "$(dirname "$0")/../common.sh"
"$2" -n "$1" | awk '
    $1 == "Provider:" {provider = $2}
    $1 == "Name:" {name = $2}
    /Semaphore: 0x0+$/ {name = name "-without-semaphore"}
    $1 == "Arguments:" {$1 = ""; print provider ":" name $0}' | sort >"$work/notes"
printf 'otel_memory:alloc %s\notel_memory:free %s\n' "$3" "$4" >"$work/wanted"
same "$work/notes" "$work/wanted" "$1: the probes (<) are not what profilers look for (>)"
exit $failed
