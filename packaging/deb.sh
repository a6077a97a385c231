#!/bin/sh
# Builds the Debian package for the Debian that it runs on, with Debian's own tools and without a network, into dist/.
# It builds in a copy: nothing of the checkout is touched. Debian 12 has no nanobind: there that of .venv is used.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
fail() { echo "$0: $*" >&2; exit 1; }
command -v dpkg-checkbuilddeps >/dev/null || fail "please type: sudo apt-get install --no-remove dpkg-dev debhelper"
. /etc/os-release

profiles=
if ! /usr/bin/python3 -m nanobind --cmake_dir >/dev/null 2>&1; then
    profiles=pkg.speechd-neural.nanobind
    NANOBIND=${NANOBIND:-$("${VENV:-$here/.venv}/bin/python" -m nanobind --cmake_dir 2>/dev/null || true)}
    export NANOBIND
    [ -n "$NANOBIND" ] || fail "nanobind is missing: python3-nanobind where Debian has it, else .venv/bin/pip install nanobind"
fi
missing=$(cd "$here" && dpkg-checkbuilddeps ${profiles:+-P"$profiles"} 2>&1) ||
    fail "please install, with sudo apt-get install --no-remove: ${missing#*dependencies: }"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/speechd-neural"
if [ -e "$here/.git" ]; then
    (cd "$here" && git ls-files -z --cached --others --exclude-standard | xargs -0 ls -d 2>/dev/null | tar -cf - -T -)
else
    tar -C "$here" --exclude=./.venv --exclude=./build --exclude=./dist -cf - .
fi | tar -C "$work/speechd-neural" -xf -
cd "$work/speechd-neural"
# A package for each Debian: the extension is for its Python. The newer Debian's is the newer package.
sed -i "1s/)/~deb${VERSION_ID:-0})/" debian/changelog
DEB_BUILD_OPTIONS="nocheck ${DEB_BUILD_OPTIONS:-}" dpkg-buildpackage -b -uc -us ${profiles:+-P"$profiles"} > "$work/log" 2>&1 || {
    tail -n 40 "$work/log" >&2
    fail "the package could not be built (its last lines are above)"
}
mkdir -p "$here/dist"
cp "$work"/speechd-neural_*.deb "$here/dist/"
for package in "$work"/speechd-neural_*.deb; do
    echo "dist/$(basename "$package")"
done
