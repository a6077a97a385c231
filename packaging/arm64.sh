#!/bin/sh
# Builds the native code for arm64 with Debian's cross compiler and checks every kernel under qemu (make arm64; `make test`
# does so, too): on a processor with dot products and on one without.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
compiler=aarch64-linux-gnu-g++
for tool in $compiler qemu-aarch64; do
    command -v $tool > /dev/null || {
        echo "$0: $tool is missing; please type: sudo apt-get install --no-remove g++-aarch64-linux-gnu qemu-user" >&2
        exit 1
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
for processor in max cortex-a53; do
    echo "$processor:"
    qemu-aarch64 -cpu $processor -L /usr/aarch64-linux-gnu "$work/kernel_check"
done
