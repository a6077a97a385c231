#!/bin/sh
# Builds the native code for arm64 by Debian's cross compiler and checks every kernel under qemu (make arm64).
# Where there is no such compiler or no qemu it says so in a line, and that is no failure.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
compiler=aarch64-linux-gnu-g++
for tool in $compiler qemu-aarch64; do
    command -v $tool > /dev/null || {
        echo "arm64 was not tested: $tool is missing; sudo apt-get install --no-remove g++-aarch64-linux-gnu qemu-user"
        exit 0
    }
done
cmake=${VENV:-$here/.venv}/bin/cmake
[ -x "$cmake" ] || cmake=cmake

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
    "$cmake" -S "$here" -B "$work" -DKERNEL_CHECK=ON -DSTRICT=ON \
        -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_CXX_COMPILER=$compiler &&
        "$cmake" --build "$work" --parallel 2
} > "$work/log" 2>&1 || { tail -n 30 "$work/log" >&2; echo "$0: the native code does not build for arm64" >&2; exit 1; }
qemu-aarch64 -L /usr/aarch64-linux-gnu "$work/kernel_check" > "$work/said" || { cat "$work/said" >&2; exit 1; }
cat "$work/said"
grep -q "^neondot checked" "$work/said" || { echo "$0: the kernels with dot products were not checked" >&2; exit 1; }
