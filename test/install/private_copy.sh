#!/bin/sh
# A library with a private copy of its allocator. Rules: nothing needs, exports, replaces or installs the
# allocator; zmalloc.pc does not ask for it; programs run on it, static ones too; dlopen opens it.
#
# Usage: private_copy.sh BUILD PREFIX LIBDIR MAP LIB OPENS
# LIBDIR is absolute, as PREFIX is, as configured; LIB is what zmalloc_lib() says; OPENS: yes where dlopen has room for it.
. "$(dirname "$0")/../common.sh"
build=$1 prefix=$2 libdir=$3 map=$4 lib=$5 opens=$6
here=$(dirname "$0") root=$work/root
allocators='jemalloc|tcmalloc|gperftools|mimalloc'

ask() { # COMMAND...
    "$@" >"$work/said" 2>"$work/log" || die "$* failed: $(cat "$work/log")"
}

must_be_empty() { # WHAT FOUND
    [ -z "$2" ] || complain "$1:
$2"
}

DESTDIR=$root meson install -C "$build" --no-rebuild >"$work/log" 2>&1 || die "$(cat "$work/log")"
library=$root$libdir/libzmalloc
ask readelf -d "$library.so"
must_be_empty "the library needs its allocator's" "$(grep -E "NEEDED.*($allocators)" "$work/said")"
ask find "$root$prefix" ! -type d ! -path '*/include/zmalloc/*' -printf '%P\n'
must_be_empty "this was installed" "$(grep -E "$allocators" "$work/said")"
ask cat "$root$libdir/pkgconfig/zmalloc.pc"
must_be_empty "zmalloc.pc asks for the allocator" \
    "$(grep -E "$allocators" "$work/said" | grep -vE '^(backend|prefix)=')"

ask nm -D --defined-only "$library.so"
awk '$2 != "A" {print $3}' "$work/said" | sed 's/@.*//' | sort >"$work/exported"
sed -n 's/^ *\(z[a-z_]*\);$/\1/p' "$map" | sort >"$work/named"
same "$work/named" "$work/exported" "the library does not export what the map names"

# In an archive nothing is hidden from the program.
replacing='malloc|calloc|realloc|free|cfree|memalign|aligned_alloc|posix_memalign|valloc|pvalloc'
replacing="$replacing|malloc_usable_size|mmap|munmap|mremap|sbrk|pthread_create|_Zn[aw].*|_Zd[al].*"
ask nm --defined-only "$library.a"
must_be_empty "the archive replaces functions of the C library" \
    "$(awk 'NF == 3 && $2 ~ /[A-Z]/ {print $3}' "$work/said" | grep -xE "$replacing")"

export PKG_CONFIG_PATH="$root$libdir/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root" PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
for static in '' -static; do
    # shellcheck disable=SC2046,SC2086 # flags are words
    cc -O2 $static "$here/private_copy.c" -o "$work/program" \
        $(pkg-config ${static:+--static} --cflags --libs zmalloc) -ldl || die "program $static does not compile"
    said=$(LD_LIBRARY_PATH=$root$libdir "$work/program" $static) || complain "program $static failed"
    [ "$said" = "$lib" ] || complain "program $static: \"$said\", not \"$lib\""
done

if [ "$opens" = yes ]; then
    cc "$here/opened_late.c" -o "$work/opened_late" -ldl
    env -u GLIBC_TUNABLES "$work/opened_late" "$library.so" || complain "dlopen does not open it"
fi
exit $failed
