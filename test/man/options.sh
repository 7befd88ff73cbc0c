#!/bin/sh
# Rules: zmalloc-backends(7) has every option of the build that is a choice, with all its values; no page
# has an option that there is not, nor a value that it cannot have.
#
# Usage: options.sh PAGES OPTIONS BACKENDS
# PAGES is the folder with the pages, OPTIONS is meson_options.txt, BACKENDS is auto|A|B...
set -eu
export LC_ALL=C
pages=$1 options=$2
failed=0
text=$(sed -e 's/\\f[BIR]//g' -e 's/\\&//g' "$pages"/*.[37])

# NAME A|B|C of each choice.
choices=$(tr '\n' ' ' <"$options" | sed 's/option(/\n/g' |
    sed -n "s/^'\([a-z_]*\)'.*choices: \[\([^]]*\)\].*/\1 \2/p" | sed -e "s/', *'/|/g" -e "s/'//g")
[ -n "$choices" ] || { echo "$options has no choices" >&2 && exit 1; }
choices="malloc_backend $3
$choices"

printf '%s\n' "$choices" | sed 's/^\([a-z_]*\) /-D\1=/' | while read -r line; do
    printf '%s\n' "$text" | grep -qxF -- "$line" || { echo "no page has: $line" >&2 && exit 1; }
done || failed=1

for given in $(printf '%s\n' "$text" | grep -Eo -- '-D[a-z_]+=[a-z|-]+' | sort -u); do
    name=${given#-D} name=${name%%=*} values=${given#*=}
    allowed=$(printf '%s\n' "$choices" | sed -n "s/^$name //p")
    for value in $(echo "$values" | tr '|' ' '); do
        case "|$allowed|" in
        *"|$value|"*) ;;
        *) echo "$given: there is no $name=$value" >&2 && failed=1 ;;
        esac
    done
done
exit $failed
