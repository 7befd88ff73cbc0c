#!/usr/bin/env bash
# The RPM packages: made, looked into, installed into a root of their own, switched, upgraded, removed.
# shellcheck source=packaging/check/lib.sh
. "$(dirname "$0")/lib.sh"
needs_root

spec=$root/packaging/rpm/zmalloc.spec
packages=$build/package/rpm/RPMS
to=$out/root
libdir=$(rpm --eval '%_libdir')
alternative=libzmalloc.so.0.$(rpm --eval '%_arch')
allocators=(jemalloc tcmalloc mimalloc)

# Of this check alone. Debian's rpm says each time that it is not meant to install packages.
rpm_() {
    "${as_root[@]}" rpm --root "$to" --dbpath /db "$@" 2> >(grep -vE 'use Alien|know what you are doing' >&2)
}

file_of() { # PACKAGE
    find "$packages" -name "$1-[0-9]*.rpm"
}

ask() { # QUESTION PACKAGE
    rpm --dbpath "$out/db" -qp "--$1" "$(file_of "$2")"
}

parses() {
    rpmspec --load "$root/packaging/rpm/macros.meson" -P "$spec"
}

lint() {
    rpmlint -c "$root/packaging/rpm/rpmlint.toml" "$@" >"$out/lint" || { cat "$out/lint" && false; }
    ! grep ': [EW]: ' "$out/lint"
}

# ---- What is in them -------------------------------------------------------------------------------

all_there() {
    find "$packages" -name '*.rpm' -printf '%f\n' | sed 's/-[0-9].*//' |
        same_lines "packages" zmalloc zmalloc-devel "${allocators[@]/#/zmalloc-}"
}

has() { # PACKAGE QUESTION LINE...
    local package=$1 question=$2 line
    shift 2
    for line; do
        ask "$question" "$package" | grep -qxF -- "$line" || wrong "$package lacks in its $question: $line"
    done
}

each_provides() {
    local package
    for package in zmalloc "${allocators[@]/#/zmalloc-}"; do
        has "$package" provides 'libzmalloc.so.0()(64bit)' 'libzmalloc.so.0(ZMALLOC_0)(64bit)'
        has "$package" requires /usr/sbin/update-alternatives
    done
}

each_refuses_older() {
    local package other version
    version=$(rpm --dbpath "$out/db" -qp --qf '%{version}-%{release}' "$(file_of zmalloc)")
    for package in zmalloc "${allocators[@]/#/zmalloc-}"; do
        for other in zmalloc "${allocators[@]/#/zmalloc-}"; do
            has "$package" conflicts "$other < $version"
        done
    done
}

each_needs_its_allocator() {
    local version
    has zmalloc-jemalloc requires 'libjemalloc.so.2()(64bit)'
    has zmalloc-tcmalloc requires 'libtcmalloc_minimal.so.4()(64bit)'
    has zmalloc-mimalloc requires 'libmimalloc.so.2()(64bit)'
    ! ask requires zmalloc | grep malloc || wrong "zmalloc needs more than the C library"
    version=$(rpm --dbpath "$out/db" -qp --qf '%{version}-%{release}' "$(file_of zmalloc)")
    has zmalloc-devel requires "zmalloc(x86-64) = $version"
    ! ask list zmalloc-devel | grep -F libzmalloc.so. || wrong "zmalloc-devel has a library of its own"
}

# ---- What they do ----------------------------------------------------------------------------------

# A system with a shell, alternatives, the allocators, and nothing else. Debian's alternatives, which take the
# same options as Fedora's, where the spec looks for them.
new_root() {
    local programs=(/bin/sh /usr/bin/update-alternatives) libraries
    libraries=$(for library in libjemalloc.so.2 libtcmalloc_minimal.so.4 libmimalloc.so.2; do
        cc -print-file-name=$library
    done)
    mkdir -p "$to"/{dev,tmp,etc/alternatives,usr/sbin,var/lib/dpkg/alternatives,var/log}
    touch "$to/dev/null"
    # shellcheck disable=SC2046,SC2086 # paths without blanks
    copy_in "$to" "${programs[@]}" $libraries $(libraries_of "${programs[@]}" $libraries)
    ln -s ../bin/update-alternatives "$to/usr/sbin/update-alternatives"
    echo "$libdir" >"$to/etc/ld.so.conf"
    files_of "$to" >"$out/before"
}

# ldconfig afterwards, as glibc's package has it done on Fedora. --nodeps: what the packages need is no rpm
# package here.
transaction() {
    rpm_ --nodeps "$@" >"$out/transaction" 2>&1 || wrong "rpm $*: $(cat "$out/transaction")"
    same "rpm $* says" '' "$(grep -vE '^update-alternatives: (using|removing manually)' \
        "$out/transaction" || true)"
    "${as_root[@]}" /sbin/ldconfig -r "$to"
}

alternatives() {
    in_root "$to" /usr/sbin/update-alternatives "$@"
}

choose() { # ALLOCATOR
    alternatives --set "$alternative" "$libdir/zmalloc/$1/libzmalloc.so.0"
}

install_default() {
    transaction -i "$(file_of zmalloc)" "$(file_of zmalloc-devel)"
    compile_app "$to" "$libdir"
    answers "$to" libc
}

# Each comes before the ones installed already.
install_others() {
    local allocator
    for allocator in tcmalloc mimalloc jemalloc; do
        transaction -i "$(file_of "zmalloc-$allocator")"
        answers "$to" "$allocator"
    done
}

switch() {
    local allocator
    for allocator in "${allocators[@]}"; do
        choose "$allocator"
        answers "$to" "$allocator"
    done
    choose glibc-usable
    answers "$to" libc
}

verify() {
    rpm_ -V --nodeps zmalloc zmalloc-devel "${allocators[@]/#/zmalloc-}"
}

# $1 of the scriptlets is not 0 then.
install_again() {
    choose mimalloc
    transaction -U --replacepkgs "$packages"/*/*.rpm
    answers "$to" mimalloc
}

remove_chosen() {
    transaction -e zmalloc-mimalloc
    answers "$to" jemalloc
    transaction -e zmalloc-jemalloc
    answers "$to" tcmalloc
}

remove_all() {
    transaction -e zmalloc-tcmalloc
    answers "$to" libc
    transaction -e zmalloc-devel zmalloc
    rm "$to/app"
    diff "$out/before" <(files_of "$to") || wrong "< is gone, > was left behind"
    same "alternatives left" '' "$(ls "$to/var/lib/dpkg/alternatives")"
}

check "the spec parses" parses
check "rpmlint finds nothing in the spec" lint "$spec"
check_or_stop "tools/package rpm makes them" "$root/tools/package" rpm
check "the tests of every allocator have run" tests_have_run "$build/package/rpm/log" 4
check "rpmlint finds nothing in the packages" lint "$packages"/*/*.rpm
check "all packages are there" all_there
check "each allocator's package provides libzmalloc.so.0" each_provides
check "each refuses others of an older version" each_refuses_older
check "each needs its own allocator and nothing of the others" each_needs_its_allocator
check "a system to install into" new_root
check "zmalloc and zmalloc-devel install, and a program builds and runs" install_default
check "each further allocator installs beside it and serves the same program" install_others
check "alternatives switch it to each" switch
check "rpm -V finds nothing changed" verify
check "a choice outlives the packages' being installed again" install_again
check "removing the chosen one leaves the others working" remove_chosen
check "removing all leaves nothing" remove_all
