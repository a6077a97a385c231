"""Descriptors that come with a message to the provider: whatever they are, nobody else waits for them."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
import time

import pytest

from speechd_neural.frontends import passed
from speechd_neural.frontends.spiel import INTERFACE, OBJECT_PATH
from tests.frontends.spiel_client import Client, ToySpeech, open_descriptors, read_strictly, toy_sound, until


async def test_descriptors_that_are_no_pipe(client: Client, speech: ToySpeech, tmp_path: object) -> None:
    path = f"{tmp_path}/stream"
    for flags in (os.O_WRONLY | os.O_CREAT, os.O_RDONLY):
        file = os.open(path, flags, 0o600)
        arguments = (0, "to a file", "toy-16000", 1.0, 1.0, False, "")
        reply = await client.call(OBJECT_PATH, INTERFACE, "Synthesize", "hssddbs", *arguments, fds=[file])
        os.close(file)
        assert reply.error_name is None
    await until(lambda: speech.cancelled[-1:] == [2])
    await until(lambda: os.stat(path).st_size > sum(len(toy_sound(word)) for word in ("to", "a", "file")))
    file = os.open(path, os.O_RDONLY)
    assert read_strictly(file).pcm == toy_sound("to") + toy_sound("a") + toy_sound("file")
    os.close(file)


@pytest.mark.parametrize("kind", ["pipe", "socket"])
async def test_a_pipe_that_its_client_makes_wait_again_holds_nobody_up(
    address: str, client: Client, speech: ToySpeech, kind: str
) -> None:
    """Whether a write waits is a matter of the opening, and a descriptor that was passed shares that."""
    ours, theirs = os.pipe() if kind == "pipe" else (one.detach() for one in socket.socketpair())
    arguments = (0, "never read " * 1000, "toy-16000", 1.0, 1.0, False, "")
    speech.go.clear()
    reply = await client.call(OBJECT_PATH, INTERFACE, "Synthesize", "hssddbs", *arguments, fds=[theirs])
    assert reply.error_name is None
    os.set_blocking(theirs, True)
    speech.go.set()
    over = threading.Event()

    def read() -> None:  # else a failure would be an endless wait
        if not over.wait(10):
            while os.read(ours, 1 << 16):
                pass

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    other = await Client.connect(address)
    began = time.monotonic()
    for _ in range(5):
        assert (await other.hear("still here")).pcm
        await asyncio.sleep(0.1)
    assert time.monotonic() < began + 10
    over.set()
    reader.join()
    os.close(theirs)
    os.close(ours)
    await until(lambda: 1 in speech.cancelled)
    await other.close()


LINGERS = """
import asyncio, os, socket, struct, sys
from speechd_neural.frontends.spiel import INTERFACE, OBJECT_PATH
from tests.frontends.spiel_client import Client
async def main():
    client = await Client.connect(sys.argv[1])
    far = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
    far.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 30))
    far.send(bytes(200_000))
    arguments = (0, "one", "toy-16000", 1.0, 1.0, False, "")
    await client.call(OBJECT_PATH, INTERFACE, "Synthesize", "hssddbs", *arguments, fds=[far.fileno()])
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""


async def test_what_takes_long_to_close_holds_nobody_up(address: str, client: Client, speech: ToySpeech) -> None:
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        speech.go.clear()
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", LINGERS, address, str(listening.getsockname()[1]))
        await process.wait()
        unread, _ = listening.accept()
        with unread:
            began = time.monotonic()
            speech.go.set()
            for _ in range(5):
                assert (await client.hear("still here")).pcm
                await asyncio.sleep(0.1)
            assert time.monotonic() < began + 15


async def test_only_so_many_are_written_into_what_is_no_pipe(
    client: Client, speech: ToySpeech, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passed, "_leading", threading.BoundedSemaphore(1))
    before = open_descriptors()
    speech.go.clear()
    file = os.open(f"{tmp_path}/stream", os.O_WRONLY | os.O_CREAT, 0o600)
    arguments = (0, "to a file", "toy-16000", 1.0, 1.0, False, "")
    refused = [
        (await client.call(OBJECT_PATH, INTERFACE, "Synthesize", "hssddbs", *arguments, fds=[file])).error_name
        for _ in range(2)
    ]
    assert refused == [None, "org.freedesktop.DBus.Error.InvalidArgs"]
    speech.go.set()
    os.close(file)
    await until(lambda: open_descriptors() == before)
