# Sourced by the scripts in packaging/: the source tarball that a package is made of.
# shellcheck shell=bash

# shellcheck source=tools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../tools/common.sh"

# Of the commit that is checked out, as its tarball is.
project_version() {
    git -C "$root" show HEAD:meson.build | sed -n "/^ *version: '\(.*\)',$/{s//\1/p;q}"
}

# Puts zmalloc-VERSION.tar.xz of the commit that is checked out into a folder, and sets `tarball` to its
# path: that of `tools/package --tarball`, untouched, or one that is packed here. A release's is that of
# packaging/dist.sh, which tests it and takes minutes.
make_tarball() { # FOLDER
    local name
    git -C "$root" rev-parse --verify --quiet HEAD >/dev/null ||
        die "$root is not a git checkout, and packages are made of the commit that is checked out: clone it"
    git -C "$root" diff --quiet HEAD || say "Note: what is not committed is not in the package."
    name=zmalloc-$(project_version)
    tarball=$1/$name.tar.xz
    mkdir -p "$1"
    if [ -n "${ZM_TARBALL:-}" ]; then
        [ "${ZM_TARBALL##*/}" = "$name.tar.xz" ] ||
            die "--tarball $ZM_TARBALL is not $name.tar.xz: check out the commit that it was made of"
        cp "$ZM_TARBALL" "$tarball"
        return
    fi
    git -C "$root" archive --prefix="$name/" HEAD | xz >"$tarball"
}
