#!/usr/bin/env bash
# Runs a program under a tool that finds faults. The status is the program's, or 1 where the tool reported
# anything, of the program or of a process that it started; the reports are printed.
#
# Usage: under.sh sanitizer -- PROGRAM [ARGUMENT...]
#        under.sh VALGRIND OPTION... -- PROGRAM [ARGUMENT...]
set -eu
tool=()
while [ "$1" != -- ]; do tool+=("$1") && shift; done
shift
here=$(dirname "$0")
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
status=0

if [ "${tool[0]}" = sanitizer ]; then
    tool=()
    # Of a request that is too large on purpose they only warn then.
    options=log_path=$reports/report:allocator_may_return_null=1
    # A fork takes more of jemalloc's locks than tsan can order. helgrind orders the library's one.
    export ASAN_OPTIONS=$options:${ZM_ASAN_OPTIONS:-} MSAN_OPTIONS=$options TSAN_OPTIONS=$options:detect_deadlocks=0
    export UBSAN_OPTIONS=print_stacktrace=1 LSAN_OPTIONS=suppressions=$here/lsan.supp:print_suppressions=0
    is_finding='ERROR: |WARNING: (Thread|Memory)Sanitizer|runtime error: '
else
    # Room for jemalloc in a program that opens the library late: it cannot start itself again here.
    export GLIBC_TUNABLES=glibc.rtld.optional_static_tls=4096 ZM_TEST_SLOWDOWN=${ZM_TEST_SLOWDOWN:-10}
    # Servers are others' programs.
    tool+=("--log-file=$reports/report.%p" "--trace-children-skip=*/python3,*/redis-server")
    case " ${tool[*]} ${*##*/} " in
    # These end in the middle, on purpose: their blocks are still theirs.
    *memcheck*" fork_alive "* | *memcheck*main-ends-first* | *memcheck*" late_figures "* | *memcheck*_oom\ * | \
        *memcheck*" oom_message "*) tool+=(--leak-check=no) ;;
    # Threads that live on.
    *memcheck*" unit-slots "*) tool+=(--{show,errors-for}-leak-kinds=definite) ;;
    esac
    # All but Valgrind's own trouble.
    is_finding=.
    is_none='== *$|Warning: |failed to move log file|noted but unhandled ioctl'
fi

"${tool[@]}" "$@" || status=$?
found=$(cat "$reports"/report* 2>/dev/null | grep -vE "${is_none:-^\$}" || true)
if grep -qE "$is_finding" <<<"$found"; then
    printf '%s\n' "$found" >&2
    [ $status != 0 ] || status=1
fi
exit $status
