#!/bin/sh
# Runs a command in a Debian 13: its Python 3.13, Speech Dispatcher 0.12, Orca 48 and PipeWire, in a chroot of its own.
#   trixie.sh [COMMAND...]       default: make test
# The system is made by debootstrap and kept between runs in ${XDG_CACHE_HOME:-~/.cache}/speechd-neural-debian13 (or TREE);
# the checkout is copied to /src in it. Needs root. Nothing outside that directory is changed.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
tree=${TREE:-${XDG_CACHE_HOME:-$HOME/.cache}/speechd-neural-debian13}
certificates=/etc/ssl/certs/ca-certificates.crt
fail() { echo "$0: $*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || fail "root is needed to make and enter a system of its own; please type: sudo make test-trixie"
"$here/packaging/dependencies.sh" trixie
if ! mkdir -p "$tree" 2>/dev/null || [ ! -w "$tree" ]; then
    tree=$(mktemp -d /var/tmp/debian13.XXXXXX)
    trap 'rm -rf --one-file-system "$tree"' EXIT
fi
[ "$(df -Pk "$tree" | awk 'NR == 2 {print $4}')" -gt 4000000 ] || fail "$tree: 4 GB of free space are needed"

# The mirror that this machine uses, where it is a Debian; else the one that debootstrap knows.
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -m 1 '/debian/*$' || true)}

if [ ! -e "$tree/made" ]; then
    echo "Making a Debian 13 in $tree"
    rm -rf --one-file-system "$tree"
    mkdir -p "$tree"
    log=$(mktemp)
    if ! debootstrap --variant=minbase --include=ca-certificates,make,git trixie "$tree" $mirror > "$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "debootstrap could not make a Debian 13 (its last lines are above)"
    fi
    rm -f "$log"
    printf '#!/bin/sh\nexit 101\n' > "$tree/usr/sbin/policy-rc.d"  # packages start no service there
    chmod +x "$tree/usr/sbin/policy-rc.d"
    touch "$tree/made"
fi

# What this machine trusts, and how it finds others.
[ ! -e "$certificates" ] || cp -L "$certificates" "$tree$certificates"
cp -L /etc/resolv.conf "$tree/etc/resolv.conf"

# The checkout, without what is built in it; what was built there is kept.
mkdir -p "$tree/src"
(cd "$tree/src" && find . -type f ! -path './.venv/*' ! -path './build/*' ! -name '*.so' -delete)
(cd "$here" && git ls-files -z --cached --others --exclude-standard | xargs -0 ls -d 2>/dev/null | tar -cf - -T -) |
    tar -C "$tree/src" -xf -

[ $# -gt 0 ] || set -- make test
# A namespace of mounts and of processes: whatever is left in there ends with the command.
unshare --mount --pid --fork --kill-child sh -c '
    tree=$1; shift
    mount -t proc proc "$tree/proc"
    mount --rbind /sys "$tree/sys"
    mount --rbind /dev "$tree/dev"
    rm -rf "$tree"/tmp/*
    exec env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        PIP_CERT='"$certificates"' SSL_CERT_FILE='"$certificates"' SOUND=pipewire \
        ${CI:+CI="$CI"} ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
        ${PYTEST_ADDOPTS:+PYTEST_ADDOPTS="$PYTEST_ADDOPTS"} \
        chroot "$tree" sh -c "cd /src && exec \"\$@\"" sh "$@"
' sh "$tree" "$@"
