#!/usr/bin/env bash
# The Homebrew formula for the commit that is checked out: packaging/homebrew/zmalloc.rb.
# shellcheck source=packaging/lib/tarball.sh
. "$(dirname "$0")/lib/tarball.sh"

usage() {
    cat <<'TEXT'
Usage: tools/package homebrew

Puts the source tarball into build/package/homebrew/, and beside it the formula zmalloc.rb with the tarball's
checksum. brew, which is not on Debian, installs by it once the tarball lies where the formula's url says.
TEXT
}

case ${1:-} in
-h | --help) usage && exit ;;
'') ;;
*) usage >&2 && exit 2 ;;
esac

ensure_packages git xz-utils
out=$build/package/homebrew
rm -rf "$out"
make_tarball "$out"
sum=$(sha256sum "$tarball" | cut -d ' ' -f 1)
sed "s/^  sha256 .*/  sha256 \"$sum\"/" "$root/packaging/homebrew/zmalloc.rb" >"$out/zmalloc.rb"
say "${out#"$root"/}: the formula, and the source that goes to its url"
