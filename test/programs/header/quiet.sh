#!/bin/sh
# Runs a compiler and fails unless it succeeds without a word. Arguments: the command.
if ! said=$("$@" 2>&1); then
    printf '%s\n' "$said" "The compiler refused: $*" >&2
    exit 1
fi
if [ -n "$said" ]; then
    printf '%s\n' "$said" "The compiler warned of what is right: $*" >&2
    exit 1
fi
