#!/bin/sh -eu
# Rule: promtool, which comes with Prometheus, has no word to say of a page, also where a client library's figures of
# the process are in front of it.
#
# Usage: promtool.sh PROGRAM, which writes the page
command -v promtool >/dev/null || { echo "Left out: promtool is not here (Debian: prometheus)." && exit 77; }
page=$("$1")
usual=$(for name in process_resident_memory_bytes process_virtual_memory_bytes go_memstats_sys_bytes; do
    printf '# HELP %s As a client library has it.\n# TYPE %s gauge\n%s 1\n' $name $name $name
done)
for text in "$page" "$usual
$page"; do
    said=$(printf '%s\n' "$text" | promtool check metrics 2>&1) || said="$said (it failed)"
    [ -z "$said" ] || { printf '%s\n' "$text" "promtool says: $said" >&2 && exit 1; }
done
