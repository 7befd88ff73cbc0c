# Sourced by the tests of the suites downstream, configure and reproducible. The first argument is the
# test's own folder: emptied first, left for whoever wants to look, and in `work`.
# In the environment, of the build that runs the test: SOURCE, BUILD, MESON, VERSION, BACKEND, ALLOCATOR (what
# zmalloc_lib() begins with), PREFIX, LIBDIR (within PREFIX), SOVERSION, WRAP (which it
# has its allocator from, if any) and WRAP_OPTIONS (for that).
# shellcheck shell=sh

set -eu
work=$1
shift
rm -rf "$work"
mkdir -p "$work"

skip() {
    echo "Left out: $*"
    exit 77
}

die() {
    echo "$*" >&2
    exit 1
}

need() { # COMMAND...
    for command; do
        command -v "$command" >/dev/null || skip "$command is not here."
    done
}

# Configures the library alone. An allocator that is not installed is the system's lack, not the project's.
configure() { # FOLDER [SOURCE] OPTION...
    "$MESON" setup "$@" -Dtests=disabled -Dexamples=disabled >"$work/setup.log" 2>&1 && return
    cat "$work/setup.log"
    lacking=$(sed -n 's/.*ERROR: \(malloc_backend=.*which was not found\):.*/\1/p' "$work/setup.log")
    [ -z "$lacking" ] || skip "$lacking."
    exit 1
}

# What git knows of, as it is now.
copy_source() { # FOLDER
    [ -e "$SOURCE/.git" ] || skip 'this needs a copy of what git knows of, and this is no git checkout.'
    need git
    mkdir -p "$1"
    (cd "$SOURCE" && git ls-files -z --cached --others --exclude-standard | xargs -0r ls -d 2>/dev/null |
        tar cf - -T -) | tar xfm - -C "$1"
}

# Installs the library of the build that runs the test, and moves it where that build does not know of;
# zmalloc.pc names the prefix in one line.
install_this_build() { # PREFIX
    "$MESON" install -C "$BUILD" --no-rebuild --tags runtime,devel --destdir "$work/stage" >/dev/null
    mv "$work/stage$PREFIX" "$1"
    sed "s|^prefix=.*|prefix=$1|" "$1/$LIBDIR/pkgconfig/zmalloc.pc" >"$work/zmalloc.pc"
    cp "$work/zmalloc.pc" "$1/$LIBDIR/pkgconfig/zmalloc.pc"
}

# Where projects are to find the library. Folders that are searched anyhow are of no use here.
use_prefix() { # PREFIX LIBDIR
    export PKG_CONFIG_PATH="$1/$2/pkgconfig" CMAKE_PREFIX_PATH="$1" LD_LIBRARY_PATH="$1/$2"
}

# The wrap's file is a release, made here of this source.
lay_release() { # SUBPROJECTS
    release=zmalloc-$VERSION
    mkdir "$1/packagecache"
    # The sources of the library's own wraps, which Meson looks for in the outermost project.
    [ -z "$WRAP" ] || cp "$SOURCE"/subprojects/packagecache/* "$1/packagecache"
    copy_source "$work/$release"
    tar cJf "$1/packagecache/$release.tar.xz" -C "$work" "$release"
    hash=$(sha256sum "$1/packagecache/$release.tar.xz" | cut -d ' ' -f 1)
    sed -e "s/@VERSION@/$VERSION/" -e "s/@SHA256@/$hash/" "$1/zmalloc.wrap.in" >"$1/zmalloc.wrap"
}

# A fresh copy of the project, as its author has it.
copy_project() { # PROJECT
    rm -rf "${work:?}/$1"
    cp -rL "$SOURCE/test/downstream/$1" "$work/$1"
    cp "$SOURCE/test/downstream/app.c" "$work/$1"
    [ ! -f "$work/$1/subprojects/zmalloc.wrap.in" ] || lay_release "$work/$1/subprojects"
}

run_project() { # PROJECT
    copy_project "$1"
    (cd "$work/$1" && ./run.sh "$ALLOCATOR")
}
