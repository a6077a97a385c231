#!/bin/sh
# Installs the Debian packages that are missing for one purpose:
#   dependencies.sh run     to build the extension and speak
#   dependencies.sh test    also everything that the tests start for real
#   dependencies.sh chroot  to make another Debian in a folder (packaging/chroot.sh)
# Nothing that is installed is ever removed: where a missing package cannot be had without that, or there is
# neither root nor sudo, it names what is missing and fails.
set -eu

has() { dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^ii'; }
fail() { echo "$0: $*" >&2; exit 1; }

run="python3-venv python3-dev g++ libportaudio2 libasound2-plugins espeak-ng libsonic0"
test="$run dbus libglib2.0-bin systemd pulseaudio-utils alsa-utils
 speech-dispatcher speech-dispatcher-espeak-ng speech-dispatcher-audio-plugins libflite1
 orca python3-numpy xvfb at-spi2-core xdotool python3-gi gir1.2-gtk-3.0 gir1.2-atspi-2.0 libasan8 libubsan1 rpm cpio"
arm64="g++-aarch64-linux-gnu qemu-user"  # what checks the kernels of another processor: 70 MB to fetch, 320 installed
chroot="debootstrap debian-archive-keyring"

case "${1:-}" in
    run) wanted=$run ;;
    test) wanted="$test $arm64" ;;
    chroot) wanted=$chroot ;;
    *) echo "usage: $0 run|test|chroot" >&2; exit 2 ;;
esac

command -v dpkg-query >/dev/null || {
    echo "This is not Debian or a relative of it; install by your system's means what Debian calls: $wanted" >&2
    exit 0
}
[ "$(dpkg --print-architecture)" != arm64 ] || wanted=${wanted% $arm64}  # there the compiler and the processor are at hand
# Either sound server serves the tests; PulseAudio would drive PipeWire's desktop packages out.
if [ "$1" = test ] && ! has pulseaudio; then
    if has pipewire || has pipewire-audio || [ "${SOUND:-}" = pipewire ]; then
        wanted="$wanted pipewire pipewire-pulse wireplumber"
    else
        wanted="$wanted pulseaudio"
    fi
fi

missing=
for package in $wanted; do
    has "$package" || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ]; then root=
elif sudo -n true 2>/dev/null; then root=sudo
else fail "packages are missing; please type: sudo apt-get install --no-remove$missing"
fi
echo "Installing:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { $root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 "$@" >> "$log" 2>&1; }
install() { apt update && apt install -y --no-install-recommends --no-remove $missing; }
# Twice: a mirror may change between the two, and another apt may be at work.
if ! install && { sleep "${PAUSE:-10}"; ! install; }; then
    tail -n 20 "$log" >&2
    fail "these packages are missing and could not be installed beside what is there; nothing was removed:$missing"
fi
