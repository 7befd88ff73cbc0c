# Sourced by tools/check-sanitizers: one job's builds, runs and findings. A job is
#
#   start_job NAME
#   set_up OPTION...             a build of its own, or in_build NAME TARGET... one that jobs share
#   sanitizer_options ...        or with_valgrind ...
#   run_suites, run_program      what has to be clean
#   must_find_all, ...           what has to be found, under the same settings
#   finish_job                   prints the count
#
# shellcheck shell=bash disable=SC2154 # out and root are of tools/jobs.sh

start_job() { # NAME
    job=$1 reports=$out/$1.reports passed=0 failed=0 under=() program_folder=''
    rm -rf "$reports"
    mkdir -p "$reports/faults"
}

finish_job() {
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}

pass() { passed=$((passed + 1)) && echo "ok: $*"; }
wrong() { failed=$((failed + 1)) && echo "WRONG: $*"; }

# ---- Builds ----------------------------------------------------------------------------------------

set_up() { # OPTION...
    job_folder=$out/$job
    [ -f "$job_folder/build.ninja" ] || meson setup "$job_folder" "$root" "$@"
    program_folder=$job_folder/test/programs
    meson compile -C "$job_folder" all-faults faults-suite
}

# plain-BACKEND or plain-BACKEND-mutex, as a user would build it. Jobs that share one wait for each other.
in_build() { # NAME TARGET...
    local accounting=auto backend=${1#plain-}
    job_folder=$out/$1 program_folder=$out/$1/test/programs not_their_malloc=()
    shift
    case $backend in
    *-mutex) accounting=mutex backend=${backend%-mutex} ;;
    # Valgrind would put its own in place of what is called malloc and free there, and of all else that
    # is at the same address, but leave their other functions.
    jemalloc | tcmalloc | mimalloc) not_their_malloc=(--soname-synonyms=somalloc=nouserintercepts) ;;
    esac
    {
        flock 9
        [ -f "$job_folder/build.ninja" ] ||
            meson setup "$job_folder" "$root" -Dmalloc_backend="$backend" -Daccounting=$accounting
        meson compile -C "$job_folder" zmalloc all-faults "$@"
    } 9>"$job_folder.lock"
}

# A copy without names of what is not exported, and without debug information.
strip_library() { # BUILD-FOLDER TO
    mkdir -p "$2"
    strip --strip-unneeded -o "$2/libzmalloc.so.0" "$1"/lib/libzmalloc.so.0
    ln -sf libzmalloc.so.0 "$2/libzmalloc.so"
}

# With sanitizers, on the library that strip_library left in the program's folder.
compile_program() { # COMPILER SANITIZERS NAME SOURCE...
    local compiler=$1 sanitizers=$2 name=$3
    (cd "$root" && "$compiler" -std=gnu11 -g -O1 -fno-omit-frame-pointer "-fsanitize=$sanitizers" \
        -fno-sanitize-recover=all -Iinclude "${@:4}" -o "$program_folder/$name" \
        -L"$program_folder" -Wl,-rpath,"$program_folder" -lzmalloc -pthread)
}

# ---- Settings --------------------------------------------------------------------------------------

# Of the sanitizer that reads the variable: what each process finds goes to a file of its own.
sanitizer_options() { # VARIABLE [OPTION:...]
    export "$1=log_path=$reports/report:${2:-}"
    export UBSAN_OPTIONS=print_stacktrace=1
    report_option=$1
}

# Races by atomics are let pass, except in the builds that count under a lock.
with_valgrind() { # TOOL OPTION...
    local suppressions=()
    [[ $job_folder == *-mutex ]] || suppressions+=("--suppressions=$root/test/valgrind.supp")
    report_option=''
    # Room for jemalloc in a program that opens the library late: a test cannot start itself again here.
    export GLIBC_TUNABLES=glibc.rtld.optional_static_tls=4096
    under=(valgrind -q "--tool=$1" --error-exitcode=99 --trace-children=yes --fair-sched=yes
        --num-callers=30 "${suppressions[@]}" "--log-file=$reports/report.%p"
        "${not_their_malloc[@]}" "${@:2}")
}

# What was reported since the last time, as one text. Of Valgrind anything counts that is not its own
# trouble; sanitizers also warn of requests that were made too large on purpose.
take_findings() {
    local findings=$reports/findings
    find "$reports" -maxdepth 1 -name 'report.*' -exec cat {} + >"$findings"
    rm -f "$reports"/report.*
    if [ -n "$report_option" ]; then
        grep -qE 'ERROR: |WARNING: (Thread|Memory)Sanitizer|runtime error: ' "$findings" || return 0
        cat "$findings"
    else
        grep -vE '== *$|Warning: |failed to move log file|noted but unhandled ioctl' "$findings" || true
    fi
}

# ---- What has to be clean --------------------------------------------------------------------------

run_suites() { # SUITE...
    local log=$out/$job.tests.log status=0 p f findings
    # What is installed is no part of a test, and would not be built for one.
    [[ " $* " != *" install "* ]] || meson compile -C "$job_folder"
    run_tests "$job_folder" "${@/#/--suite=}" >"$log" 2>&1 || status=$?
    cat "$log"
    read -r p f _ < <(count_tests "$log")
    passed=$((passed + p)) failed=$((failed + f))
    [ $status = 0 ] || [ "$f" -gt 0 ] || wrong "meson test ended with $status"
    [ "$p" -gt 0 ] || wrong "no test was run"
    findings=$(take_findings)
    if [ -z "$findings" ]; then
        pass "no process of $* reported anything"
    else
        wrong "this was reported:"$'\n'"$findings"
    fi
}

run_program() { # NAME ARGUMENT...
    local log=$out/$job.program.log status=0 findings
    timeout 300 "${under[@]}" "$program_folder/$1" "${@:2}" >"$log" 2>&1 </dev/null || status=$?
    findings=$(take_findings)
    if [ $status = 77 ] && [ -z "$findings" ]; then
        echo "left out: $1: $(tail -n 1 "$log")"
    elif [ $status = 0 ] && [ -z "$findings" ]; then
        pass "$*"
    else
        wrong "$* ended with $status"
        tail -n 20 "$log"
        echo "$findings"
    fi
}

# ---- What has to be found --------------------------------------------------------------------------

make_fault() { # NAME BYTES
    local folder=$job_folder/test/faults status=0
    [ -x "$folder/faults" ] || folder=$program_folder
    "${under[@]}" "$folder/faults" "$1" "$2" >"$reports/said" 2>&1 || status=$?
    cat "$reports/said"
    take_findings
    return $status
}

# Standard input: a fault, its bytes, words of the report. The report has to name the fault's function.
must_find_all() {
    local fault size words said status
    while read -r fault size words; do
        status=0
        said=$(make_fault "$fault" "$size") || status=$?
        if [ $status != 0 ] && [[ $said == *"$words"* ]] && grep -qE "[ :]${fault}[a-z_]*( |\(|\$)" <<<"$said"; then
            pass "found: $fault $size"
        else
            wrong "$fault $size: status $status, looked for '$words' and $fault in:"$'\n'"$said"
        fi
    done
    status=0
    said=$(make_fault does_nothing_wrong 100) || status=$?
    if [ $status = 0 ] && [ -z "$said" ]; then
        pass "nothing found: does_nothing_wrong"
    else
        wrong "does_nothing_wrong ended with $status:"$'\n'"$said"
    fi
}

# As must_find_all, with the library of this job stripped, as distributions strip theirs.
must_find_stripped() {
    strip_library "$job_folder" "$job_folder/stripped"
    export LD_LIBRARY_PATH=$job_folder/stripped
    must_find_all
    unset LD_LIBRARY_PATH
}

# As must_find_all, with the library of a job that counts under a lock, less the lock.
must_find_unlocked() {
    mkdir -p "$reports/unlocked"
    cp "$job_folder/test/faults/libzmalloc-unlocked.so" "$reports/unlocked/libzmalloc.so.0"
    export LD_LIBRARY_PATH=$reports/unlocked
    must_find_all
    unset LD_LIBRARY_PATH
}

# Criterion calls the suite a success, or not: what counts is that a worker's report gets here.
must_find_in_suite() { # WORDS:FUNCTION...
    local findings expected
    "${under[@]}" "$job_folder/test/faults/faults-suite" --tap=- -j1 >"$reports/said" 2>&1 || true
    findings=$(take_findings)
    for expected; do
        if [[ $findings == *"${expected%:*}"* && $findings == *"${expected#*:}"* ]]; then
            pass "found in a suite: $expected"
        else
            wrong "looked for '$expected' in:"$'\n'"$findings"
        fi
    done
    [[ $findings != *does_nothing_wrong* ]] || wrong "found something where nothing is: $findings"
}
