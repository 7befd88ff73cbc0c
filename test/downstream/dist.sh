#!/bin/sh
# Rule: the tarball of `meson dist` holds what is committed, and builds and passes tests, where there is no git.
. "$(dirname "$0")/lib.sh"
[ -e "$SOURCE/.git" ] || skip 'meson dist packs what git has, and this is no git checkout.'

git clone -q "$SOURCE" "$work/clone"
"$MESON" setup "$work/build" "$work/clone"
"$MESON" dist -C "$work/build" --no-tests
cd "$work/build/meson-dist"
git -C "$work/clone" ls-files | sort >"$work/committed"
tar tf "zmalloc-$VERSION.tar.xz" | grep -v '/$' | sed 's|^[^/]*/||' | sort | diff - "$work/committed"
sha256sum -c "zmalloc-$VERSION.tar.xz.sha256sum"
# Nor the checkout around this folder.
export GIT_CEILING_DIRECTORIES="$work"
tar xf "zmalloc-$VERSION.tar.xz"
"$MESON" setup built "zmalloc-$VERSION"
"$MESON" test -C built --suite shared --suite install --suite man --print-errorlogs
