"""What is captured as a CUDA graph, and how, as far as that can be seen without a GPU."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch

from speechd_neural.voice.bundle import load
from speechd_neural.voice.families import multiband
from speechd_neural.voice.gpu import replay
from speechd_neural.voice.gpu.networks import FullBandNetwork
from speechd_neural.voice.gpu.replay import Replay
from speechd_neural.voice.gpu.runtime import release
from speechd_neural.voice.gpu.tacotron2 import DecoderSteps, TorchTacotron2
from tests.voice.test_fullband import OUTPUTS, made


@pytest.mark.parametrize("half", [False, True])
def test_what_is_captured_asks_nothing_of_the_host(toy_path: Path, half: bool) -> None:
    """A CUDA graph cannot wait for a number. Tensors of the meta device have none, so whatever asked for one would fail here;
    and so would tensors on two devices."""
    nowhere, bundle = torch.device("meta"), load(toy_path)
    networks: list[Any] = [multiband.gpu(bundle.arrays, bundle.manifest.vocoder, nowhere, half)]
    for dims in OUTPUTS.values():
        _, described, arrays = made(dims)
        networks.append(FullBandNetwork(arrays, described, nowhere, half, 1.0))
    for network in networks:
        out = torch.zeros(4, network.count, network.bands, device=nowhere)
        draws = torch.zeros(4, network.count, network.draws, device=nowhere)
        network.work(network.state(4), network.given(4), draws, out)
    acoustic = TorchTacotron2(bundle.arrays, bundle.manifest.acoustic.dims, nowhere, half)
    assert DecoderSteps(acoustic, 64, 8).out.is_meta


def test_captures_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two voices that are loaded at the same time: no work is begun while another is captured, and all captures share a
    stream. What torch has of CUDA is stood in for; on a machine without a GPU nothing else can be seen of it."""
    streams: list[Any] = []
    under_way, most, done = 0, 0, threading.Barrier(2)
    emptied: list[int] = []

    class Stream:
        def __init__(self, device: object = None) -> None:
            streams.append(self)

        def wait_stream(self, other: Stream) -> None:
            pass

    class Capture:
        def __init__(self, graph: object, stream: Stream, capture_error_mode: str) -> None:
            assert stream is streams[-1] and capture_error_mode == "thread_local"

        def __enter__(self) -> None:
            pass

        def __exit__(self, *_: object) -> None:
            pass

    def work() -> None:
        nonlocal under_way, most
        assert not gc.isenabled()
        under_way += 1
        release()  # as from another thread: it neither waits nor disturbs
        most = max(most, under_way)
        time.sleep(0.005)
        under_way -= 1

    def capture() -> None:
        done.wait()
        Replay(work, torch.device("cuda"))

    now = Stream()
    for name, stand_in in (
        ("Stream", Stream), ("current_stream", lambda device: now), ("stream", lambda stream: nullcontext()),
        ("CUDAGraph", object), ("graph", Capture), ("is_available", lambda: True), ("empty_cache", lambda: emptied.append(1)),
    ):  # fmt: skip
        monkeypatch.setattr(torch.cuda, name, stand_in)
    replay._aside.cache_clear()
    threads = [threading.Thread(target=capture) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1 and len(streams) == 2 and gc.isenabled()

    assert not emptied
    release()
    assert emptied == [1]

    class Owner:
        def __init__(self) -> None:
            self.replay = Replay(self.work, torch.device("cuda"))

        def work(self) -> None:
            pass

    owner = Owner()
    gone = weakref.ref(owner)
    del owner  # no circle: its memory is free at once
    assert gone() is None
    replay._aside.cache_clear()
