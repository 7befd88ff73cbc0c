#!/bin/sh
# Runs examples/cache.c on good and bad input: sh cache.sh PROGRAM
# CACHE_UNDER, where set, is a command to run it under, such as "valgrind -q --error-exitcode=99"; else
# Meson names one where programs of another machine are run by an emulator.
set -u
CACHE_UNDER=${CACHE_UNDER-${MESON_EXE_WRAPPER:-}}
export CACHE_UNDER

case $1 in
/*) program=$1 ;;
*) program=$PWD/$1 ;;
esac
export program
home=$(mktemp -d) || exit 1
trap 'rm -rf "$home"' EXIT
trap 'exit 1' HUP INT TERM
cd "$home" || exit 1
LC_ALL=C
export LC_ALL
passed=0
failed=0

# Leaves the files stdout, stderr and status, which are there outside a subshell as well.
run() {
    # shellcheck disable=SC2086
    $CACHE_UNDER "$program" "$@" >stdout 2>stderr
    echo $? >status
}

check() { # WHAT ACTUAL EXPECTED
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    printf 'failed: %s\n  expected: %s\n  actual:   %s\n' "$1" "$3" "$2"
    printf '  exit status of the last run: %s; its standard error:\n' "$(cat status)"
    sed 's/^/    /' stderr
}

check_that() { # WHAT, then a command that must succeed
    what=$1
    shift
    "$@" && met=yes || met="no: $*"
    check "$what" "$met" yes
}

# The first word of the report on one figure.
figure_in() { # FILE NAME
    sed -n "s/^ *$2  *\([0-9.a-z-]*\).*/\1/p" "$1"
}

count_in() { # FILE NAME
    sed -n "s/.*[ ,]\([0-9][0-9]*\) $2.*/\1/p" "$1"
}

# What --dump writes for the lines of $1, in one word: the newest first, + between entries.
kept_of() {
    # shellcheck disable=SC2059
    printf "$1" >input
    shift
    run --dump "$@" input
    tr '\n\t' '+=' <stdout
}

check_error() { # WHAT STATUS MESSAGE
    check "$1: exit status" "$(cat status)" "$2"
    check "$1: message" "$(sed '$!d; s/^[^:]*: //' stderr)" "$3"
    check "$1: nothing on standard output" "$(cat stdout)" ""
}

# Every run that ends well has freed all it took, and accounts for every line.
check_good() { # WHAT REPORT
    check "$1: exit status" "$(cat status)" 0
    check "$1: all is freed" "$(figure_in "$2" 'left when freed')" 0
    sum=0
    for name in blank bad kept replaced evicted refused; do
        sum=$((sum + $(count_in "$2" $name)))
    done
    check "$1: every line is counted once" "$sum" "$(count_in "$2" read)"
}

# ---- What is kept

check 'a line is a key, a TAB and a value' "$(kept_of 'a\t1\nb\t2\n')" 'b=2+a=1+'
check_good 'key and value' stderr
check 'a plain line is its own key, with an empty value' "$(kept_of 'one\ntwo words\n')" 'two words+one+'
check 'a value may hold a TAB' "$(kept_of 'a\t1\t2\n')" 'a=1=2+'
check 'the first TAB ends the key' "$(kept_of 'a\t1\t2\na\t3\n')" 'a=3+'
check 'an empty value is a plain line' "$(kept_of 'a\t\n')" 'a+'
check 'a key that comes again takes the new value and is the newest' \
    "$(kept_of 'a\t1\nb\t2\na\tmuch longer than before\n')" 'a=much longer than before+b=2+'
kept_of 'a\t1\nb\t2\na\t3\n' >/dev/null
check 'a replaced value is counted' "$(count_in stderr replaced)" 1
check_good 'replacing' stderr
check 'a carriage return at the end of a line is dropped' "$(kept_of 'a\t1\r\nb\r\n\r\nc\r')" 'c+b+a=1+'
check 'a carriage return inside a line is kept' "$(kept_of 'a\rb\n' | tr '\r' '!')" 'a!b+'
check 'blank lines are passed over' "$(kept_of '\na\n\n\nb\n')" 'b+a+'
check 'blank lines are counted' "$(kept_of '\na\n\n\nb\n' >/dev/null; count_in stderr blank)" 3
check 'the last line needs no end' "$(kept_of 'a\nb\t2')" 'b=2+a+'
check 'any byte but NUL may be in a key' "$(kept_of '\001\377 %%s\t\302\265\n')" "$(printf '\001\377 %%s=\302\265+')"
check 'empty input keeps nothing' "$(kept_of '')" ''
check_good 'empty input' stderr
check 'what was dumped reads back the same' \
    "$(kept_of 'a\t1\nb\nc\t3\n' >/dev/null; cp stdout back; run --dump back; sort stdout)" "$(sort back)"

printf 'a\nb\n' | run -d
check 'standard input is read without FILE' "$(tr '\n' + <stdout)" 'b+a+'
printf 'a\nb\n' | run -d -
check 'standard input is read for -' "$(tr '\n' + <stdout)" 'b+a+'
{ printf 'a\nb'; sleep 0.2; printf 'c\td'; sleep 0.1; printf 'e\n'; } | run -d
check 'a line that comes in pieces is one line' "$(tr '\n\t' += <stdout)" 'bc=de+a+'

# ---- Eviction

awk 'BEGIN { for (i = 1; i <= 200000; i++) printf "key %d\tvalue %d\n", i, i }' >big
run big
check_good 'a big input' stdout
check 'without a limit nothing is evicted' "$(count_in stdout kept)" 200000
check 'without a limit the report says none' "$(figure_in stdout 'memory limit')" none
check 'nothing about progress where no terminal is' "$(cat stderr)" ''
check_that 'used memory holds at least what was kept' \
    [ "$(figure_in stdout 'used memory')" -ge "$(wc -c <big)" ]

run --dump --max-memory=64kb big
check_good 'a small limit' stderr
check_that 'used memory is within the limit' [ "$(figure_in stderr 'used memory')" -le 65536 ]
check_that 'the limit is made use of' [ "$(figure_in stderr 'used memory')" -ge 60000 ]
kept=$(count_in stderr kept)
check 'as many are dumped as are kept' "$(wc -l <stdout | tr -d ' ')" "$kept"
tail -n "$kept" big | sort >expected
check 'what is kept came last' "$(sort stdout | cmp - expected && echo same)" same
check 'the newest is dumped first' "$(head -n 1 stdout | tr '\t' =)" 'key 200000=value 200000'
run --dump --max-memory 64kb <big
check 'the limit holds for standard input' "$(count_in stderr kept)" "$kept"

# `hot` comes again after every 50 lines, which the limit does hold.
awk 'BEGIN { for (i = 1; i <= 5000; i++) { if (i % 50 == 1) print "hot\t" i; print "cold " i } }' >hot
run --dump -m 64kb hot
check_good 'a key in use' stderr
check 'a key in use is never evicted' "$(grep -c '^hot' stdout), replaced $(count_in stderr replaced)" \
    '1, replaced 99'
check_that 'the others are evicted in its stead' [ "$(count_in stderr evicted)" -gt 1000 ]

for limit in 20000 20040 20080 20120 20160 20200; do
    run --max-memory $limit hot
    check_that "used memory is within $limit" [ "$(figure_in stdout 'used memory')" -le $limit ]
done

long=$(printf '%01000d' 0)
check 'a line above the limit evicts nothing else' \
    "$(kept_of "a\nb\n$long\nc\n" --max-memory 1000)" 'c+b+a+'
check 'a line above the limit is counted' "$(count_in stderr refused)" 1
check 'a line above the limit is told' "$(sed -n '/each/s/^[^:]*: //p' stderr)" \
    '1 of the lines need more than --max-memory 1000 each: give more to keep them'
check_good 'a line above the limit' stderr
check 'a key whose new value is above the limit is not kept' \
    "$(kept_of "a\t1\nb\t2\na\t$long\n" --max-memory 1000)" 'b=2+'
check_good 'a new value above the limit' stderr

# ---- Sizes

limit_for() {
    run --max-memory "$1" /dev/null
    figure_in stdout 'memory limit'
}
check 'bytes' "$(limit_for 123456)" 123456
check 'b' "$(limit_for 123456b)" 123456
check 'k is 1000' "$(limit_for 9k)" 9000
check 'kb is 1024' "$(limit_for 9kb)" 9216
check 'm is a million' "$(limit_for 64m)" 64000000
check 'mb is 1024 kb' "$(limit_for 64mb)" 67108864
check 'g is a billion' "$(limit_for 1g)" 1000000000
check 'gb is 1024 mb' "$(limit_for 3gb)" 3221225472
check 'case does not matter' "$(limit_for 1Kb) $(limit_for 1MB) $(limit_for 1G)" '1024 1048576 1000000000'
check '0 is no limit' "$(limit_for 0) $(limit_for 0mb)" 'none none'
for size in '' mb 64x 64mbx '64 mb' ' 64' -1 +1 1.5gb 0x10 64kbb; do
    run --max-memory "$size" big
    check_error "size '$size'" 2 "'$size' is not a size: give bytes, or use k, kb, m, mb, g or gb"
done
for size in 18446744073709551616 99999999999999999999999kb 17179869184gb 18446744073710m; do
    run --max-memory "$size" big
    check_error "size '$size'" 2 "'$size' is more than can be counted: give less, or 0 for no limit"
done
run --max-memory 10 big
empty=$(sed -n 's/.*takes \([0-9]*\) bytes.*/\1/p' stderr)
check_error 'a limit below an empty cache' 2 \
    "--max-memory 10: an empty cache takes $empty bytes already: give more"
check 'a limit that holds only the empty cache keeps nothing' "$(kept_of 'a\nb\n' -m "$empty")" ''
check_good 'a limit that holds only the empty cache' stderr
check 'it refuses each line' "$(count_in stderr refused)" 2

# ---- Errors

run nowhere.txt
check_error 'a missing file' 3 \
    'nowhere.txt: No such file or directory: name a file that can be read, or - for standard input'
run .
check_error 'a folder' 4 \
    '.: reading failed after line 0: Is a directory: give a file that can be read'
run <&-
check_error 'no standard input' 4 \
    'standard input: reading failed after line 0: Bad file descriptor: give a file that can be read'
run --max-memory
check_error 'no size' 2 'see --help'
run --frob
check_error 'an unknown option' 2 'see --help'
check 'an unknown option is named' "$(grep -c frob stderr)" 1
run big other
check_error 'two files' 2 "'other' is one FILE too many: see --help"
run --help
check 'help: exit status' "$(cat status)" 0
check 'help: first line' "$(head -n 1 stdout)" 'Usage: cache [OPTION]... [FILE]'
if [ -c /dev/full ]; then
    # shellcheck disable=SC2086
    $CACHE_UNDER "$program" big >/dev/full 2>stderr
    check 'a full disk' "$?: $(sed 's/^[^:]*: //' stderr)" \
        '1: standard output could not all be written: make room or redirect it'
fi

way_out='mend it, or pass --skip-bad to go on past such lines'
mebibyte=1048576
printf 'a\nb\t1\0002\nc\n' >nul
printf 'a\n\tvalue\nc\n' >no-key
{ printf 'a\n'; head -c $((mebibyte + 1)) /dev/zero | tr '\0' x; printf '\nc\n'; } >too-long
run nul
check_error 'a NUL byte' 5 "nul: line 2: it holds a NUL byte: $way_out"
run <nul
check_error 'a NUL byte in standard input' 5 "standard input: line 2: it holds a NUL byte: $way_out"
run no-key
check_error 'an empty key' 5 "no-key: line 2: it has no key before its TAB: $way_out"
run too-long
check_error 'a long line' 5 "too-long: line 2: it is longer than 1 MiB: $way_out"
run /dev/zero
check_error 'an endless line' 5 "/dev/zero: line 1: it holds a NUL byte: $way_out"
for file in nul no-key too-long; do
    run --skip-bad --dump $file
    check_good "skipping: $file" stderr
    check "skipping goes on with the next line: $file" "$(tr '\n' + <stdout)" 'c+a+'
    check "a skipped line is counted: $file" "$(count_in stderr bad) of $(count_in stderr read)" '1 of 3'
done
printf 'a\n\000' >nul-at-end
run --skip-bad nul-at-end
check 'a bad last line without an end is counted' "$(count_in stdout bad)" 1
{ head -c $mebibyte /dev/zero | tr '\0' x; printf '\n'; } >long
run long
check_good 'a line of just 1 MiB' stdout
check 'a line of just 1 MiB is kept' "$(count_in stdout kept)" 1

# ---- The rest of the report

run -m 1mb big
for name in RSS fragmentation; do
    check_that "$name is told" [ -n "$(figure_in stdout $name)" ]
done
for name in 'private dirty' '  allocated' '  active' '  resident'; do
    check "$name: bytes, or not told" "$(grep -Ec "^$name +([0-9]+ bytes|not told)\$" stdout)" 1
done
check 'the allocator is named' "$(grep -Ec '^allocator +[a-z]+(-[0-9.]+)?$' stdout)" 1
check 'zmalloc tells its version' "$(grep -Ec '^zmalloc +[0-9]+\.[0-9]+\.[0-9]+$' stdout)" 1

# ---- No memory

within_100_mb() { # a function's arguments
    # shellcheck disable=SC3045 # dash, bash and busybox know it; elsewhere the check is left out
    (ulimit -v 100000 && run "$@")
}
# A sanitizer would end there, and say so where it is told to report.
echo a >input
[ -n "$CACHE_UNDER${ASAN_OPTIONS:-}" ] || within_100_mb input
if [ -z "$CACHE_UNDER${ASAN_OPTIONS:-}" ] && [ "$(cat status)" -eq 0 ]; then
    head -c 1000000 /dev/zero | tr '\0' v >value
    large_lines() {
        for i in $(seq 120); do
            printf '%s\t' "$i" && cat value && echo
        done
    }
    large_lines 2>/dev/null | within_100_mb
    check_error 'a line that there is no memory for' 6 \
        "standard input: line $(sed -n 's/.*line \([0-9]*\):.*/\1/p' stderr): there is no memory to keep it: give a lower --max-memory"
    large_lines | within_100_mb --max-memory 20mb
    check 'with a limit the same lines are kept' "$(cat status)" 0
    check_good 'lines for which older ones are evicted' stdout
else
    echo 'skipped: no memory: the program needs 100 MB of address space or more from the start'
fi

# ---- Progress

under_a_terminal() { # COMMAND, as one word; its output, and its terminal's, goes to stdout
    SHELL=/bin/sh script -qec "$1" /dev/null </dev/null >stdout 2>stderr
    echo $? >status
    [ "$(cat status)" -eq 0 ]
}
# shellcheck disable=SC2016
if script --version 2>/dev/null | grep -q util-linux && under_a_terminal true; then
    under_a_terminal '$CACHE_UNDER "$program" big >/dev/null'
    check 'progress is shown on a terminal' "$(tr '\r' '\n' <stdout | grep -c '^[0-9]*0000 lines read')" 4
    check 'progress is erased at the end' "$(tail -c 41 stdout | tr ' \r' '.!')" \
        '........................................!'
    under_a_terminal 'for i in $(seq 600); do
            ! grep -q "lines read" stdout || break; echo $i; sleep 0.1
        done | $CACHE_UNDER "$program" >/dev/null'
    check_that 'progress is shown where lines come slowly' grep -q 'lines read' stdout
    # A machine that stood still for a second shows some.
    for _ in 1 2 3 4 5; do
        under_a_terminal '$CACHE_UNDER "$program" input'
        ! grep -q 'lines read' stdout || continue
        break
    done
    check 'no progress for a short input' "$(grep -c 'lines read' stdout)" 0
else
    echo 'skipped: progress on a terminal: there is no util-linux script(1) that works here'
fi

echo "example cache: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
