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
. "$(dirname "$0")/../common.sh"
shift
build=$1 libdir=$2 version=$3 soname=$4 backend=$5 origin=$6 accounting=$7 meson=$8 pkg_config=$9
shift 9
source=$(dirname "$0")/../..
allocator=$(awk -v name="$backend" '$1 == name { print $4 }' "$source/backends/list.txt")
root=$work/root

DESTDIR=$root "$meson" install -C "$build" --no-rebuild >"$work/log" 2>&1 ||
    die "$(cat "$work/log")" "meson install failed"

# Folders that the compiler searches anyhow are spelt out too: these lie elsewhere.
export PKG_CONFIG_PATH="$root$libdir/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
export PKG_CONFIG_SYSROOT_DIR="$root"
export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1

ask() {
    "$pkg_config" "$@" zmalloc || die "pkg-config $* zmalloc failed"
}

expect() { # WHAT ACTUAL EXPECTED
    [ "$2" = "$3" ] || die "$1: \"$2\", not \"$3\""
}

check_pc() {
    expect "pkg-config --modversion" "$(ask --modversion)" "$version"
    expect "pkg-config --variable=backend" "$(ask --variable=backend)" "$backend"
    expect "pkg-config --variable=accounting" "$(ask --variable=accounting)" "$accounting"
    needed=$(echo "$(ask --print-requires-private) $(ask --static --libs-only-l)" |
        grep -Eo '(je|tc|mi)malloc' | sort -u)
    [ "$origin" = system ] && [ "$allocator" != libc ] && wanted=$backend || wanted=
    expect "the allocators that zmalloc.pc says a static link needs" "$needed" "$wanted"
}

compile_and_run() { # WHAT PKG-CONFIG-OPTION COMPILER...
    what=$1 static=$2
    shift 2
    # shellcheck disable=SC2086  # an option or none
    flags=$(ask $static --cflags --libs)
    eval '"$@" -o "$work/app" "$source/test/downstream/app.c"' "$flags" || die "$what: does not compile"
    # shellcheck disable=SC2086  # a command, where Meson has one to run the program by
    LD_LIBRARY_PATH="$root$libdir" ${MESON_EXE_WRAPPER:-} "$work/app" "$allocator" ||
        die "$what: the program failed"
}

check_pc
if [ -e "$root$libdir/libzmalloc.so" ]; then
    case $soname in
    # Neither its SONAME nor its file may take the usual library's place.
    *.word.*) file=$soname ;;
    *) file=libzmalloc.so.$version ;;
    esac
    expect "the file of $soname" "$(readlink -f "$root$libdir/$soname")" "$(readlink -f "$root$libdir")/$file"
    # Another allocator there would serve the program's own malloc.
    expect "pkg-config --libs" "$(ask --libs-only-l | sed 's/ *$//')" "-lzmalloc"
    compile_and_run "shared" "" "$@"
fi
if [ -e "$root$libdir/libzmalloc.a" ]; then
    # Out of the linker's sight, which would prefer it.
    rm -f "$root$libdir"/libzmalloc.so*
    compile_and_run "static" --static "$@"
else
    echo "No static library was built: -Ddefault_library=both builds one."
fi
