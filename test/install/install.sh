#!/bin/sh
# Installs this build into a folder of its own and uses it as a stranger would. Rules: a program
# outside the build compiles, links and runs by what pkg-config says, also --static where a static
# library was installed; zmalloc.pc names the backend and the accounting, and what a static link
# needs, and puts the allocator on nobody else's command line.
#
# Usage: install.sh ARCHIVE BUILD LIBDIR VERSION SONAME BACKEND ORIGIN ACCOUNTING MESON PKG-CONFIG COMPILER...
# ARCHIVE is not looked at: by it Meson sees for which machine this is, and names in MESON_EXE_WRAPPER
# what runs programs of another. LIBDIR is absolute, as configured; ORIGIN of the allocator: system, or
# private, a part of the library.
set -eu
shift
build=$1 libdir=$2 version=$3 soname=$4 backend=$5 origin=$6 accounting=$7 meson=$8 pkg_config=$9
shift 9
here=$(cd "$(dirname "$0")" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

die() {
    echo "$*" >&2
    exit 1
}

DESTDIR=$root "$meson" install -C "$build" --no-rebuild >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    die "meson install failed"
}

# Folders that the compiler searches anyhow are spelt out too: these lie elsewhere.
export PKG_CONFIG_PATH="$root$libdir/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
export PKG_CONFIG_SYSROOT_DIR="$root"
export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1

ask() {
    "$pkg_config" "$@" zmalloc || die "pkg-config $* zmalloc failed"
}

expect() {
    [ "$2" = "$3" ] || die "$1: \"$2\", not \"$3\""
}

check_file() {
    [ -e "$root$1" ] || die "$1 was not installed"
}

check_pc() {
    expect "pkg-config --modversion" "$(ask --modversion)" "$version"
    expect "pkg-config --variable=backend" "$(ask --variable=backend)" "$backend"
    expect "pkg-config --variable=accounting" "$(ask --variable=accounting)" "$accounting"
    needs="$(ask --print-requires-private) $(ask --static --libs-only-l)"
    for allocator in jemalloc tcmalloc mimalloc; do
        named=no wanted=no
        case $needs in *$allocator*) named=yes ;; esac
        [ "$backend $origin" != "$allocator system" ] || wanted=yes
        expect "zmalloc.pc says that a static link needs $allocator" $named $wanted
    done
}

# Another allocator there would serve the program's own malloc.
check_shared_libs() {
    libs=$(ask --libs-only-l | sed 's/ *$//')
    expect "pkg-config --libs" "$libs" "-lzmalloc"
}

# Arguments: what it is, the pkg-config option for it, the compiler's command.
compile_and_run() {
    what=$1 static=$2
    shift 2
    # shellcheck disable=SC2086  # an option or none
    flags=$(ask $static --cflags --libs)
    (cd "$work" && eval '"$@" -o app "$here/../downstream/app.c"' "$flags") || die "$what: does not compile"
    case $backend in
    jemalloc | tcmalloc | mimalloc) allocator=$backend ;;
    *) allocator=libc ;;
    esac
    # shellcheck disable=SC2086  # a command, where Meson has one to run the program by
    LD_LIBRARY_PATH="$root$libdir" ${MESON_EXE_WRAPPER:-} "$work/app" "$allocator" || die "$what: the program failed"
}

check_file "$libdir/pkgconfig/zmalloc.pc"
check_pc
if [ -e "$root$libdir/libzmalloc.so" ]; then
    check_file "$libdir/$soname"
    file=$(readlink -f "$root$libdir/$soname")
    case $soname in
    # Neither its SONAME nor its file may take the usual library's place.
    *.word.*) expect "the file of $soname" "${file##*/}" "$soname" ;;
    *) expect "the file of $soname" "${file##*/}" "libzmalloc.so.$version" ;;
    esac
    check_shared_libs
    compile_and_run "shared" "" "$@"
fi
if [ -e "$root$libdir/libzmalloc.a" ]; then
    # Out of the linker's sight, which would prefer it.
    rm -f "$root$libdir"/libzmalloc.so*
    compile_and_run "static" --static "$@"
else
    echo "No static library was built: -Ddefault_library=both builds one."
fi
