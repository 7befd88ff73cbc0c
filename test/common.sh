# For the tests in shell, which source it: a folder to work in, and complaints that end in `exit $failed`.
# shellcheck shell=sh
set -eu
export LC_ALL=C
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

die() {
    echo "$*" >&2
    exit 1
}

complain() {
    echo "$*" >&2
    failed=1
}

same() { # FILE FILE WHAT-IS-WRONG-IF-THEY-DIFFER
    diff "$1" "$2" >"$work/difference" || complain "$3
$(cat "$work/difference")"
}
