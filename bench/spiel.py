"""The D-Bus speech provider under load: replies, first sound, cancelling, descriptors and memory.

    python -m bench.spiel [--library dbus-fast] [--utterances 10000]      a toy voice on a private bus
    python -m bench.spiel --running                                       the provider of this session's bus
    python -m bench.spiel --start                                         only how soon the real daemon owns its name

"The path alone" is a toy that makes its sound on the event loop; "core" is the real pipeline, cache and thread around
a toy engine. "Cached" is a text said before, "uncached" are texts never said before. The real daemon has the packaged
voice, which it loads when it owns its name.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from bench.daemon import ROOT, home
from speechd_neural.commands.bench import processor
from speechd_neural.frontends.bus import LIBRARIES, session_address
from speechd_neural.frontends.spiel import BUS_NAME
from tests.frontends.spiel_client import Client, private_bus

TEXT = "The quick brown fox jumps over the lazy dog"


def told(name: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p50, p99 = ordered[len(ordered) // 2] * 1000, ordered[int(len(ordered) * 0.99)] * 1000
    print(f"{name:<46} p50 {p50:8.3f} ms  p99 {p99:8.3f} ms  max {ordered[-1] * 1000:8.3f} ms  (n={len(ordered)})")


@contextlib.asynccontextmanager
async def toy(
    address: str, library: str, delay: float = 0.0, seconds: float = 0.1, core: bool = False
) -> AsyncIterator[float]:
    """The toy provider in a process of its own; gives the seconds from its start until it owned its name."""
    environment = dict(os.environ, DBUS_SESSION_BUS_ADDRESS=address, SPEECHD_NEURAL_DBUS=library)
    environment.update(TOY_DELAY=str(delay), TOY_SECONDS=str(seconds), TOY_CORE="1" if core else "")
    command = [sys.executable, "-m", "tests.frontends.spiel_client"]
    start = time.perf_counter()
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    await process.stdout.readline()
    try:
        yield time.perf_counter() - start
    finally:
        process.terminate()
        await process.wait()


async def real_start(client: Client, address: str, library: str) -> float:
    """Seconds from the start of the real daemon's process until it owns the provider's name; ends it again."""
    bus, owned = "org.freedesktop.DBus", False
    with tempfile.TemporaryDirectory() as directory:
        environment = home(Path(directory)) | {"DBUS_SESSION_BUS_ADDRESS": address, "SPEECHD_NEURAL_DBUS": library}
        command = [sys.executable, "-m", "speechd_neural", "daemon"]
        start = time.perf_counter()
        with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
            while not owned:
                assert process.poll() is None, "the daemon has ended"
                await asyncio.sleep(0.001)
                reply = await client.call("/org/freedesktop/DBus", bus, "NameHasOwner", "s", BUS_NAME, name=bus)
                owned = bool(reply.body[0])
            took = time.perf_counter() - start
            process.terminate()
    return took


async def process_of(client: Client) -> int:
    bus = "org.freedesktop.DBus"
    reply = await client.call("/org/freedesktop/DBus", bus, "GetConnectionUnixProcessID", "s", BUS_NAME, name=bus)
    return int(reply.body[0])


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def memory(pid: int) -> int:
    """Resident KiB."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


async def drain(descriptor: int) -> None:
    """Read to the end and close, on the event loop."""
    loop = asyncio.get_running_loop()
    os.set_blocking(descriptor, False)
    while True:
        try:
            if not os.read(descriptor, 65536):
                break
        except BlockingIOError:
            ready = loop.create_future()
            loop.add_reader(descriptor, ready.set_result, None)
            await ready
            loop.remove_reader(descriptor)
    os.close(descriptor)


async def replies(client: Client, voice: str, count: int) -> None:
    times = []

    async def caller(number: int) -> None:
        for place in range(count // 8):
            start = time.perf_counter()
            descriptor = await client.synthesize(f"{TEXT} {number} {place}", voice)
            times.append(time.perf_counter() - start)
            await drain(descriptor)

    await asyncio.gather(*(caller(number) for number in range(8)))
    told("Synthesize reply, 8 in flight", times)


async def first_sound(client: Client, voice: str, texts: list[str], name: str) -> None:
    times = []
    for text in texts:
        start = time.perf_counter()
        descriptor = await client.synthesize(text, voice)
        first = os.read(descriptor, 1)
        times.append(time.perf_counter() - start)
        assert first == b"0"
        await drain(descriptor)
    told(f"call to first byte, {name}", times)


async def cancelling(client: Client, voice: str, pid: int, count: int) -> None:
    """From closing the read end until the provider has let go of its own end."""
    times = []
    for place in range(count):
        before = descriptors(pid)
        descriptor = await client.synthesize(f"{TEXT} " * 20 + str(place), voice)
        await asyncio.sleep(0.05)
        os.read(descriptor, 100)
        start = time.perf_counter()
        os.close(descriptor)
        while descriptors(pid) > before:
            await asyncio.sleep(0.0005)
        times.append(time.perf_counter() - start)
    told("closed pipe to descriptor gone", times)


async def many(client: Client, voice: str, pid: int, count: int) -> None:
    async def some(number: int) -> None:
        for place in range(number):
            await drain(await client.synthesize(f"tiny {place}", voice))

    await some(count // 10)
    kept, used = descriptors(pid), memory(pid)
    start = time.perf_counter()
    await asyncio.gather(*(some(count // 4) for _ in range(4)))
    took = time.perf_counter() - start
    print(
        f"{count} utterances in {took:.1f} s: descriptors {kept} -> {descriptors(pid)}, "
        f"resident {used / 1024:.1f} -> {memory(pid) / 1024:.1f} MiB"
    )


async def measure(arguments: argparse.Namespace) -> None:
    print(f"{processor()}, {os.cpu_count()} threads, Python {platform.python_version()}; text: {TEXT!r}")
    if arguments.running:
        client = await Client.connect(session_address())
        voice = (await client.voices())[0][1]
        pid = await process_of(client)
        await replies(client, voice, 400)
        await first_sound(client, voice, [TEXT] * 101, "cached")
        fresh = [f"Sentence {place} of {time.time_ns()} has not been said before." for place in range(50)]
        await first_sound(client, voice, fresh, "uncached")
        await cancelling(client, voice, pid, 50)
        await many(client, voice, pid, arguments.utterances)
        await client.close()
        return
    library = arguments.library
    print(f"{library}, private bus, load {os.getloadavg()[0]:.1f}")
    with private_bus() as address:
        client = await Client.connect(address)
        told("real daemon: process start to name owned", [await real_start(client, address, library) for _ in range(10)])
        if arguments.start:
            await client.close()
            return
        starts = []
        for _ in range(10):
            async with toy(address, library) as took:
                starts.append(took)
        told("process start to name owned", starts)
        voice = "toy-16000"
        async with toy(address, library):
            pid = await process_of(client)
            await replies(client, voice, 4000)
            await first_sound(client, voice, [TEXT] * 500, "the path alone")
            await cancelling(client, voice, pid, 100)
        async with toy(address, library, delay=0.02, core=True):
            await drain(await client.synthesize(TEXT, voice))
            await first_sound(client, voice, [TEXT] * 100, "core, cached")
            fresh = [f"Number {place} of these is new." for place in range(50)]
            await first_sound(client, voice, fresh, "core, uncached (20 ms a symbol)")
        async with toy(address, library, core=True):
            await replies(client, voice, 400)
            await many(client, voice, await process_of(client), arguments.utterances // 5)
        async with toy(address, library, seconds=0.001):
            await many(client, voice, await process_of(client), arguments.utterances)
        await client.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", choices=sorted(LIBRARIES), default="dbus-next")
    parser.add_argument("--utterances", type=int, default=10_000)
    parser.add_argument("--running", action="store_true", help="measure the provider on the session bus")
    parser.add_argument("--start", action="store_true", help="only how soon the real daemon owns its name")
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
