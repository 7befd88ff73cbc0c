#!/bin/sh
# Rules: zmalloc-backends(7) has every option of the build that is a choice, with all its values; no page
# has an option that there is not, nor a value that it cannot have.
#
# Usage: options.sh PAGES OPTIONS BACKENDS
# PAGES is the folder with the pages, OPTIONS is meson_options.txt, BACKENDS is auto|A|B...
. "$(dirname "$0")/../common.sh"
text=$(sed -e 's/\\f[BIR]//g' -e 's/\\&//g' "$1"/*.[37])

# -DNAME=A|B|C of each choice.
choices=$(tr '\n' ' ' <"$2" | sed 's/option(/\n/g' |
    sed -n "s/^'\([a-z_]*\)'.*choices: \[\([^]]*\)\].*/-D\1=\2/p" | sed -e "s/', *'/|/g" -e "s/'//g")
[ -n "$choices" ] || die "$2 has no choices"
choices="-Dmalloc_backend=$3
$choices"
for choice in $choices; do
    printf '%s\n' "$text" | grep -qxF -- "$choice" || complain "no page has: $choice"
done

for given in $(printf '%s\n' "$text" | grep -Eo -- '-D[a-z_]+=[a-z|-]+' | sort -u); do
    allowed=$(printf '%s\n' "$choices" | grep -- "^${given%%=*}=" || true)
    for value in $(echo "${given#*=}" | tr '|' ' '); do
        case "|${allowed#*=}|" in
        *"|$value|"*) ;;
        *) complain "$given: there is no ${given%%=*}=$value" ;;
        esac
    done
done
exit $failed
