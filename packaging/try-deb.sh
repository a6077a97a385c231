#!/bin/sh
# Tries the Debian package where nothing is lost: as root in a fresh Debian (make test-deb), with a null sink for a sound card.
#   try-deb.sh PACKAGE.deb
# Installs, speaks, loses a file, upgrades while it speaks, removes, installs again and purges; says what it found, and fails where it is wrong.
set -eu

package=$1
fail() { echo "FAIL: $*" >&2; exit 1; }
[ -e /usr/sbin/policy-rc.d ] || fail "this is no throw-away system (packaging/chroot.sh makes one)"
export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -q -y -o Acquire::Retries=3 --no-install-recommends "$@" > /tmp/apt.log 2>&1 || { tail -n 20 /tmp/apt.log >&2; fail "apt-get $*"; }; }
link=/etc/systemd/user/sockets.target.wants/speechd-neural.socket

dpkg --purge speechd-neural > /dev/null 2>&1 || true  # what a run that failed has left
apt update
if [ "$(. /etc/os-release; echo "$VERSION_ID")" -ge 13 ]; then sound="pipewire pipewire-pulse wireplumber"; else sound=pulseaudio; fi
# netbase comes with Python, and apt keeps it when that goes.
apt install $sound netbase pulseaudio-utils speech-dispatcher speech-dispatcher-espeak-ng speech-dispatcher-audio-plugins dbus-daemon
find / -xdev \( -path /proc -o -path /src -o -path /tmp -o -path /var \) -prune -o -print | sort > /tmp/before

# A session of an ordinary user, with a sound server of its own.
id listener > /dev/null 2>&1 || useradd --create-home listener
install -d -m 700 -o listener /tmp/run
as() { setpriv --reuid=listener --regid=listener --init-groups env HOME=/home/listener XDG_RUNTIME_DIR=/tmp/run LANG=C.UTF-8 \
    DBUS_SESSION_BUS_ADDRESS=unix:path=/tmp/run/bus PULSE_SERVER=unix:/tmp/run/pulse/native "$@"; }
until_true() { # SECONDS COMMAND...
    left=$1; shift
    until "$@" > /dev/null 2>&1; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || { tail -n 5 /tmp/listed /tmp/run/speech-dispatcher/log/*.log >&2 || true; fail "waited for: $*"; }
        sleep 1
    done
}
as dbus-daemon --session --nofork --nopidfile --address=unix:path=/tmp/run/bus > /dev/null 2>&1 &
install -d -m 700 -o listener /tmp/run/pulse
if command -v pipewire > /dev/null; then
    # As long a delay as a card has (tests/sound_server.py says why); the others want to find PipeWire.
    install -d -m 700 -o listener /tmp/run/pipewire /tmp/run/pipewire/pipewire-pulse.conf.d
    sed -n '/^CARD = """/,/^"""/{s/^CARD = """//;/^"""/d;p}' tests/sound_server.py > /tmp/run/pipewire/pipewire-pulse.conf.d/card.conf
    sound() { as env XDG_CONFIG_HOME=/tmp/run "$@" > /dev/null 2>&1; }
    sound pipewire &
    until_true 60 test -S /tmp/run/pipewire-0
    sound wireplumber &
    sound pipewire-pulse &
else
    as pulseaudio -n --daemonize=no --exit-idle-time=-1 --realtime=false --high-priority=false \
        -L "module-native-protocol-unix auth-anonymous=1 socket=/tmp/run/pulse/native" > /dev/null 2>&1 &
fi
until_true 120 as pactl info
as pactl load-module module-null-sink sink_name=null rate=48000 channels=1 > /dev/null
until_true 60 as pactl set-default-sink null

# The number of the recorder itself: a shell that waits for it would end alone.
record() {
    as sh -c 'echo $$ > /tmp/run/recorder; exec parec -d null.monitor --raw --format=s16le --rate=8000 --channels=1 --latency-msec=50 > /tmp/run/heard' &
    sleep 2
}
# The seconds of sound, and the longest silence between two sounds.
heard() { kill "$(cat /tmp/run/recorder)"; python3 - <<'END'
import array
data = open("/tmp/run/heard", "rb").read()
samples = array.array("h", data[: len(data) // 2 * 2])
loud = [n for n, s in enumerate(samples) if abs(s) > 300]
gap = max((b - a for a, b in zip(loud, loud[1:])), default=0)
print(f"{(loud[-1] - loud[0]) / 8000 if loud else 0:.1f} {gap / 8000:.1f}")
END
}
# From nothing to the first sentence: all the work after the download, with what the package depends on.
apt --download-only install "$package"
begun=$(date +%s%N)
past() { echo "$((($(date +%s%N) - begun) / 100000000))" | sed 's/.$/.&/; s/^[.]/0./'; }
apt install "$package"
echo "installed within $(past) s, $(du -sk /usr/lib/speechd-neural | cut -f1) kB in /usr/lib/speechd-neural"
record
as spd-say -w -o neural "Good morning. This is the package."
echo "the first sentence has been spoken $(past) s after the download; 2 of these the recorder took"
set -- $(heard)
echo "spoken from the package: $1 s of sound"
[ "${1%.*}" -ge 1 ] || fail "no sound came from the package"
[ -L "$link" ] || fail "the socket is not switched on"
listed() { as spd-say -o neural -L | tee /tmp/listed | grep -q rms; }
listed || fail "its voices are not listed"
neural() { as speechd-neural "$@"; }
until_true 120 neural status

# Half of it, as after an unpacking that was broken off: the doctor names the file that is missing, and the next installation brings it.
native=$(echo /usr/lib/speechd-neural/speechd_neural/voice/_native.*.so)
rm "$native"
neural doctor --quiet > /tmp/doctor || true
advice=$(sed -n "s|^FAIL  its files: missing or damaged: $native; in the folder of that file, type: sudo ||p" /tmp/doctor)
[ -n "$advice" ] || { cat /tmp/doctor >&2; fail "the doctor missed a file"; }
(cd "$(dirname "$package")" && $advice --yes) > /tmp/apt.log 2>&1 || { cat /tmp/apt.log >&2; fail "what the doctor advises: $advice"; }
neural doctor --quiet | grep -q "^ok    its files: all are there" || fail "the doctor is not content"
echo "a missing file was named, and is back after: $advice"

# The same as a newer version: other files, and another number.
work=$(mktemp -d)
dpkg-deb -R "$package" "$work/new"
sed -i 's/^Version: .*/&+newer/' "$work/new/DEBIAN/control"
sed -i 's/^__version__ = .*/__version__ = "9.9"/' "$work/new/usr/lib/speechd-neural/speechd_neural/__init__.py"
(cd "$work/new" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | xargs -0 md5sum > DEBIAN/md5sums)
dpkg-deb -Zgzip -b "$work/new" "$work/newer.deb" > /dev/null
text="While I am reading this long sentence, which has quite a few words in it, the package is replaced by a newer one,
and nobody who listens to me should notice anything of that, because I go on to the very end of what I have begun to say."
text="$text $text $text $text"  # long enough for a busy machine to unpack a package meanwhile
record
as spd-say -w -o neural "$text" &
speaking=$!
sleep 2
dpkg -i "$work/newer.deb" > /tmp/apt.log 2>&1 || { cat /tmp/apt.log >&2; fail "the upgrade"; }
kill -0 "$speaking" 2> /dev/null || fail "it had spoken before the upgrade was done"
wait "$speaking"
set -- $(heard)
echo "spoken during the upgrade: $1 s of sound, the longest silence $2 s"
[ "${1%.*}" -ge 8 ] && [ "${2%.*}" -lt 1 ] || fail "the upgrade was heard"
new_version() { neural status | grep -q 'version 9.9'; }
until_true 120 new_version
echo "the daemon is now of the newer version"
record
as spd-say -w -o neural "And this is the newer one."
set -- $(heard)
[ "${1%.*}" -ge 1 ] || fail "no sound came after the upgrade"

# Removal: what was there before speaks on, while a client stays, and nothing points to what is gone.
apt remove speechd-neural
[ ! -L "$link" ] || fail "$link is left"
record
as spd-say -w -o espeak-ng "And I am still here."
set -- $(heard)
[ "${1%.*}" -ge 1 ] || fail "espeak-ng is silent after the removal"
echo "removed: espeak-ng speaks in the server that ran all the time"
apt install "$package"
[ -L "$link" ] || fail "the socket is not switched on after another installation"
deb_link=$(readlink "$link")
rm "$link"  # an administrator does not want it
apt remove speechd-neural
apt install "$package"
[ ! -L "$link" ] || fail "the socket was switched on again ($deb_link)"
apt purge speechd-neural
apt --purge autoremove  # it is known no more: it came as a file
find / -xdev \( -path /proc -o -path /src -o -path /tmp -o -path /var \) -prune -o -print | sort > /tmp/after
left=$(comm -13 /tmp/before /tmp/after | grep -v -e '^/home' -e '^/root' -e '^/etc/\(passwd\|group\|shadow\|gshadow\|subuid\|subgid\)-\?$' \
    -e __pycache__ -e '^/etc/systemd' -e '^/run' || true)
[ -z "$left" ] || fail "left after purge: $left"
echo "purged: nothing is left"
