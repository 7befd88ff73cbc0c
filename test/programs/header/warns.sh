#!/bin/sh
# Runs a compiler and fails unless it gives a warning. Arguments: the warning's name without -W, as
# an extended regular expression, and the command.
warning=$1
shift
if ! said=$("$@" 2>&1); then
    printf '%s\n' "$said" "The compiler refused: $*" >&2
    exit 1
fi
if ! printf '%s\n' "$said" | grep -Eq "\[-W($warning)=?\]"; then
    printf '%s\n' "$said" "The compiler did not give the warning $warning: $*" >&2
    exit 1
fi
