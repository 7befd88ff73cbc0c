# Sourced by tools/check-debian and tools/check-packaging: checks that are named and counted, the source that
# packages are made of, and the system that they are installed in.
# shellcheck shell=bash

# shellcheck source=tools/debian-root.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tools/debian-root.sh"

version=$(sed -n "/^ *version: '\(.*\)',$/{s//\1/p;q}" "$root/meson.build")
mapfile -t allocators < <(allocators 1)
# Set by who sources this: what to install, and where zmalloc's packages are installed.
packages=() system=''
passed=0 failed=0

# Takes the command line, and installs `packages`. From here on the last line is the count, and the status 1
# where a check failed. Logs are in $out.
begin() { # ARGUMENT...
    case ${1:-} in
    -h | --help) usage && exit ;;
    '') ;;
    *) usage >&2 && exit 2 ;;
    esac
    [ "$(id -u)" = 0 ] || skip 'only root can make a system to install in: run it as root'
    [ "$(dpkg --print-architecture 2>&1)" = amd64 ] || skip 'it takes a Debian on amd64'
    ensure_packages "${packages[@]}"
    mkdir -p "$out"
    : >"$out/log"
    trap finish EXIT
}

skip() { # REASON
    say "$(basename "$0"): $*"
    exit 77
}

finish() {
    local status=$?
    say "$passed passed, $failed failed"
    [ "$failed" = 0 ] || status=1
    exit $status
}

# The command stops at the first that fails in it; `status` is its end. In a condition set -e would not hold.
strictly() { # COMMAND...
    set +e
    (trap - EXIT; set -e; "$@") 2>&1 </dev/null
    status=$?
    set -e
}

# Says `ok` and what must hold, or `FAIL` and the end of what the command said.
check() { # WHAT COMMAND...
    local what=$1
    shift
    strictly "$@" >"$out/said"
    { echo "# $what" && cat "$out/said"; } >>"$out/log"
    if [ $status = 0 ]; then
        passed=$((passed + 1))
        say "ok    $what"
    else
        failed=$((failed + 1))
        say "FAIL  $what"
        tail -n 15 "$out/said" | cut -c 1-200 | sed 's/^/      /'
    fi
}

# Without this nothing further makes sense.
must() { # WHAT COMMAND...
    local before=$failed
    check "$@"
    [ "$failed" = "$before" ] || exit 1
}

# Makes ready for the next check.
prepare() { # COMMAND...
    strictly "$@" >>"$out/log"
    [ $status = 0 ] || { tail -n 15 "$out/log" && die "this failed: $*"; }
}

same() { # FOUND WANTED
    [ "$1" = "$2" ] || { printf '%s\nis not\n%s\n' "$1" "$2" && return 1; }
}

fails() { ! "$@"; }

# Packs the source as it is now, as a release is packed.
pack_source() { # FILE
    copy_source "$out/zmalloc-$version"
    tar -cJf "$1" -C "$out" "zmalloc-$version"
}

# One for both tools: with a compiler, and the C library of two architectures.
unpack_system() {
    make_root "$build/base.tar" amd64,i386 libc6:i386,gcc,libc6-dev,pkg-config,dpkg-dev
    rm -rf "$system"
    mkdir -p "$system"
    tar -xf "$build/base.tar" -C "$system"
    mkdir "$system/check"
    cp "$root"/packaging/debian/tests/who.c "$root"/examples/*.[ch] "$root/test/downstream/app.c" "$system/check"
}

run() { in_root "$system" "$@"; }

# who.c's program is served by the backend in whose folder FILE is: by what the library says, by the file that
# was loaded, and by update-alternatives, which chose by itself (auto) or was told to (manual).
is_served() { # PROGRAM ALTERNATIVE FILE auto|manual
    local backend said
    backend=$(basename "$(dirname "$3")")
    same "$(run update-alternatives --query "$2" | sed -n '/^$/q; s/^Status: //p; s/^Value: //p')" "$4"$'\n'"$3"
    said=$(run "$1")
    [[ $said == "${backend/glibc-usable/libc}"?(-[0-9]*)" $3".* ]] || { echo "not $backend: $said" && return 1; }
}
