#!/usr/bin/env bash
# What tools/jobs.sh says of jobs that pass, fail, cannot run, go on after a command that failed, and of a
# build whose suite failed.
set -euo pipefail
tools=$(cd "$(dirname "$0")/../../tools" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Fakes for what a build calls: the suite has one test that passes and one that fails. meson's status is
# how many failed, of which 77 must not look like a suite left out. The second time it cannot be built, and
# no log is written.
mkdir "$work/bin"
cat >"$work/bin/meson" <<'MESON'
#!/bin/sh
[ "$1" = test ] || exec mkdir -p "$2/meson-logs"
[ ! -e "$3/broken" ] || exit 1
printf 'ok - right\nnot ok - wrong\n  at its line\n' >"$3/meson-logs/testlog.txt"
printf 'Ok:   1\nFail: 1\n' && exit 77
MESON
printf '#!/bin/sh\n' >"$work/bin/ninja"
chmod +x "$work/bin"/*
PATH=$work/bin:$PATH

cat >"$work/tool" <<TOOL
#!/usr/bin/env bash
. '$tools/jobs.sh'
usage() { echo 'Usage: tool'; }
out=$work/out
first_steps=(passes) steps=(counts fails goes_on cannot) last_steps=(fails_to_say)
step_passes() { echo 'Skipped:  2'; }
step_counts() { echo '3 passed, 2 failed' && return 1; }
step_fails() { echo '3 passed, 0 failed' && return 1; }
step_goes_on() { false; echo 'it went on'; }
step_cannot() { echo 'there is none here' && return 77; }
step_fails_to_say() { echo '4 passed, 1 failed'; }
builds() { echo 'suite -Doption=value'; }
run_jobs "\$@"
TOOL
chmod +x "$work/tool"

must() { # STATUS LINE ARGUMENT...
    local wanted=$1 line=$2 status=0
    shift 2
    "$work/tool" "$@" >"$work/said" 2>&1 || status=$?
    if [ $status != "$wanted" ] || ! grep -qE -- "$line" "$work/said"; then
        echo "tool $*: status $status, not $wanted, or no line like '$line':"
        cat "$work/said"
        exit 1
    fi
}

must 1 '^12 passed, 6 failed$'
must 1 '^ok    passes \(1 passed, 2 skipped, '
must 1 '^FAIL  goes_on: '
must 1 '^skip  cannot: there is none here$'
must 1 '^4 passed, 1 failed$' --only fails
must 1 '^ +not ok - wrong$' --only suite
must 1 '^ +at its line$' --only suite
touch "$work/out/suite/broken"
must 1 '^1 passed, 1 failed$' --only suite
! grep 'not ok' "$work/said" || exit 1
must 0 '^1 passed, 0 failed$' --only cannot
must 0 '^fails_to_say$' --list
must 1 'no job matches nothing' --only nothing
must 2 '^Usage: tool$' --everything
echo "12 passed, 0 failed"
