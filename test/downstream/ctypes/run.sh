#!/bin/sh -eu
# See docs/backends.md: Debian's jemalloc wants more than glibc holds ready for what comes by dlopen.
[ "$1" != jemalloc ] || export GLIBC_TUNABLES=glibc.rtld.optional_static_tls=4096
python3 app.py "$@"
