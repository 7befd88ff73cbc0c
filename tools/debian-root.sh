# Sourced by tools/check-debian and tools/newest: throw-away Debian systems below `out`, made by
# mmdebstrap, and commands in them. Their packages come from where this system's come from.
# shellcheck shell=bash

# shellcheck source=tools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Set by who sources this: the folder to make them in.
out=''

# The release itself, without updates: both architectures have the same versions there. Who sources this may
# choose another.
own_release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
release=$own_release

# Where this system's own release comes from has the others too.
release_sources() {
    apt-get indextargets --format "deb \$(SITE) $release \$(COMPONENT)" \
        'Identifier: Packages' "Codename: $own_release" | sort -u | grep .
}

# Proxies, and what keeps an old mirror from being refused.
apt_settings() {
    apt-config dump | grep -E '^Acquire::(https?::|Check-|Retries)' || true
}

# A folder, or a tar file if its name says so. One that was made from other sources or packages, or is a week old,
# is made anew. Two that want the same one wait for each other.
make_root() ( # MADE ARCHITECTURES PACKAGES OPTION...
    exec 9>"$1.lock"
    flock 9
    local made=$1 architectures=$2 packages=$3 lines sources key
    shift 3
    lines=$(release_sources) || die "apt-get has no list of Debian's $own_release: apt-get update"
    mapfile -t sources <<<"$lines"
    key=$(printf '%s\n' "${sources[@]}" "$architectures" "$packages" "$@" | sha256sum)
    [ ! -e "$made" ] || [ "$(find "$made.key" -mtime -7 -exec cat {} + 2>&1)" != "$key" ] || return 0
    say "...   making ${made#"$root"/} ($architectures)"
    rm -rf "$made" "$made.key"
    apt_settings >"$out/apt.conf"
    TMPDIR=$out mmdebstrap --mode=root --variant=minbase --architectures="$architectures" --include="$packages" \
        --aptopt="$out/apt.conf" --dpkgopt=force-unsafe-io "$@" "$release" "$made" "${sources[@]}" >"$made.log" 2>&1 || {
        tail -n 20 "$made.log" >&2
        die "mmdebstrap could not make a Debian system, see above: $(grep -m 1 '^E:' "$made.log")"
    }
    echo "$key" >"$made.key"
)

# The mounts are the command's own and go with it. The root is one too: a command in it can then have mounts
# of its own.
with_proc() { # ROOT COMMAND...
    # shellcheck disable=SC2016 # for the inner shell
    unshare --mount sh -ec 'mount --bind "$1" "$1"; mount -t proc proc "$1/proc"; shift; exec "$@"' - "$@"
}

in_root() { # ROOT COMMAND...
    local where=$1
    shift
    with_proc "$where" chroot "$where" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root \
        DEBIAN_FRONTEND=noninteractive "$@"
}

# Each file with its kind, mode and link; what dpkg and update-alternatives know; and what is in /etc.
# Not what apt-get and ldconfig leave of their own, nor what a test lays into /check and /debs.
snapshot() { # ROOT
    (cd "$1" && find . -xdev '(' -path ./check -o -path ./debs -o -path ./tmp -o -path ./var/lib/apt \
        -o -path ./var/log -o -path ./var/cache/apt -o -path ./var/cache/ldconfig ')' -prune \
        -o -printf '%y %m %p %l\n' | sort)
    in_root "$1" dpkg --get-selections
    in_root "$1" update-alternatives --get-selections
    (cd "$1" && find etc var/lib/dpkg/alternatives -type f ! -name ld.so.cache -exec sha256sum {} + | sort)
}
