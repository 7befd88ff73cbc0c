# Sourced by the other tools: what they say, what they need, and where they build.
# shellcheck shell=bash

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${ZMALLOC_BUILD_DIR:-$root/build}

say() {
    printf '%s\n' "$*"
}

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# A Debian package, and the command that succeeds where what it brings is there already, by whatever
# way it came.
needs() {
    case $1 in
    git) command -v git ;;
    gcc) command -v cc ;;
    g++) command -v c++ ;;
    meson) command -v meson ;;
    ninja-build) command -v ninja ;;
    pkg-config) command -v pkg-config ;;
    clang) command -v clang ;;
    cmake) command -v cmake ;;
    make) command -v make ;;
    autoconf) command -v autoreconf ;;
    automake) command -v automake ;;
    lld) command -v ld.lld ;;
    libclang-rt-dev)
        local fuzzed='int LLVMFuzzerTestOneInput(void) { return 0; }'
        printf '%s\n' "$fuzzed" | clang -x c -fsanitize=fuzzer -o /dev/null -
        ;;
    clang-format) command -v clang-format ;;
    valgrind) command -v valgrind ;;
    python3) command -v python3 ;;
    npm) command -v npm ;;
    scdoc) command -v scdoc ;;
    mandoc) command -v mandoc ;;
    man-db) command -v man ;;
    llvm) command -v llvm-nm ;;
    libc6-dev) printf '#include <stdlib.h>\n' | cc -E - ;;
    xz-utils) command -v xz ;;
    rpm) command -v rpmbuild ;;
    zlib1g-dev) printf '#include <zlib.h>\n' | cc -E - ;;
    libjemalloc-dev) pkg-config --exists jemalloc ;;
    libgoogle-perftools-dev) pkg-config --exists libtcmalloc_minimal ;;
    libmimalloc-dev) printf '#include <mimalloc.h>\n' | cc -E - ;;
    libcriterion-dev) pkg-config --exists criterion ;;
    libbenchmark-dev) pkg-config --exists benchmark ;;
    libsqlite3-dev) pkg-config --exists sqlite3 ;;
    libtalloc-dev) pkg-config --exists talloc ;;
    *) dpkg-query -W -f '${Status}' "$1" | grep -q '^install ok installed' ;;
    esac >/dev/null 2>&1
}

# Installs those of the named Debian packages that are missing, where that can be done.
ensure_packages() {
    local package missing=()
    for package in "$@"; do
        needs "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    if ! command -v apt-get >/dev/null; then
        die "these are missing (by their Debian names): ${missing[*]}. Install them and run this again."
    elif [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        die "these packages are missing, and only root may install them: apt-get install ${missing[*]}"
    fi
    say "Installing ${missing[*]}"
    local log
    log=$(mktemp)
    if ! { "${as_root[@]}" apt-get update &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
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
