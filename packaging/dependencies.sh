#!/bin/sh
# Installs the Debian packages that are missing for one purpose:
#   dependencies.sh run     to build the extension and speak
#   dependencies.sh test    also everything that the tests start for real
# Without root and without sudo it prints the command to run instead, and fails only if something is missing.
set -eu

run="python3-venv python3-dev g++ libportaudio2 libasound2-plugins espeak-ng libsonic0"
test="$run dbus libglib2.0-bin systemd pulseaudio pulseaudio-utils
 speech-dispatcher speech-dispatcher-espeak-ng speech-dispatcher-audio-plugins libflite1
 orca xvfb at-spi2-core xdotool python3-gi gir1.2-gtk-3.0 gir1.2-atspi-2.0 libasan8 libubsan1"

case "${1:-}" in
    run) wanted=$run ;;
    test) wanted=$test ;;
    *) echo "usage: $0 run|test" >&2; exit 2 ;;
esac

command -v dpkg-query >/dev/null || { echo "This is not Debian or a relative of it; install by your system's means: $wanted" >&2; exit 0; }
missing=
for package in $wanted; do
    dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ]; then root=
elif sudo -n true 2>/dev/null; then root=sudo
else
    echo "Packages are missing. Please run: sudo apt-get install$missing" >&2
    exit 1
fi
echo "Installing:$missing"
$root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
