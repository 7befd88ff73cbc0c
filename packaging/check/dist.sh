#!/usr/bin/env bash
# The release's tarball.
# shellcheck source=packaging/check/lib.sh
. "$(dirname "$0")/lib.sh"

made=$build/package/dist

summed() {
    cd "$made"
    sha256sum -c ./*.sha256sum
}

# Other formats pack HEAD by `git archive`, which is quicker.
same_as_archived() {
    diff <(tar -tf "$made"/*.tar.xz | sed 's|/$||' | sort) \
        <(git -C "$root" archive --prefix="$(basename "$made"/*.tar.xz .tar.xz)/" HEAD | tar -t |
            sed 's|/$||' | sort) || wrong "< in the release, > in the commit"
}

named_by_version() {
    local version
    version=$(git -C "$root" show HEAD:meson.build | sed -n "s/^ *version: '\(.*\)',/\1/p")
    ls "$made/zmalloc-$version.tar.xz"
}

check_or_stop "tools/package dist makes the tarball and tests it" "$root/tools/package" dist --allow-dirty
check "its checksum is right" summed
check "it holds what the commit holds" same_as_archived
check "its name has the version of the commit" named_by_version
