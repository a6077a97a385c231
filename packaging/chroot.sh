#!/bin/sh
# Runs a command in a Debian of another release, in a chroot of its own: the checkout is copied to /src, where it runs.
#   chroot.sh SUITE COMMAND...       SUITE: trixie (Debian 13), bookworm (12)
# The system is made by debootstrap and kept between runs in ${XDG_CACHE_HOME:-~/.cache}/speechd-neural-SUITE (or TREE).
# Needs root. Nothing outside that directory is changed. The last line of what it says is the reason where it fails.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
suite=${1:?"usage: $0 SUITE COMMAND..."}
shift
tree=${TREE:-${XDG_CACHE_HOME:-$HOME/.cache}/speechd-neural-$suite}
certificates=/etc/ssl/certs/ca-certificates.crt
fail() { echo "$0: $*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || fail "root is needed to make and enter a system of its own"
# A namespace of mounts and of processes: whatever is left in there ends with the command.
apart="unshare --mount --pid --fork --kill-child"
$apart mount -t proc proc /proc 2>/dev/null || fail "this system lets nobody mount in a namespace (unshare --mount)"
"$here/packaging/dependencies.sh" chroot
if ! mkdir -p "$tree" 2>/dev/null || [ ! -w "$tree" ]; then
    tree=/var/tmp/speechd-neural-$suite
    mkdir -p -m 700 "$tree"
    [ -O "$tree" ] || fail "$tree belongs to somebody else"
fi
exec 9> "$tree.lock"
flock 9  # one at a time: they would copy their checkouts over each other

# The mirror that this machine uses, where it is a Debian; else the one that debootstrap knows.
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -m 1 '/debian/*$' || true)}
make_tree() {
    rm -rf --one-file-system "$tree"
    mkdir -p "$tree"
    debootstrap --variant=minbase --include=ca-certificates,make,git "$suite" "$tree" "$@" > "$log" 2>&1
}

if [ ! -e "$tree/made" ]; then
    [ "$(df -Pk "$tree" | awk 'NR == 2 {print $4}')" -gt 4000000 ] || fail "$tree: 4 GB of free space are needed"
    echo "Making a Debian ($suite) in $tree"
    log=$(mktemp)
    # Twice: a mirror has its moments, and this machine's may not have that release.
    make_tree $mirror || make_tree || {
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "debootstrap could not make a Debian ($suite); its last lines are above"
    }
    rm -f "$log"
    printf '#!/bin/sh\nexit 101\n' > "$tree/usr/sbin/policy-rc.d"  # packages start no service there
    chmod +x "$tree/usr/sbin/policy-rc.d"
    echo force-unsafe-io > "$tree/etc/dpkg/dpkg.cfg.d/quick"  # after a power cut it is made again
    echo 'Acquire::Retries "3";' > "$tree/etc/apt/apt.conf.d/retries"
    touch "$tree/made"
fi

# What this machine trusts, and how it finds others.
[ ! -e "$certificates" ] || cp -L "$certificates" "$tree$certificates"
cp -L /etc/resolv.conf "$tree/etc/resolv.conf"
PIP_INDEX_URL=${PIP_INDEX_URL:-$(python3 -m pip config get global.index-url 2>/dev/null || true)}
export PIP_INDEX_URL

# The checkout, without what is built in it; what was built there is kept.
mkdir -p "$tree/src"
(cd "$tree/src" && find . -type f ! -path './.venv/*' ! -path './build/*' ! -path './dist/*' ! -name '*.so' -delete)
(cd "$here" && git ls-files -z --cached --others --exclude-standard | xargs -0 ls -d 2>/dev/null | tar -cf - -T -) |
    tar -C "$tree/src" -xmf -  # all files are new: what was built before may be newer than a file that has changed
mkdir -p "$tree/src/dist"
cp -p "$here"/dist/*.deb "$tree/src/dist/" 2>/dev/null || true  # what make deb has built

exec $apart sh -c '
    tree=$1; shift
    mount -t proc proc "$tree/proc"
    mount --rbind /sys "$tree/sys"
    mount --rbind /dev "$tree/dev"
    rm -rf "$tree"/tmp/*
    # Not exec: this shell, the first process there, buries what daemons leave.
    env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        PIP_RETRIES=10 PIP_CERT='"$certificates"' SSL_CERT_FILE='"$certificates"' SOUND='"${SOUND:-pipewire}"' \
        ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} ${CI:+CI="$CI"} \
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
        ${PYTEST_ADDOPTS:+PYTEST_ADDOPTS="$PYTEST_ADDOPTS"} \
        chroot "$tree" sh -c "cd /src && exec \"\$@\"" sh "$@"
    exit $?
' sh "$tree" "$@"
