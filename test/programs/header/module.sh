#!/bin/sh -eu
# Compiles the module and the program that imports it, and runs that. Arguments: the library, the header's
# folder, the compiler's command.
library=$(realpath "$1") header=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)

# Where the compiler puts what it knows of a module.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$@" -std=c++20 -fmodules -Wall -Wextra -Werror "-I$header" "$here/module.cpp" "$here/module_user.cpp" \
    -o user "$library" "-Wl,-rpath,$(dirname "$library")"
# shellcheck disable=SC2086  # a command, where Meson has one to run the program by
${MESON_EXE_WRAPPER:-} ./user
