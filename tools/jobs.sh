# Sourced by the tools that run many jobs: each job in a process of its own, as many at a time as
# there are processors, its output in a log, and a count of all at the end. Such a tool has:
#
#   usage         a function that prints what --help is to say
#   packages      what to install first
#   out           the folder for builds and logs
#   builds        a function: a line a job that builds and runs `meson test`. The job's name, then
#                 options of meson setup, which runs in $root, CC=... for a compiler, TEST=... for an
#                 option of meson test
#   steps         the names of further jobs; each is a function step_NAME, which returns 77 where it
#                 cannot run, its last line saying why, and may end with `N passed, N failed`
#   first_steps   further ones, which the others need: they always run
#   last_steps    further ones, which look at what the others built, one at a time
#
# A tool whose builds are not to run `meson test` has a run_build of its own, and it says the count.
#
# shellcheck shell=bash

# shellcheck source=tools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

packages=() out='' first_steps=() steps=() last_steps=()
builds() { :; }

job_names() {
    [ ${#first_steps[@]} = 0 ] || printf '%s\n' "${first_steps[@]}"
    builds | cut -d ' ' -f 1
    [ ${#steps[@]} = 0 ] || printf '%s\n' "${steps[@]}"
    [ ${#last_steps[@]} = 0 ] || printf '%s\n' "${last_steps[@]}"
}

# Writes "passed failed skipped", as meson or the step itself counted.
count_tests() {
    awk '/^Ok: /{ok=$2} /^Expected Fail: /{ok+=$3} /^(Fail|Timeout): /{bad+=$2} /^Unexpected Pass: /{bad+=$3}
        /^Skipped: /{left_out=$2}
        /^[0-9]+ passed, [0-9]+ failed$/{ok=$1; bad=$3}
        END {print ok+0, bad+0, left_out+0}' "$1"
}

# Meson does not print which test of a suite failed, and where; nor does it write a log where it cannot
# build, and that of the last run would mislead.
run_tests() { # FOLDER OPTION...
    local status=0 log=$1/meson-logs/testlog.txt
    rm -f "$log"
    meson test -C "$1" --print-errorlogs "${@:2}" || status=1
    [ $status = 0 ] || grep -s -A 6 '^not ok' "$log" || true
    return $status
}

run_build() {
    local name=$1 word environment=() options=() test_options=()
    shift
    for word in "$@"; do
        case $word in
        CC=*) environment+=("$word") ;;
        TEST=*) test_options+=("${word#TEST=}") ;;
        *) options+=("$word") ;;
        esac
    done
    # Options that a folder was not configured with would not be taken.
    if [ "$*" != "$(cat "$out/$name/configured-with" 2>/dev/null)" ]; then
        rm -rf "${out:?}/$name"
        (cd "$root" && env "${environment[@]}" meson setup "$out/$name" --werror "${options[@]}")
        echo "$*" >"$out/$name/configured-with"
    fi
    # With a choice of suites, meson builds what those need.
    [[ ${test_options[*]} == *--suite* ]] || ninja -C "$out/$name" -j1
    run_tests "$out/$name" "${test_options[@]}"
}

# Runs one job, in a process of its own, and leaves its count in a file.
run_job() {
    local name=$1 log=$out/$1.log status=0 started=$SECONDS line
    line=$(builds | grep "^$name " || true)
    # Not in a condition, and neither may our callers be: set -e would not stop it there.
    set +e
    if [ -n "$line" ]; then
        # shellcheck disable=SC2086 # options are words
        (set -e; run_build $line) >"$log" 2>&1
    else
        (set -e; "step_$name") >"$log" 2>&1
    fi
    status=$?
    set -e
    local passed=0 failed=0 skipped=0
    read -r passed failed skipped < <(count_tests "$log")
    if [ $status = 0 ] && [ -n "$line" ] && [ "$passed" = 0 ]; then
        echo "no test was run" >>"$log"
        status=1
    fi
    if [ $status = 77 ]; then
        say "skip  $name: $(tail -n 1 "$log")"
        passed=0 failed=0
    elif [ $status = 0 ]; then
        [ "$passed" -gt 0 ] || passed=1
        say "ok    $name ($passed passed,$([ "$skipped" = 0 ] || echo " $skipped skipped,") $((SECONDS - started)) s)"
    else
        [ "$failed" -gt 0 ] || failed=1
        say "FAIL  $name: the end of ${log#"$root"/}"
        tail -n 25 "$log" | sed 's/^/      /'
    fi
    echo "$passed $failed" >"$out/$name.count"
}

# The tool's own command line: --list, --only PATTERN, --help. Ends with the count of all jobs.
run_jobs() {
    local pattern='*' name jobs=() matches=no passed=0 failed=0 p f
    case ${1:-} in
    -h | --help) usage && exit ;;
    --list) job_names && exit ;;
    --only) pattern=${2:?--only needs a pattern} ;;
    --job)
        run_job "$2"
        exit
        ;;
    '') ;;
    *) usage >&2 && exit 2 ;;
    esac

    local first=" ${first_steps[*]} " last=" ${last_steps[*]} "
    for name in $(job_names); do
        # shellcheck disable=SC2053 # a pattern
        if [[ $name == $pattern ]]; then
            jobs+=("$name") matches=yes
        elif [[ $first == *" $name "* ]]; then
            jobs+=("$name")
        fi
    done
    [ "$matches" = yes ] || die "no job matches $pattern: see $0 --list"
    ensure_packages "${packages[@]}"
    mkdir -p "$out"
    rm -f "$out"/*.count

    say "Running ${#jobs[@]} jobs, $(nproc) at a time; logs in ${out#"$root"/}"
    for name in "${jobs[@]}"; do [[ $first != *" $name "* ]] || echo "$name"; done |
        xargs -r -P "$(nproc)" -n 1 "$0" --job
    for name in "${jobs[@]}"; do [[ $first$last == *" $name "* ]] || echo "$name"; done |
        xargs -r -P "$(nproc)" -n 1 "$0" --job
    for name in "${jobs[@]}"; do [[ $last != *" $name "* ]] || echo "$name"; done |
        xargs -r -n 1 "$0" --job

    for name in "${jobs[@]}"; do
        read -r p f <"$out/$name.count" || { p=0 f=1; }
        passed=$((passed + p)) failed=$((failed + f))
    done
    say "$passed passed, $failed failed"
    [ $failed = 0 ]
}
