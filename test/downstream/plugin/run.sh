#!/bin/sh -eu
# A host with a zmalloc of its own loads two modules, each on a backend of its own, linked as
# docs/modules.md says.

if [ "$BACKEND" = libc-prefix ]; then other=glibc-usable; else other=libc-prefix; fi

module() { # NAME PKG-CONFIG-PATH
    export PKG_CONFIG_PATH="$2"
    # shellcheck disable=SC2046 # the flags are words
    cc -O2 -Wall -shared -fPIC module.c -o "$1.so" $(pkg-config --cflags zmalloc) \
        "$(pkg-config --variable=libdir zmalloc)/libzmalloc.a" \
        $(pkg-config --static --libs zmalloc | sed 's/-lzmalloc\b//') \
        -Wl,--exclude-libs,ALL -Wl,-z,nodelete
}

cc -O2 -Wall -rdynamic host.c -o host -pthread -ldl
others=${PKG_CONFIG_PATH%/prefix-*}/prefix-$other/lib/pkgconfig
[ -d "$others" ] || { echo "there is no library on $other at $others" >&2 && exit 1; }
module this "$PKG_CONFIG_PATH"
module other "$others"
# Room for the thread-local variables of an allocator that is loaded late: docs/backends.md.
export GLIBC_TUNABLES=glibc.rtld.optional_static_tls=4096
./host ./this.so "$1-$BACKEND" ./other.so "libc-$other"
./host ./other.so "libc-$other" ./this.so "$1-$BACKEND"
