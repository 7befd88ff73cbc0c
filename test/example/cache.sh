#!/bin/sh
# Runs examples/cache.c on good and bad input: sh cache.sh PROGRAM
# What is a size and what is not: test/fuzz/size_text.c.
# MESON_EXE_WRAPPER, where set, is a command to run it under: Meson's emulator for another machine's
# programs, or one's own, such as "valgrind -q --error-exitcode=99".
set -u
export LC_ALL=C under="${MESON_EXE_WRAPPER:-}" program
program=$(cd "$(dirname "$1")" && pwd)/${1##*/}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1
passed=0 failed=0

# Leaves the files stdout, stderr and status, which are there outside a subshell as well.
run() {
    # shellcheck disable=SC2086  # a command or none
    $under "$program" "$@" >stdout 2>stderr
    echo $? >status
    return "$(cat status)"
}

check() { # WHAT ACTUAL PATTERN
    # shellcheck disable=SC2254  # a pattern
    case $2 in
    $3) passed=$((passed + 1)) && return ;;
    esac
    failed=$((failed + 1))
    printf 'failed: %s\n  expected: %s\n  actual:   %s\n' "$1" "$3" "$2"
}

# Every run that ends well frees all it took, and counts each line once.
check_good() { # WHAT REPORT
    check "$1: exit status, bytes left when freed, lines not counted" "$(cat status) $(awk '
        /^left when freed/ { left = $4 } /^lines/ { n = $2 - $4 - $6 }
        /^entries/ { n -= $2 + $4 + $6 + $8 } END { print left, n }' "$2")" '0 0 0'
}

used_memory() { # REPORT
    sed -n 's/^used memory  *\([0-9]*\) bytes/\1/p' "$1"
}

awk 'BEGIN { for (i = 1; i <= 200000; i++) printf "key %d\tvalue %d\n", i, i }' >big
mib=1048576
{ head -c $mib /dev/zero | tr '\0' x && echo; } >longest
{ echo a && head -c $((mib + 1)) /dev/zero | tr '\0' x && printf '\nc\n'; } >too-long
k=$(printf '%01000d' 0)
run -m 10 big
empty=$(sed -n 's/.*takes \([0-9]*\) bytes.*/\1/p' stderr)
told='*[0-9t] *' # N bytes, or: not told
report="memory limit     $mib bytes*peak memory *[0-9] bytes*RSS${told}private dirty${told}fragmentation*zmalloc *[0-9].*[0-9].*[0-9]"
report="$report*allocator *[a-z]*allocated${told}active${told}resident"

# ---- Input | arguments after --dump | exit status | what is dumped | what standard error has
# Input is printf's format, for standard input and the file `input`. Of the dump, + is the end of a line,
# = a TAB and ! a carriage return. The last two are patterns.

while IFS='|' read -r input arguments status dumped has; do
    # shellcheck disable=SC2059  # a format
    printf "$input" >input
    eval "run --dump $arguments" <input
    what="$(printf %.60s "$input") | $arguments"
    check "$what: exit status" "$(cat status)" "$status"
    check "$what: standard output" "$(tr '\n\t\r' '+=!' <stdout)" "$dumped"
    check "$what: standard error" "$(cat stderr)" "*$has*"
    case $arguments,$status in
    *--help*) ;;
    *,0) check_good "$what" stderr ;;
    esac
done <<TABLE
a\t1\nb\t2\n||0|b=2+a=1+|2 read, 0 blank, 0 bad*2 kept, 0 replaced, 0 evicted, 0 refused
one\ntwo words\n||0|two words+one+|
a\t1\t2\n||0|a=1=2+|
a\t1\t2\na\t\n|-|0|a+|1 kept, 1 replaced
a\t1\nb\t2\na\tmuch longer\n||0|a=much longer+b=2+|2 kept, 1 replaced
a\t1\r\nb\r\n\r\nc\rd\r|input|0|c!d+b+a=1+|4 read, 1 blank
\na\n\n\nb\n||0|b+a+|5 read, 3 blank
\001\377 %%s\t\302\265\n||0|$(printf '\001\377 %%s=\302\265+')|
||0||0 read*limit     none
|longest|0|xxx*+|1 kept
a\n\tvalue\nc\n|-s|0|c+a+|3 read, 0 blank, 1 bad
a\nb\t1\0002\nc\n|--skip-bad|0|c+a+|3 read, 0 blank, 1 bad
a\n\000|-s|0|a+|2 read, 0 blank, 1 bad
|-s too-long|0|c+a+|3 read, 0 blank, 1 bad
a\nb\n$k\nc\n|--max-memory 1000|0|c+b+a+|1 refused*1 of the lines need more than --max-memory 1000 each
a\t1\nb\t2\na\t$k\n|-m 1000|0|b=2+|0 evicted, 1 refused
a\nb\n|-m $empty|0||2 refused
|-m 1mb big|0|key 200000=value 200000+*|$report
|-m 0mb big|0|key 200000=value 200000+*+key 1=value 1+|200000 kept, 0 replaced, 0 evicted*limit     none
|-m 80% big|0|key 200000=value 200000+*+key 1=value 1+|200000 kept, 0 replaced, 0 evicted*limit     [1-9]*
a\nb\n|--watch -m 64kb|0|b+a+|[0-9]* KiB used, [0-9]* KiB peak, 64 KiB limit, 0 evicted
|--help|0|Usage: cache \[OPTION]... \[FILE]*|
|-m 10|2||10: an empty cache takes $empty bytes already: give more
|-m '64 mb'|2||'64 mb' is not a size: give bytes, or use k, kb, m, mb, g, gb or %
|-m 101%|2||'101%' is no share of the memory: give 1% to 100%
|-m 0%|2||'0%' is no share of the memory
|-m %|2||'%' is not a size
|-m 17179869184gb|2||'17179869184gb' is more than can be counted: give less, or 0
|-m|2||see --help
|--profile nowhere/heap|1||nowhere/heap: No such file or directory: name a file that can be written
|--frob|2||frob*see --help
|big other|2||'other' is one FILE too many: see --help
|nowhere.txt|3||nowhere.txt: No such file or directory: name a file that can be read, or - for
|.|4||.: reading failed after line 0: Is a directory: give a file that can be read
|<&-|4||standard input: reading failed after line 0: Bad file descriptor: give
a\nb\t1\0002\nc\n||5||standard input: line 2: it holds a NUL byte: mend it, or pass --skip-bad to go on
a\n\tvalue\nc\n|input|5||input: line 2: it has no key before its TAB: mend it
|too-long|5||too-long: line 2: it is longer than 1 MiB: mend it
|/dev/zero|5||/dev/zero: line 1: it holds a NUL byte
TABLE

{ printf 'a\nb'; sleep 0.2; printf 'c\td'; sleep 0.1; printf 'e\n'; } | run -d
check 'a line that comes in pieces is one line' "$(tr '\n\t' += <stdout)" 'bc=de+a+'
if [ -c /dev/full ]; then
    # shellcheck disable=SC2086
    $under "$program" big >/dev/full 2>stderr
    check 'a full disk' "$?: $(cat stderr)" '1: *output could not all be written: make room or redirect it'
fi

# ---- Profile. Without an unwinder, or with the mutex counter, there is none.

run --dump --profile heap big
case $(cat stderr) in
*'no profile can be had: Function not implemented: leave out --profile'*)
    check 'no profile: exit status' "$(cat status)" 1
    echo 'skipped: a profile: this build has none'
    ;;
*)
    check_good 'a profile' stderr
    check 'a profile: the first line, and what is mapped' "$(head -n 1 heap) $(grep -c '^MAPPED_LIBRARIES:$' heap)" \
        'heap profile: [1-9]*: [1-9]* @ heap_v2/524288 1'
    # A sample stands for about 512 KiB, of which there are dozens.
    check 'a profile: each line of it has a stack' "$(awk '/^$/ { exit } NR > 1 && !/^[0-9]+: [0-9]+ \[.*\] @ 0x/' heap)" ''
    check 'a profile: its samples' $(($(sed -n '1s/.*file: \([0-9]*\):.*/\1/p' heap) > 10)) 1
    run --dump --max-memory 64kb --profile heap big
    check_good 'a profile within a limit' stderr
    check 'a profile within a limit: used memory is within it' $(($(used_memory stderr) <= 65536)) 1
    if [ -c /dev/full ]; then
        run --profile /dev/full big
        check 'a profile on a full disk' "$(cat status stderr)" '1*/dev/full: No space left on device: the profile could not all be written'
    fi
    ;;
esac

# ---- Limits

run big
check_good 'a big input' stdout
check 'standard error that is no terminal' "$(cat stderr)" ''
check 'used memory holds what is kept' $(($(used_memory stdout) >= $(wc -c <big))) 1

run --dump --max-memory=64kb big
kept=$(($(wc -l <stdout)))
check 'what is kept came last, the newest first' "$(tail -n "$kept" big | sort -rnk 2 | cmp - stdout)" ''
check 'the limit is made use of' $(($(used_memory stderr) >= 60000)) 1

# Each 50 lines bring `hot` again, and every limit here holds them.
awk 'BEGIN { for (i = 1; i <= 5000; i++) { if (i % 50 == 1) print "hot\t" i; print "cold " i } }' >hot
for limit in 20000 20040 20080 20120 20160 20200 65536; do
    run --dump -m $limit hot
    check_good "limit $limit" stderr
    check "limit $limit: used memory is within it" $(($(used_memory stderr) <= limit)) 1
    check "limit $limit: a key in use is never evicted" "$(grep -c '^hot' stdout), $(grep entries stderr)" \
        '1, *, 99 replaced, [1-9][0-9][0-9][0-9] evicted*'
done

# Values of more than the soft limit leaves to the hard one.
awk -v value="$k$k" 'BEGIN { for (i = 1; i <= 500; i++) print "large " i "\t" value }' >large
run -m 20000 large
check_good 'refused at the hard limit' stdout
check 'refused at the hard limit, lines are kept, once others made room; the peak is within it' \
    "$(grep entries stdout) $(($(sed -n 's/^peak memory  *\([0-9]*\) .*/\1/p' stdout) <= 20000))" \
    '*[1-9] kept, 0 replaced, 4[89][0-9] evicted, 0 refused 1'

# ---- No memory. A sanitizer would end there, and say so where it is told to report.

# dash, bash and busybox know ulimit -v; elsewhere this is left out.
within_100_mb() { # the program's arguments
    # shellcheck disable=SC3045
    (ulimit -v 100000 && run "$@")
}
large_lines() {
    head -c 120000000 /dev/zero | tr '\0' v | fold -b -w 1000000 | grep -n v 2>/dev/null
}
if [ -z "$under${ASAN_OPTIONS:-}" ] && within_100_mb /dev/null; then
    large_lines | within_100_mb
    check 'a line that there is no memory for' "$(cat status stdout stderr)" "6
*: standard input: line [0-9]*: there is no memory to keep it: give a lower --max-memory"
    large_lines | within_100_mb --max-memory 20mb
    check_good 'with a limit the same lines are kept' stdout
else
    echo 'skipped: no memory: the program needs 100 MB of address space or more from the start'
fi

# ---- Progress

under_a_terminal() { # COMMAND, as one word; its output, and its terminal's, goes to stdout
    SHELL=/bin/sh script -qec "$1" /dev/null </dev/null >stdout 2>stderr
}
# shellcheck disable=SC2016  # for the shell that script starts
if script --version 2>/dev/null | grep -q util-linux && under_a_terminal true; then
    under_a_terminal '$under "$program" big >/dev/null'
    check 'progress is shown, and erased' "$(tr '\r' '\n' <stdout | sed 's/^  *$/blank/' | tr '\n' ' ')" \
        '50000 lines read * 150000 lines read * 200000 lines read ... blank '
    under_a_terminal '(echo a; sleep 3; echo b) | $under "$program" >/dev/null'
    check 'progress is shown where lines come slowly' "$(cat stdout)" '2 lines read*'
else
    echo 'skipped: progress on a terminal: there is no util-linux script(1) that works here'
fi

echo "example cache: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
