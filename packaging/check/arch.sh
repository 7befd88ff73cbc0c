#!/usr/bin/env bash
# The Arch packages: made by makepkg, looked into, installed by pacman into a root of their own, exchanged for
# one another, removed.
# shellcheck source=packaging/check/lib.sh
. "$(dirname "$0")/lib.sh"
needs_root

packages=$build/package/arch
to=$out/root
allocators=(jemalloc tcmalloc mimalloc)
version=$(sed -n 's/^pkgver=//p' "$root/packaging/arch/PKGBUILD")

# SC2034, SC2128, SC2154: makepkg reads and sets these. SC2164: it stops at the first command that fails.
lint() {
    bash -n "$1"
    shellcheck -s bash -e SC2034,SC2128,SC2154,SC2164 "$1"
}

file_of() { # PACKAGE
    find "$packages" -name "$1-[0-9]*.pkg.tar*"
}

# Without a checksum, as in the repository, makepkg builds nothing.
wants_checksum() {
    mkdir "$out/unsummed"
    cp "$root/packaging/arch/PKGBUILD" "$packages/zmalloc-$version.tar.xz" "$out/unsummed"
    cd "$out/unsummed"
    ! as_user makepkg --nodeps --verifysource >said 2>&1 || wrong "makepkg took a source without a checksum"
    grep -q 'Integrity checks are missing' said || wrong "$(cat said)"
}

as_user() {
    if [ "$(id -u)" = 0 ]; then
        unshare --user --map-user=1000 --map-group=1000 "$@"
    else
        "$@"
    fi
}

# ---- What is in them -------------------------------------------------------------------------------

all_there() {
    find "$packages" -maxdepth 1 -name '*.pkg.tar*' -printf '%f\n' | sed 's/-[0-9].*//' |
        same_lines "packages" zmalloc "${allocators[@]/#/zmalloc-}"
}

info_has() { # PACKAGE LINE...
    local package=$1 line
    shift
    for line; do
        bsdtar -xOf "$(file_of "$package")" .PKGINFO | grep -qxF -- "$line" || wrong "$package lacks: $line"
    done
}

described() {
    local allocator
    info_has zmalloc 'depend = glibc' 'provides = libzmalloc.so=0-64'
    for allocator in "${allocators[@]}"; do
        info_has "zmalloc-$allocator" 'conflict = zmalloc' "provides = zmalloc=$version" \
            'provides = libzmalloc.so=0-64'
    done
    info_has zmalloc-jemalloc 'depend = jemalloc'
    info_has zmalloc-tcmalloc 'depend = gperftools'
    info_has zmalloc-mimalloc 'depend = mimalloc'
}

# Each is the whole library: they differ in nothing but what it allocates with.
complete() {
    local package
    for package in zmalloc "${allocators[@]/#/zmalloc-}"; do
        bsdtar -tf "$(file_of "$package")" | sed "s|licenses/$package/|licenses/NAME/|" |
            sort >"$out/$package.files"
        diff "$out/zmalloc.files" "$out/$package.files" || wrong "$package has other files than zmalloc"
    done
    grep -v -e '/$' -e '^\.' -e '^usr/share/man/' -e '^usr/share/doc/zmalloc/' \
        "$out/zmalloc.files" |
        same_lines "files" usr/include/zmalloc.h usr/lib/libzmalloc.so usr/lib/libzmalloc.so.0 \
            "usr/lib/libzmalloc.so.$version" usr/lib/pkgconfig/zmalloc.pc usr/share/licenses/NAME/LICENSE \
            usr/lib/cmake/zmalloc/zmallocConfig.cmake usr/lib/cmake/zmalloc/zmallocConfigVersion.cmake
}

# ---- What they do ----------------------------------------------------------------------------------

new_root() {
    local libraries
    libraries=$(for library in libjemalloc.so.2 libtcmalloc_minimal.so.4 libmimalloc.so.2; do
        cc -print-file-name=$library
    done)
    mkdir -p "$to"/{etc,var/lib/pacman,var/log,var/cache} "$out/hooks"
    printf '[options]\nArchitecture = auto\nSigLevel = Never\nLocalFileSigLevel = Never\n' >"$out/pacman.conf"
    # shellcheck disable=SC2046,SC2086 # paths without blanks
    copy_in "$to" $libraries $(libraries_of $libraries)
    files_of "$to" >"$out/before"
}

pacman_() {
    "${as_root[@]}" pacman --root "$to" --config "$out/pacman.conf" --hookdir "$out/hooks" --noconfirm "$@"
}

# What the package needs is there, but not as packages of Arch's.
put_in() { # PACKAGE OPTION...
    local file
    file=$(file_of "$1")
    shift
    pacman_ -U --assume-installed glibc=1 --assume-installed jemalloc=1 --assume-installed gperftools=1 \
        --assume-installed mimalloc=1 "$@" "$file"
}

install_default() {
    put_in zmalloc
    compile_app "$to" /usr/lib
    answers "$to" libc
}

# --ask 4: yes to replacing what it conflicts with.
exchange() {
    local allocator
    for allocator in "${allocators[@]}"; do
        put_in "zmalloc-$allocator" --ask 4
        answers "$to" "$allocator"
        same "installed" "zmalloc-$allocator" "$(pacman_ -Qq)"
    done
}

not_beside() {
    ! put_in zmalloc || wrong "two packages with the same files were installed"
}

remove() {
    pacman_ -R zmalloc-mimalloc
    rm "$to/app"
    diff "$out/before" <(files_of "$to") || wrong "< is gone, > was left behind"
}

check "PKGBUILD is good shell" lint "$root/packaging/arch/PKGBUILD"
check_or_stop "tools/package arch makes them" "$root/tools/package" arch
check "the tests of every allocator have run" tests_have_run "$packages/log" 4
check "without the tarball's checksum makepkg takes nothing" wants_checksum
check "all packages are there" all_there
check "each says what it needs, provides and conflicts with" described
check "each is the whole library, and nothing else" complete
check "a system to install into" new_root
check "zmalloc installs, and a program builds and runs" install_default
check "each other package takes its place under the same program" exchange
check "two of them are not installed at once" not_beside
check "removing it leaves nothing" remove
