#!/bin/sh
# A debugger stops at both probes, which a program has that asks for no profile, and finds their arguments where
# profilers look for them: by default in registers. Attached to `alloc` alone it finds that one.
#
# Usage: gdb.sh GDB TRACED
. "$(dirname "$0")/../common.sh"

trace() { # PROBE...
    printf 'set breakpoint pending on\nset debuginfod enabled off\n' >"$work/script"
    echo 'break main' >>"$work/script"
    echo 'run' >>"$work/script"
    for probe; do
        printf 'break -probe-stap otel_memory:%s\ncommands\nsilent\n' "$probe" >>"$work/script"
        # shellcheck disable=SC2016 # gdb's
        printf 'printf "%s %%p %%lu %%lu %%lu\\n", $rdi, $rsi, $rdx, $_probe_argc\ncontinue\nend\n' "$probe" >>"$work/script"
    done
    echo 'continue' >>"$work/script"
    "$gdb" -q -batch -nx -x "$work/script" "$traced" >"$work/output" 2>"$work/errors" || die "$(cat "$work/errors")"
}
gdb=$1 traced=$2

trace alloc free
awk '
    $1 == "alloc" {stops++; if ($5 != 3 || $4 < $3 || $4 > 1.001 * $3) print "not three arguments, or a weight of " $4 " for " $3
        block = $2; size = $3}
    # The first only makes sampling begin. mimalloc makes more of a large block than anybody can ask before.
    $1 == "block" && stops {if ($2 != block || $3 < size || $3 > 1.2 * size) print "a sample of " block ", " size ", and not of " $2 ", " $3}
    $1 == "free" {frees++; if ($2 != block) print "not the block " block " was freed but " $2}
    END {if (stops < 9 || stops != frees) print stops + 0 " stops at alloc, " frees + 0 " at free"}' "$work/output" >"$work/wrong"
[ ! -s "$work/wrong" ] || complain "$(cat "$work/wrong" "$work/output")"

trace alloc
[ "$(grep -c '^alloc 0x' "$work/output")" -ge 9 ] || complain "at alloc alone: $(cat "$work/output")"
trace free
! grep '^free 0x' "$work/output" || complain 'free fires though nobody wants samples'
exit $failed
