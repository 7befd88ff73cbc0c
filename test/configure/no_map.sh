#!/bin/sh
# A compiler whose linker takes no map.
case $* in *--version-script=*) exit 1 ;; esac
exec cc "$@"
