#!/bin/sh
# For packagers: builds the extension and installs everything below DESTDIR, into the places a distribution uses.
#   install.sh [DESTDIR]
# Needs cmake 3.24, a C++17 compiler, Python 3.11 with its headers, nanobind 2.4, numpy and PyYAML; no network, no pip.
# These can be set in the environment:
#   PREFIX (/usr), SYSCONFDIR (/etc), PYTHON (python3), INTERPRETER (what installed scripts name; PYTHON),
#   PYTHON_SITE (where the package goes), SPEECHD_MODULES (of Speech Dispatcher), ZSH_COMPLETIONS,
#   NANOBIND (the directory of its CMake files, where PYTHON has no nanobind), CMAKE_ARGS.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
destination=${1:-${DESTDIR:-}}
# DESTDIR is ours; a build that heard of it, from here or from make, would install its part there too.
unset DESTDIR MAKEFLAGS MFLAGS MAKEOVERRIDES
prefix=${PREFIX:-/usr}
sysconf=${SYSCONFDIR:-/etc}
share=$prefix/share
python=$(command -v "${PYTHON:-python3}")
site=${PYTHON_SITE:-$prefix/lib/python3/dist-packages}
modules=${SPEECHD_MODULES:-$(pkg-config --variable=modulebindir speech-dispatcher 2>/dev/null || true)}
modules=${modules:-$prefix/lib/speech-dispatcher-modules}
files=$here/speechd_neural/desktop/files
nanobind=${NANOBIND:-$("$python" -m nanobind --cmake_dir 2>/dev/null || true)}
[ -n "$nanobind" ] || {
    echo "$0: $python has no nanobind (Debian 13: python3-nanobind; elsewhere: pip install nanobind); NANOBIND names another's" >&2
    exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What was built before for this Python is not built again.
build=$here/build/install-$("$python" -c 'import sys; print(sys.implementation.cache_tag)')
cmake -S "$here" -B "$build" -DCMAKE_BUILD_TYPE=Release "-DPython_EXECUTABLE=$python" "-Dnanobind_DIR=$nanobind" \
    ${CMAKE_ARGS:-} > "$work/log" 2>&1 && cmake --build "$build" --parallel "${JOBS:-$(nproc)}" >> "$work/log" 2>&1 || {
    tail -n 30 "$work/log" >&2
    exit 1
}
mkdir -p "$destination$site"
tar -C "$here" --exclude=__pycache__ --exclude='*.so' --exclude='*.cpp' --exclude='*.h' -cf - speechd_neural |
    tar -C "$destination$site" --no-same-owner -xf -
chmod -R u=rwX,go=rX "$destination$site/speechd_neural"
cmake --install "$build" --prefix "$destination$site" --strip > /dev/null
rmdir "$destination$site/speechd_neural/voice/native" 2>/dev/null || true

put() { # FILE PLACE: as it is
    install -D -m 644 "$here/$1" "$destination$2"
}
put_command() { # FILE PLACE: with the command where PREFIX has it
    install -D -m 644 "$files/$1" "$destination$2"
    sed -i "s|=/usr/bin/|=$prefix/bin/|" "$destination$2"
}
script() { # PLACE OPTIONS LINE...: a program for this interpreter that finds the package in its place, before any other
    mkdir -p "$destination$(dirname "$1")"
    {
        echo "#!${INTERPRETER:-$python}${2:+ $2}"
        echo "import sys"
        echo
        echo "sys.path.insert(0, \"$site\")"
        shift 2
        printf '%s\n' "$@"
    } > "$work/script"
    install -m 755 "$work/script" "$destination$path"
}

path=$prefix/bin/speechd-neural
script "$path" "" "from speechd_neural.__main__ import main" "" "sys.exit(main())"
path=$modules/sd_neural
script "$path" -IS "from speechd_neural.module.main import main" "" "main()"

put speechd_neural/desktop/files/neural.conf "$sysconf/speech-dispatcher/modules/neural.conf"
for unit in service socket; do
    put_command "speechd-neural.$unit" "$prefix/lib/systemd/user/speechd-neural.$unit"
done
put packaging/speechd-neural.preset "$prefix/lib/systemd/user-preset/90-speechd-neural.preset"
for name in Daemon Speech.Provider; do
    put_command "org.speechd_neural.$name.service" "$share/dbus-1/services/org.speechd_neural.$name.service"
done
put config/speechd-neural.yaml "$share/doc/speechd-neural/examples/config.yaml"
"$python" "$here/packaging/describe.py" "$work"
told() { # SUFFIX PLACE: what describe.py has written
    install -D -m 644 "$work/speechd-neural$1" "$destination$2"
}
told .1 "$share/man/man1/speechd-neural.1"
told .bash "$share/bash-completion/completions/speechd-neural"
told .zsh "${ZSH_COMPLETIONS:-$share/zsh/site-functions}/_speechd-neural"
told .fish "$share/fish/vendor_completions.d/speechd-neural.fish"
put packaging/org.speechd_neural.speechd_neural.metainfo.xml "$share/metainfo/org.speechd_neural.speechd_neural.metainfo.xml"
