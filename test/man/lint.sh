#!/bin/sh -eu
# Rule: mandoc has no word to say of the pages, but for what scdoc writes itself, a paragraph before and
# after each heading.
#
# Usage: lint.sh MANDOC PAGE...
mandoc=$1
shift
status=0
said=$("$mandoc" -T lint -W warning "$@") || status=$?
[ $status -le 4 ] || { echo "mandoc failed: $said" >&2 && exit 1; }
unasked=$(printf '%s\n' "$said" | grep -Ev 'skipping paragraph macro: PP (empty|after S[HS])$' || true)
[ -z "$unasked" ] || { printf '%s\n' "$unasked" >&2 && exit 1; }
