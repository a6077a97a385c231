#!/bin/sh
# For packagers: installs everything below DESTDIR, into the places a distribution uses.
#   install.sh [DESTDIR]
# PREFIX (/usr), PYTHON (python3), PYTHON_SITE, SPEECHD_MODULES and SYSCONFDIR (/etc) can be set in the environment.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
destination=${1:-${DESTDIR:-}}
prefix=${PREFIX:-/usr}
sysconf=${SYSCONFDIR:-/etc}
python=$(command -v "${PYTHON:-python3}")
site=${PYTHON_SITE:-$prefix/lib/python3/dist-packages}
modules=${SPEECHD_MODULES:-$(pkg-config --variable=modulebindir speech-dispatcher 2>/dev/null || true)}
modules=${modules:-$prefix/lib/speech-dispatcher-modules}
files=$here/speechd_neural/desktop/files

# The package with its compiled extension: built as a wheel, unpacked without asking any network.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# DESTDIR is ours; a build inside the wheel that heard of it, from here or from make, would install its part there.
unset DESTDIR MAKEFLAGS MFLAGS MAKEOVERRIDES
"$python" -m pip --disable-pip-version-check wheel -q --no-deps --no-build-isolation --no-index -w "$work" "$here"
mkdir -p "$destination$site"
"$python" -m pip --disable-pip-version-check install -q --no-deps --no-index --no-compile --root-user-action=ignore \
    --upgrade --target "$destination$site" "$work"/*.whl
rm -rf "$destination$site/bin"
ls "$destination$site"/speechd_neural/voice/_native*.so >/dev/null  # without it there is no voice: fail here

script() { # path, options, lines...: a program for this interpreter that finds the package in its place
    mkdir -p "$destination$(dirname "$1")"
    {
        echo "#!${INTERPRETER:-$python}${2:+ $2}"
        echo "import sys"
        echo
        echo "sys.path.append(\"$site\")"
        shift 2
        printf '%s\n' "$@"
    } > "$work/script"
    install -m 755 "$work/script" "$destination$path"
}

path=$prefix/bin/speechd-neural
script "$path" "" "from speechd_neural.cli import main" "" "sys.exit(main())"
path=$modules/sd_neural
script "$path" -IS "from speechd_neural.module.main import main" "" "main()"

install -D -m 644 "$files/neural.conf" "$destination$sysconf/speech-dispatcher/modules/neural.conf"
for unit in service socket; do
    install -D -m 644 "$files/speechd-neural.$unit" "$destination$prefix/lib/systemd/user/speechd-neural.$unit"
    sed -i "s|=/usr/bin/|=$prefix/bin/|" "$destination$prefix/lib/systemd/user/speechd-neural.$unit"
done
for name in Daemon Speech.Provider; do
    install -D -m 644 "$files/org.speechd_neural.$name.service" \
        "$destination$prefix/share/dbus-1/services/org.speechd_neural.$name.service"
    sed -i "s|=/usr/bin/|=$prefix/bin/|" "$destination$prefix/share/dbus-1/services/org.speechd_neural.$name.service"
done
