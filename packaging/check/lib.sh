# Sourced by the checks beside it, which tools/check-packaging runs.
# shellcheck shell=bash

# shellcheck source=tools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../tools/common.sh"

name=$(basename "$0" .sh)
out=$build/check-packaging/$name
rm -rf "$out"
mkdir -p "$out"

passed=0 failed=0
finish() {
    local status=$?
    say "$passed passed, $failed failed"
    [ $failed = 0 ] || status=1
    exit $status
}
trap finish EXIT

skip() { # REASON
    trap - EXIT
    say "$1"
    exit 77
}

# Prints `ok` and what must hold, or `FAIL` and the end of what the command said.
check() { # WHAT COMMAND...
    local what=$1 status
    shift
    # Not in a condition: set -e would not stop it there.
    set +e
    (trap - EXIT; set -e; "$@") >"$out/said" 2>&1 </dev/null
    status=$?
    set -e
    if [ $status = 0 ]; then
        say "ok    $what"
        passed=$((passed + 1))
    else
        say "FAIL  $what"
        tail -n 15 "$out/said" | sed 's/^/      /'
        failed=$((failed + 1))
    fi
}

# What comes after would fail with it.
check_or_stop() {
    local before=$failed
    check "$@"
    [ $failed = "$before" ] || exit 1
}

wrong() {
    say "$*"
    return 1
}

same() { # WHAT EXPECTED FOUND
    [ "$2" = "$3" ] || wrong "$1: expected \"$2\", found \"$3\""
}

# Holds standard input's lines against the rest, in any order.
same_lines() { # WHAT LINE...
    local what=$1
    shift
    diff <(printf '%s\n' "$@" | sort) <(sort) || wrong "$what: < expected, > found"
}

# By what `meson test` says in the log of a build.
tests_have_run() { # LOG TIMES
    same "runs of meson test" "$2" "$(grep -c '^Ok: ' "$1")"
    same "runs without a test that failed" "$2" "$(grep -c '^Fail:  *0 *$' "$1")"
    ! grep -E '^Ok:  *[0-9] *$' "$1" || wrong "so few tests ran"
}

# ---- Another root ----------------------------------------------------------------------------------

# A folder may be another root for whoever is root here: in a user namespace everybody is.
as_root=()
[ "$(id -u)" = 0 ] || as_root=(unshare --map-root-user)

needs_root() {
    "${as_root[@]}" true 2>/dev/null ||
        skip "installing into another root wants root here, or user namespaces"
}

libraries_of() { # FILE...
    ldd "$@" | awk '/=> \// {print $3} /^\t\// {print $1}' | sort -u
}

# Files of this system, to the same place below a root.
copy_in() { # ROOT FILE...
    local to=$1 file
    shift
    for file; do
        [ -e "$to$file" ] || install -D "$file" "$to$file"
    done
}

in_root() { # ROOT COMMAND...
    "${as_root[@]}" chroot "$@"
}

# All that a package could leave: not the folders that every system has, nor what package managers and
# ldconfig keep for themselves.
files_of() { # ROOT
    find "$1" -mindepth 1 \( -path "$1/var/lib" -o -path "$1/var/log" -o -path "$1/var/cache" \
        -o -path "$1/etc/ld.so.cache" -o -path "$1/db" \) -prune \
        -o \( ! -type d -o -name '*zmalloc*' \) -printf '%P\n' | sort
}

# Where a path below a root leads, through links that are absolute there.
resolved() { # ROOT PATH
    local path=$2 target
    while target=$(readlink "$1$path"); do
        case $target in
        /*) path=$target ;;
        *) path=$(dirname "$path")/$target ;;
        esac
    done
    say "$1$path"
}

# test/downstream/app.c compiled against what is installed below a root, and put there as /app.
compile_app() { # ROOT LIBDIR
    ln -sf "$(resolved "$1" "$2/libzmalloc.so")" "$out/libzmalloc.so"
    # shellcheck disable=SC2046 # the flags are words
    cc -o "$1/app" "$root/test/downstream/app.c" -L"$out" $(PKG_CONFIG_SYSROOT_DIR=$1 \
        PKG_CONFIG_LIBDIR=$1$2/pkgconfig PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 pkg-config --cflags --libs zmalloc)
}

# Runs it there, where it holds which allocator serves it against the one named.
answers() { # ROOT ALLOCATOR
    in_root "$1" /app "$2"
}
