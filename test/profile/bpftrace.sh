#!/bin/sh
# bpftrace, attached to `alloc` alone and from outside, sees the samples of a program that asks for no profile.
#
# Usage: bpftrace.sh BPFTRACE LIBRARY TRACED
. "$(dirname "$0")/../common.sh"
bpftrace=$1 library=$work/libzmalloc.so traced=$3
cp "$2" "$library" # what it is attached to, other tests' processes have too

[ "$("$bpftrace" -l "usdt:$library:*" 2>/dev/null | grep -cE ':otel_memory:(alloc|free)$')" = 2 ] ||
    complain "bpftrace does not find the two probes"

# Not by bpftrace's -c, whose process has not loaded the library yet when it looks for the probe.
"$bpftrace" -e "usdt:$library:otel_memory:alloc { printf(\"alloc 0x%lx %lu %lu\\n\", arg0, arg1, arg2); }" \
    >"$work/output" 2>&1 &
pid=$!
trap 'kill $pid 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    kill -0 $pid 2>/dev/null || { echo "Skipped: the kernel lets no bpftrace run here: $(cat "$work/output")" && exit 77; }
    LD_PRELOAD=$library "$traced" >"$work/blocks"
    [ "$(grep -c '^alloc' "$work/output")" -lt 9 ] || break
    sleep 1
done
kill -KILL $pid # by SIGINT it was once seen not to end
wait $pid || true
awk '
    $1 == "alloc" {stops++; if ($4 < $3 || $4 > 1.001 * $3) print "a weight of " $4 " for " $3}
    END {if (stops < 9) print stops + 0 " samples"}' "$work/output" >"$work/wrong"
[ ! -s "$work/wrong" ] || complain "$(cat "$work/wrong" "$work/output")"
exit $failed
