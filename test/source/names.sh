#!/usr/bin/env bash
# Rule: no static function has a name that a C library's header declares, or may declare in its next release: what
# the C library exports, what the C standard keeps for itself (C23, 7.33), and more functions that allocate (C23
# brought free_sized). A static function of that name would not compile there.
set -euo pipefail
cd "$(dirname "$0")/../.."
reserved='(is|to|str|mem|wcs)[a-z]|(atomic|cnd|mtx|thrd|tss|stdc)_|(alloc|calloc|malloc|realloc|free)(_|array|$)|(aligned|posix|p?v|z)_?alloc'
statics=$(git ls-files -z '*.c' '*.h' '*.cc' '*.cpp' |
    xargs -0 sed -nE 's/^[ }]*(static|ZM_[A-Z_]+ +static) [^=;(]*[ *]([a-z_0-9]+)\(.*/\2/p' | sort -u)
exported=$(nm -D --defined-only "$(cc -print-file-name=libc.so.6)" "$(cc -print-file-name=libm.so.6)" |
    awk 'NF == 3 { sub("@.*", "", $3); print $3 }' | sort -u)
echo "$(wc -l <<<"$statics") static functions"
[ -n "$statics" ]
taken=$(grep -E "^($reserved)" <<<"$statics"; comm -12 <(echo "$statics") <(echo "$exported"))
[ -z "$taken" ] || { echo "these names are taken:" "$taken" && exit 1; }
