# Sourced by tools/check-servers: how the servers and the others are built and run. Each function with a body in
# parentheses is a step of its own.
# shellcheck shell=bash disable=SC2154 # which it sets

# ---- Building ----

# The newest of the release, which need not be this system's. No .dsc: a mirror may lack it.
fetch() ( # SERVER
    exec >&2
    package=${1%-*} release=${release_of[$1]} folder=$out/source/$1
    exec 9>"$folder.lock" && flock 9
    [ ! -d "$folder" ] || return 0
    rm -rf "$folder.new" && mkdir -p "$folder.new" "$folder.apt"/{lists,cache/archives}/partial
    # shellcheck disable=SC2016 # apt's own variables
    apt-get indextargets --format 'deb-src $(SITE) RELEASE main' 'Identifier: Packages' 'Origin: Debian' \
        "Codename: $(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" 'Component: main' |
        sed "s/RELEASE/$release/" | sort -u >"$folder.apt/sources.list"
    for command in update "source --download-only --tar-only $package"; do
        # shellcheck disable=SC2086 # its words
        (cd "$folder.apt" && apt-get -o Dir::Etc::SourceList="$folder.apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
            -o Dir::State::Lists="$folder.apt/lists" -o Dir::Cache="$folder.apt/cache" -o APT::Sandbox::User= \
            -o Acquire::Check-Valid-Until=false $command)
    done
    tar xf "$folder.apt/${package}_"*.orig.tar.* --strip-components=1 -C "$folder.new"
    mv "$folder.new" "$folder"
)

copy() { # SERVER TO
    rm -rf "$2" && mkdir -p "$2" && cp -a "$out/source/$1/." "$2"
}

# Into FOLDER/library, where pkg-config is told to look. Archive and shared: a module takes the archive.
install_library() { # BACKEND FOLDER
    options=(-Dmalloc_backend="$1" -Ddefault_library=both)
    if [ "$1" = vendored ]; then
        make -C "$2/deps" jemalloc
        printf '%s\n' "Name: jemalloc" "Description: the server's copy" "Version: $(sed -n \
            's/^#define JEMALLOC_VERSION "\([0-9.]*\).*/\1/p' "$2/deps/jemalloc/include/jemalloc/jemalloc.h")" \
            "Libs: -L$2/deps/jemalloc/lib -ljemalloc -lm -ldl -lpthread" "Cflags: -I$2/deps/jemalloc/include" \
            >"$2/deps/jemalloc.pc"
        options=(-Dmalloc_backend=jemalloc -Dprefix_size=word -Ddefault_library=static --pkg-config-path="$2/deps")
    fi
    meson setup "$2/library.build" "$root" --prefix="$2/library" --libdir=lib -Doptimization=2 -Dtests=disabled \
        -Dexamples=disabled -Dman=disabled "${options[@]}"
    meson install -C "$2/library.build"
    export PKG_CONFIG_PATH=$2/library/lib/pkgconfig:$2/deps
}

# The change of docs/migrating.md.
build_ours() ( # SERVER BACKEND FOLDER
    exec >&2
    copy "$1" "$3"
    install_library "$2" "$3"
    flags=(MALLOC=libc) static=
    printf '#include "version.h"\n#include <zmalloc/redis.h>\n' >"$3/src/zmalloc.h"
    rm "$3/src/zmalloc.c"
    [ "$2" != vendored ] || static=--static flags=(MALLOC=jemalloc)
    sed -i -e 's/\<zmalloc\.o\>//' -e "s/^FINAL_LIBS=-lm/& \$(shell pkg-config $static --libs zmalloc)/" "$3/src/Makefile"
    make -C "$3" -j"$(nproc)" "${flags[@]}" REDIS_LDFLAGS="-Wl,-rpath,$(pkg-config --variable=libdir zmalloc)" \
        REDIS_CFLAGS="$(pkg-config --cflags zmalloc)$([ "$2" != jemalloc ] || echo ' -DUSE_JEMALLOC')"
    [ "$2" != vendored ] || ! ldd "$3"/src/*-server | grep libjemalloc # a system's beside the copy
)

build_own() ( # SERVER BACKEND FOLDER
    exec >&2
    exec 9>"$3.lock" && flock 9
    [ ! -e "$3/built" ] || return 0
    copy "$1" "$3"
    eval "make -C '$3' -j$(nproc) ${own_options[$2]}"
    touch "$3/built"
)

# ---- Running ----

memory_suites() { # FOLDER
    (cd "$1/tests" && ls unit/type/*.tcl unit/{memefficiency,maxmemory,info,other,introspection,scripting}.tcl) |
        sed '/list-common/d; s/\.tcl$//'
}

# The names of what failed, as the runner lists them at its end: tests, and what went wrong beside them. One that hung is
# known by its file, where the runner tells it. Fails where the list is not what the end says, or there was no end.
failed_tests() { # LOG
    local list
    list=$(sed '1,/The following tests failed/d' "$1" |
        sed -n 's/^\*\*\* *//; T; s/^\[err\]: *//; s/^\[TIMEOUT\]: .* in /[TIMEOUT] in /; p' | sort -u)
    [ -z "$list" ] || echo "$list"
    grep -q '\[ok\]' "$1" || return 1
    if grep -q 'All tests passed' "$1"; then [ -z "$list" ]; else [ -n "$list" ]; fi
}

# Leaves what the server's tests said in FOLDER/suites.log, and the names of those that failed in FOLDER/failed. Fails
# where they did not come to their end, or there was none.
run_suites() ( # FOLDER SUITE...
    cd "$1" && shift
    skip=()
    for ((port = 20000; port < 60000; port += 1000)); do # a thousand of its own for each run
        exec 7>"$out/ports.$port"
        if flock -n 7; then break; fi
    done
    # Valkey's tests of it take any jemalloc for its own copy, without which neither build has it.
    [[ $PWD != *-jemalloc ]] || skip=(--skiptest '/Active [Dd]efrag')
    # shellcheck disable=SC2046 # words
    ./runtest "${skip[@]}" --clients "$(nproc)" --baseport $port --portcount 1000 $(printf -- '--single %s ' "$@") 2>&1 | sed 's/\x1b\[[0-9;]*m//g' >suites.log || true
    failed_tests suites.log >failed
)

start() { # FOLDER OPTION...
    server=$(ls "$1"/src/{redis,valkey}-server 2>/dev/null || true)
    client=${server%-server}-cli
    rm -f "$1"/*.rdb
    exec 8>"$out/port.lock" && flock 8 # until the server has ended too
    ! ask ping >/dev/null 2>&1 || die 'something is at port 7777 already'
    (cd "$1" && exec "$server" "${@:2}" --port 7777 --save '' --enable-debug-command yes --dir "$1" >server.log 2>&1) &
    # shellcheck disable=SC2064 # this one
    trap "kill $! 2>/dev/null || true" EXIT
    for _ in {1..600}; do
        ! ask ping 2>/dev/null | grep -q PONG || return 0
        sleep 0.1
    done
    die "the server does not answer: see $1/server.log"
}

ask() {
    "$client" -p 7777 "$@"
}

info() { # FIELD
    ask info all | tr -d '\r' | sed -n "s/^$1://p"
}

# used, resident, fragmentation
million_keys() ( # FOLDER BACKEND
    start "$1"
    name=$(awk -v backend="${2/#vendored/jemalloc}" '$1 == backend {print $4}' "$root/backends/list.txt")
    [[ -n $name && $(info mem_allocator) == "$name"* ]] || die "the server is not on $2, but on $(info mem_allocator)"
    ask debug populate 1000000 key 100 >/dev/null
    keys=$(ask dbsize)
    [ "$keys" = 1000000 ] || die "there are $keys keys"
    sleep 1
    echo "$(info used_memory) $(info used_memory_rss) $(info mem_fragmentation_ratio)"
    ask shutdown nosave
)

# Active defragmentation is there with the server's own jemalloc, and refused elsewhere.
check_defragmentation() ( # FOLDER BACKEND
    start "$1"
    said=$(ask config set activedefrag yes)
    ask shutdown nosave
    [ "$2" != vendored ] || [ "$said" = OK ]
    [ "$2" = vendored ] || grep -qi 'active defragmentation cannot be enabled' <<<"$said"
)

# Bytes that the fork of a snapshot had to copy, as zmalloc_get_private_dirty() told the server.
snapshot() ( # FOLDER
    start "$1"
    load=("${client%-cli}-benchmark" -p 7777 -t set -r 100000 -d 1000 -n 1000000 -P 16 -q)
    "${load[@]}" >/dev/null
    "${load[@]}" >/dev/null &
    ask bgsave >/dev/null
    while [ "$(info rdb_bgsave_in_progress)" = 1 ]; do sleep 0.2; done
    [ "$(info rdb_last_bgsave_status)" = ok ]
    info rdb_last_cow_size
    wait $!
    ask shutdown nosave
)

# ---- Others ----

run_wrk() { # FOLDER
    "$1/wrk" -t 2 -c 4 -d 2 http://127.0.0.1:7778/ | tee "$1/said"
    grep 'Requests/sec' "$1/said" && ! grep 'errors' "$1/said"
}

# An HTTP client. Its copy is of 2012, and all that it calls is the library's own. Its own build runs beside it.
check_wrk() ( # SERVER BACKEND FOLDER
    exec >&2
    make_it=(make WITH_LUAJIT=/usr WITH_OPENSSL=/usr VER=0)
    copy "$1" "$3.own" && copy "$1" "$3"
    CFLAGS=-I/usr/include/luajit-2.1 "${make_it[@]}" -C "$3.own"
    install_library "$2" "$3"
    rm "$3"/src/zmalloc.[ch]
    # shellcheck disable=SC2016 # make's own
    sed -i -e 's/ zmalloc\.c//' -e 's/^LIBS    := /&$(shell pkg-config --libs zmalloc) /' "$3/Makefile"
    CFLAGS="-I/usr/include/luajit-2.1 $(pkg-config --cflags zmalloc)" \
        LDFLAGS="-Wl,-rpath,$(pkg-config --variable=libdir zmalloc)" "${make_it[@]}" -C "$3"
    ldd "$3/wrk" | grep libzmalloc
    python3 -m http.server -d "$3/src" 7778 &
    # shellcheck disable=SC2064 # this one
    trap "kill $!" EXIT
    sleep 1
    run_wrk "$3.own" && run_wrk "$3"
)

# Its blocks are in its own total, and not in that of the server, by the link of docs/modules.md.
check_module() ( # BACKEND FOLDER
    fetch redis-7.0
    build_own redis-7.0 jemalloc "$out/own/redis-7.0-jemalloc"
    rm -rf "$2" && mkdir -p "$2" && install_library "$1" "$2" >&2
    # shellcheck disable=SC2046 # flags are words
    cc -O2 -Wall -shared -fPIC "$root/test/servers/module.c" -o "$2/module.so" $(pkg-config --cflags zmalloc) \
        -idirafter "$out/own/redis-7.0-jemalloc/src" "$(pkg-config --variable=libdir zmalloc)/libzmalloc.a" \
        $(pkg-config --static --libs zmalloc | sed 's/-lzmalloc\b//') -Wl,--exclude-libs,ALL -Wl,-z,nodelete
    start "$out/own/redis-7.0-jemalloc" --loadmodule "$2/module.so"
    before=$(info used_memory) held=$(ask hold 50000000) after=$(info used_memory) left=$(ask hold 0)
    ask shutdown nosave
    [ "$held" -ge 50000000 ] && [ "$left" = 0 ] && [ $((after - before)) -lt 10000000 ]
)
