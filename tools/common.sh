# Sourced by the other tools: what they say, what they need, and where they build.
# shellcheck shell=bash

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${ZMALLOC_BUILD_DIR:-$root/build}

say() {
    printf '%s\n' "$*"
}

# What the comment at the top of the script says.
usage() {
    sed -n '1d; /^#/!q; s/^# \{0,1\}//p' "$0"
}

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# What Debian packages bring, where it is not a command of their name: whoever has it, by whatever way it came,
# needs no package. The others' packages are asked for.
declare -A command_of=([gcc]=cc [g++]=c++ [ninja-build]=ninja [autoconf]=autoreconf [lld]=ld.lld [man-db]=man
    [gnuplot-nox]=gnuplot [llvm]=llvm-nm [xz-utils]=xz [rpm]=rpmbuild [google-perftools]=google-pprof
    [graphviz]=dot)
declare -A header_of=([libc6-dev]=stdlib.h [zlib1g-dev]=zlib.h [libmimalloc-dev]=mimalloc.h)
declare -A module_of=([libjemalloc-dev]=jemalloc [libgoogle-perftools-dev]=libtcmalloc_minimal
    [libcriterion-dev]=criterion [libbenchmark-dev]=benchmark [libjansson-dev]=jansson [libsqlite3-dev]=sqlite3 [libtalloc-dev]=talloc)

has() { # PACKAGE
    if [ -n "${header_of[$1]:-}" ]; then
        cc -E -include "${header_of[$1]}" -x c /dev/null
    elif [ -n "${module_of[$1]:-}" ]; then
        pkg-config --exists "${module_of[$1]}"
    else
        command -v "${command_of[$1]:-$1}" || dpkg-query -W -f '${Status}' "$1" | grep '^install ok installed'
    fi >/dev/null 2>&1
}

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)

# Other tools may want to install something at the same time: apt-get waits for some of its locks only.
apt_get() {
    mkdir -p "$build"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive flock "$build/apt.lock" apt-get "$@"
}

# Installs those of the named Debian packages that are missing, where that can be done.
ensure_packages() {
    local package missing=()
    for package in "$@"; do
        has "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null; then
        die "these are missing (by their Debian names): ${missing[*]}. Install them and run this again."
    elif [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        die "these packages are missing, and only root may install them: apt-get install ${missing[*]}"
    fi
    say "Installing ${missing[*]}"
    local log
    log=$(mktemp)
    if ! { apt_get update && apt_get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        die "apt-get could not install ${missing[*]}: the end of what it said is above"
    fi
    rm -f "$log"
}

# A column of backends/list.txt, by its number, of the allocators that are packages of their own.
allocators() { # COLUMN
    awk -v column="$1" '!/^#/ && $5 != "-" {print $column}' "$root/backends/list.txt"
}

# Copies the source: what git knows of, as it is now.
copy_source() { # FOLDER
    rm -rf "$1"
    mkdir -p "$1"
    (cd "$root" && git ls-files -z --cached --others --exclude-standard | { xargs -0 ls -d 2>/dev/null || true; } |
        tar cf - -T -) | tar xfm - -C "$1"
}
