"""The torch runtime, on a GPU where there is one and else on torch's CPU device (the same code, without graphs): it says what
the CPU's runtime and the reference models say, within the tolerances below; and folds join without being heard."""

from __future__ import annotations

import threading
import time
import weakref
from contextlib import nullcontext
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toy_voice import TACOTRON, CancelledAfter

from speechd_neural.errors import SynthesisError, VoiceError
from speechd_neural.types import Segment
from speechd_neural.voice.bundle import load
from speechd_neural.voice.engine import NeuralEngine
from speechd_neural.voice.gpu import folds, replay
from speechd_neural.voice.gpu.folds import FOLD, LEAD, TorchVocoder, cross_fade, cut
from speechd_neural.voice.gpu.networks import FullBandNetwork, MultiBandNetwork, most_steps
from speechd_neural.voice.gpu.replay import Replay
from speechd_neural.voice.gpu.runtime import TorchRuntime
from speechd_neural.voice.gpu.tacotron2 import DecoderSteps, TorchTacotron2
from speechd_neural.voice.runtime import CpuRuntime
from tests.voice.test_engine import HELLO, HOP, long_segment, never, sound, speak
from tests.voice.test_fullband import DIMS, FRAMES, OUTPUTS, made, restore
from tests.voice.test_parity import IDS, SHAPES, features_like_speech, make

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


@pytest.fixture(scope="session")
def torch_engine(toy_path: Path) -> NeuralEngine:
    bundle = load(toy_path)
    return NeuralEngine(bundle, TorchRuntime(bundle, DEVICE.type))


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_acoustic_model_agrees_with_the_cpus(tmp_path: Path, shape: str, half: bool) -> None:
    """Differences are the CPU's rounding of activations to eight bits, and bfloat16's where that is asked for."""
    _, _, bundle = make(tmp_path, SHAPES[shape])
    theirs, ours = CpuRuntime(bundle), TorchRuntime(bundle, DEVICE.type, half=half)
    wanted = theirs.encode(IDS.numpy(), lambda: None)
    found = ours.encode(IDS.numpy(), lambda: None)
    assert np.abs(found - wanted).max() < 0.02
    steps = 24
    frames, positions, gates, attention = theirs.decode(wanted, 5).run(steps)
    run, parts = ours.decode(found, 5), []
    while sum(len(part[1]) for part in parts) < steps:
        parts.append(run.run(steps - sum(len(part[1]) for part in parts)))
    our_frames, our_positions, our_gates, our_attention = (np.concatenate(column) for column in zip(*parts, strict=True))
    np.testing.assert_array_equal(our_positions, positions)
    assert np.abs(our_attention - attention).mean() < 0.005
    assert np.abs(our_gates - gates).max() < 0.05
    refined = [postnet.feed(x) for postnet, x in ((theirs.postnet(), frames), (ours.postnet(), frames))]
    assert len(refined[0]) == len(refined[1]) and np.abs(refined[0] - refined[1]).max() < 1e-3 * np.abs(frames).max()
    assert np.abs(our_frames - frames).mean() < 0.02 * frames.std()


def test_steps_stop_where_they_should(tmp_path: Path) -> None:
    """A graph makes eight steps; those behind the wanted position change nothing, and a copy goes on alike."""
    _, _, bundle = make(tmp_path)
    runtime = TorchRuntime(bundle, DEVICE.type)
    memory = runtime.encode(IDS.numpy(), lambda: None)
    one, many = runtime.decode(memory, 5), runtime.decode(memory, 5)
    single = [one.run(1) for _ in range(12)]
    first = many.run(8, until=1)
    reached = int(np.argmax(first[1] >= 1))
    assert len(first[1]) == reached + 1 < 8
    other = many.copy()
    for run in (many, other):
        parts = [first]
        while sum(len(p[1]) for p in parts) < 12:
            parts.append(run.run(12 - sum(len(p[1]) for p in parts)))
        for column, wanted in zip(zip(*parts, strict=True), zip(*single, strict=True), strict=True):
            np.testing.assert_allclose(np.concatenate(column), np.concatenate(wanted), atol=1e-5)
    other, third = runtime.decode(memory, 5), runtime.decode(memory, 6)
    third.reseed(5)
    np.testing.assert_array_equal(other.run(4)[0], third.run(4)[0])


@pytest.mark.parametrize("pieces", [1, 3, 40])
def test_postnet_in_pieces(tmp_path: Path, pieces: int) -> None:
    _, _, bundle = make(tmp_path)
    runtime = TorchRuntime(bundle, DEVICE.type)
    frames = np.random.default_rng(0).standard_normal((40, TACOTRON.n_features)).astype(np.float32)
    postnet = runtime.postnet()
    found = [postnet.feed(frames[i : i + pieces]) for i in range(0, 40, pieces)]
    change = runtime.acoustic.refine(torch.from_numpy(frames).to(DEVICE)).cpu().numpy()
    wanted = (frames + change) * runtime.deviation + runtime.mean
    np.testing.assert_allclose(np.concatenate([*found, postnet.finish()]), wanted, atol=1e-4)


def forced(network: Any, samples: np.ndarray, logits: list[torch.Tensor]) -> None:
    """The network hears these samples instead of its own; what it would have drawn from is recorded."""
    following = iter(torch.from_numpy(samples))

    def draw(outputs: torch.Tensor, u: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        logits.append(outputs[0].clone())
        heard = next(following).view(1, 1).expand(len(outputs), 1)
        return heard, heard

    network.draw = draw


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("normalizes", [False, True])
@pytest.mark.parametrize("output", OUTPUTS)
def test_full_band_logits_are_the_reference_models(output: str, normalizes: bool, half: bool) -> None:
    """Teacher-forced: within 0.2 % of the logits' spread in float32 (folding rounds), 3 % in bfloat16."""
    dims = OUTPUTS[output]
    model, described, arrays = made(dims, normalizes)
    restore(model, arrays)
    generator = torch.Generator().manual_seed(1)
    mel = torch.randn(1, dims.n_mels, FRAMES, generator=generator) * (4 if normalizes else 1)
    samples = torch.rand(1, FRAMES * dims.hop_length, generator=generator) * 2 - 1
    with torch.no_grad():
        read = (0.1 * mel + 0.8).clamp(0, 1) if normalizes else mel
        # What is folded into the reference's input matrices, with the bundle's precision, is not restored: see below.
        wanted = model(torch.nn.functional.pad(samples, (1, 0))[:, :-1], read)[0].numpy()
    network = FullBandNetwork(arrays, described, torch.device("cpu"), half, 1.0)  # a graph would not ask for samples
    logits: list[torch.Tensor] = []
    forced(network, samples[0].numpy(), logits)
    run = TorchVocoder(network).speak(0, folded=False)
    run.feed(mel[0].T.contiguous().numpy())
    run.end()
    assert len(run.run(FRAMES)) == FRAMES * dims.hop_length and run.finished
    found = torch.stack(logits).numpy()
    spread = float(wanted.std())
    assert np.sqrt(np.mean((found - wanted) ** 2)) < (0.03 if half else 0.01) * spread
    assert np.abs(found - wanted).max() < (0.15 if half else 0.05) * spread


@pytest.mark.parametrize("output", OUTPUTS)
def test_full_band_draws_as_the_cpu_does(output: str) -> None:
    """The same logits and the same random numbers give the same class, or the same sample of a mixture."""
    from speechd_neural.voice.vocoders import fullband

    _, described, arrays = made(OUTPUTS[output])
    arrays = {**arrays, "vocoder.output": arrays["vocoder.output"] * 0}  # so that nothing else matters
    mel = np.zeros((20, DIMS.n_mels), np.float32)
    runs: list[Any] = [fullband(arrays, described, "", 1).speak(9, 1.0)]
    runs.append(TorchVocoder(FullBandNetwork(arrays, described, DEVICE, False, 1.0)).speak(9, folded=False))
    spoken = []
    for run in runs:
        run.feed(mel)
        run.end()
        spoken.append(run.run(20))
    # A number within a rounding error of the border between two classes may fall on either side.
    assert (np.abs(spoken[0] - spoken[1]) < 1e-4).mean() > 0.99


def test_multi_band_is_the_cpus(tmp_path: Path) -> None:
    """Free-running with the same seed, both say the same for a while: the random numbers are the same."""
    _, _, bundle = make(tmp_path)
    features = features_like_speech(40).numpy()
    theirs = CpuRuntime(bundle).speak(3)
    ours = TorchRuntime(bundle, DEVICE.type, folded=False).speak(3)
    spoken = []
    for run in (theirs, ours):
        run.feed(features)
        run.end()
        spoken.append(run.run(100))
    assert len(spoken[0]) == len(spoken[1]) == 40 * HOP
    assert np.corrcoef(spoken[0][:800], spoken[1][:800])[0, 1] > 0.99
    ratio = np.log(np.square(spoken[0]).reshape(10, -1).mean(axis=1) / np.square(spoken[1]).reshape(10, -1).mean(axis=1))
    assert abs(ratio.mean()) < 0.3


def test_pieces_change_nothing_single_file(tmp_path: Path) -> None:
    _, _, bundle = make(tmp_path)
    features = features_like_speech(12).numpy()
    runtime = TorchRuntime(bundle, DEVICE.type, folded=False)

    def spoken(piece: int, milliseconds: float) -> Any:
        run = runtime.speak(5)
        parts = []
        for first in range(0, 12, piece):
            run.feed(features[first : first + piece])
            parts.append(run.run(piece, milliseconds))
        run.end()
        while not run.finished:
            parts.append(run.run(1, 0.0))
        return np.concatenate(parts)

    whole = spoken(12, 1e9)
    assert len(whole) == 12 * HOP and whole.std() > 0
    for piece in (1, 5):
        np.testing.assert_allclose(spoken(piece, 0.0), whole, atol=1e-5)


@pytest.mark.parametrize("half", [False, True])
def test_what_is_captured_asks_nothing_of_the_host(toy_path: Path, half: bool) -> None:
    """A CUDA graph cannot wait for a number. Tensors of the meta device have none, so whatever asked for one would fail here;
    and so would tensors on two devices."""
    nowhere, bundle = torch.device("meta"), load(toy_path)
    networks: list[Any] = [MultiBandNetwork(bundle.arrays, bundle.manifest.vocoder, nowhere, half, 1.0)]
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
        under_way += 1
        most = max(most, under_way)
        time.sleep(0.005)
        under_way -= 1

    def capture() -> None:
        done.wait()
        Replay(work, torch.device("cuda"))

    now = Stream()
    for name, stand_in in (
        ("Stream", Stream), ("current_stream", lambda device: now), ("stream", lambda stream: nullcontext()),
        ("CUDAGraph", object), ("graph", Capture),
    ):  # fmt: skip
        monkeypatch.setattr(torch.cuda, name, stand_in)
    replay._aside.cache_clear()
    threads = [threading.Thread(target=capture) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1 and len(streams) == 2

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


def test_a_pitch_that_is_no_number_is_no_index(toy_path: Path) -> None:
    bundle = load(toy_path)
    network = MultiBandNetwork(bundle.arrays, bundle.manifest.vocoder, torch.device("cpu"), False, 1.0)
    window = features_like_speech(8).numpy()
    window[3:6, -2] = np.nan, np.inf, -np.inf
    with np.errstate(over="ignore", divide="ignore"):
        lag = network.condition(window)["lag"]
    assert ((lag >= 4) & (lag <= 120)).all()


def test_long_texts_share_their_tensors(toy_path: Path) -> None:
    bundle = load(toy_path)
    acoustic = TorchTacotron2(bundle.arrays, bundle.manifest.acoustic.dims, torch.device("cpu"), False)
    assert [acoustic.steps(n, 1).size for n in (1, 64, 65, 512, 513, 1000, 1025)] == [64, 64, 192, 512, 1024, 1024, 1536]
    assert acoustic.steps(600, 1) is acoustic.steps(1000, 1)


def test_steps_of_a_graph_divide_a_frame() -> None:
    assert [most_steps(n) for n in (275, 256, 300, 40, 64, 65, 257)] == [55, 64, 60, 40, 64, 13, 1]


def test_cuts_are_in_order_and_quiet() -> None:
    features = np.zeros((80, 22), np.float32)
    features[41, :20] = -5
    cuts = cut(features, FOLD)
    assert cuts[0] == 0 and 41 in cuts and len(cuts) == 10
    assert all(b - a >= LEAD for a, b in pairwise([*cuts, 80]))
    assert cut(features[:9], FOLD) == [0]


def test_cross_fade_keeps_the_power() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 4000, 2)).astype(np.float32)
    np.testing.assert_allclose(cross_fade(a, a), a, rtol=1e-5, atol=1e-6)
    for other in (b, 0.5 * a + 0.9 * b, 0.9 * b - 0.3 * a):
        mixed = cross_fade(a, (other / other.std(axis=0)).astype(np.float32))
        power = np.square(mixed).reshape(4, 1000, 2).mean(axis=1)
        assert np.abs(10 * np.log10(power)).max() < 0.6
    assert np.isfinite(cross_fade(a, np.zeros_like(a))).all()


@pytest.mark.parametrize("kind", ["full-band", "multi-band"])
def test_seams_are_not_heard(tmp_path: Path, kind: str) -> None:
    """Level and spectrum around the seams, against the same places of a single-file run: as far from it as another seed is."""
    frames = 15 * FOLD
    if kind == "multi-band":
        runtime = TorchRuntime(make(tmp_path)[2], DEVICE.type)
        vocoder, features, hop = runtime.vocoder, features_like_speech(frames).numpy(), HOP
    else:
        _, described, arrays = made(DIMS)
        vocoder = TorchVocoder(FullBandNetwork(arrays, described, DEVICE, False, 1.0))
        rng = np.random.default_rng(1)
        walk = np.cumsum(rng.standard_normal((frames, DIMS.n_mels)), axis=0) / 4
        features, hop = walk.astype(np.float32), DIMS.hop_length

    def spoken(seed: int, folded: bool) -> tuple[np.ndarray, list[int]]:
        run = vocoder.speak(seed, folded=folded)
        run.feed(features)
        run.end()
        parts = [run.run(2)]
        while not run.finished:
            parts.append(run.run(1000))
        return np.concatenate(parts), run.seams

    def levels(samples: np.ndarray, centres: list[int]) -> np.ndarray:
        return np.array([10 * np.log10(np.square(samples[c - 2 * hop : c + 2 * hop]).mean() + 1e-9) for c in centres])

    def spectra(samples: np.ndarray, centres: list[int]) -> np.ndarray:
        pieces = np.array([samples[c - 2 * hop : c + 2 * hop] for c in centres]) * np.hanning(4 * hop)
        return np.asarray(10 * np.log10(np.square(np.abs(np.fft.rfft(pieces))).mean(axis=0) + 1e-6))

    (folded, seams), (single, none), (other, _) = spoken(1, True), spoken(1, False), spoken(2, False)
    assert len(folded) == len(single) == frames * hop and none == [] and len(seams) >= 10
    change, usual = levels(folded, seams) - levels(single, seams), levels(other, seams) - levels(single, seams)
    assert abs(change.mean()) < 0.5 and change.std() < 1.3 * usual.std() + 0.3
    difference, usual_difference = (spectra(x, seams) - spectra(single, seams) for x in (folded, other))
    assert difference.std() < 1.3 * usual_difference.std() + 0.3
    again, _ = spoken(1, True)
    np.testing.assert_array_equal(again, folded)


def test_the_state_goes_on_behind_folds(tmp_path: Path) -> None:
    """The first stretch and what follows the last fold are spoken single-file, from the state that was left."""
    _, _, bundle = make(tmp_path)
    features = features_like_speech(4 * FOLD).numpy()
    run = TorchRuntime(bundle, DEVICE.type).speak(1)
    run.feed(features)
    run.end()
    first = run.run(2)
    single = TorchRuntime(bundle, DEVICE.type, folded=False).speak(1)
    single.feed(features)
    single.end()
    np.testing.assert_allclose(first, single.run(2)[: len(first)], atol=1e-5)
    rest = run.run(1000)
    assert run.finished and len(first) + len(rest) == 4 * FOLD * HOP
    with pytest.raises(ValueError, match="after the end"):
        run.feed(features)


def test_engine_keeps_the_contract_of_chunks(torch_engine: NeuralEngine, engine: NeuralEngine) -> None:
    segment = long_segment(6)
    chunks, wanted = speak(torch_engine, segment), speak(engine, segment)
    assert [s for c in chunks for s in c.spans] == [s for c in wanted for s in c.spans]
    assert len(sound(chunks)) == len(sound(wanted))
    handed = 0
    for chunk in chunks:
        handed += len(chunk.samples)
        assert len(chunk.samples) % HOP == 0 and np.isfinite(chunk.samples).all() and np.abs(chunk.samples).max() <= 1
        assert chunk.f0 is not None and len(chunk.f0) == len(chunk.samples) // HOP
        assert all(span.end <= handed for span in chunk.spans)
    assert sound(speak(torch_engine, segment)).tobytes() == sound(chunks).tobytes()
    assert torch_engine.info.identifier == f"{engine.info.identifier}-{DEVICE.type}"
    assert replace(torch_engine.info, identifier="") == replace(engine.info, identifier="")
    assert speak(torch_engine, Segment()) == []
    with pytest.raises(SynthesisError, match="no symbol"):
        speak(torch_engine, Segment(symbols=("zz",), text="z"))


@pytest.mark.parametrize("after", [0, 1, 3, 10, 30, 100])
def test_cancelled_at_any_moment(torch_engine: NeuralEngine, after: int) -> None:
    cancelled = CancelledAfter(after)
    whole = sound(speak(torch_engine, HELLO))
    part = list(torch_engine.synthesize(HELLO, seed=1, cancelled=cancelled))
    said = sound(part) if part else np.zeros(0, np.float32)
    np.testing.assert_array_equal(said, whole[: len(said)])
    assert cancelled.asked <= after + 1 and (len(said) < len(whole) or cancelled.asked <= after)


def test_two_segments_at_once(torch_engine: NeuralEngine) -> None:
    """Fixed tensors are shared by all runs; their state is not."""
    alone = [sound(speak(torch_engine, HELLO, seed)) for seed in (1, 2)]
    both = [torch_engine.synthesize(HELLO, seed=seed, cancelled=never) for seed in (1, 2)]
    parts: list[list[Any]] = [[], []]
    running = [0, 1]
    while running:
        for i in list(running):
            chunk = next(both[i], None)
            running.remove(i) if chunk is None else parts[i].append(chunk)
    for part, wanted in zip(parts, alone, strict=True):
        np.testing.assert_array_equal(sound(part), wanted)


def test_missing_weights_are_named(toy_path: Path) -> None:
    bundle = load(toy_path)
    for name in ("decoder.query", "vocoder.output"):
        damaged = replace(bundle, arrays={k: v for k, v in bundle.arrays.items() if k != name})
        with pytest.raises(VoiceError, match=f"{name}: missing"):
            TorchRuntime(damaged, DEVICE.type)


def test_folds_know_their_bounds() -> None:
    assert folds.FADE < LEAD < folds.SHORT_FOLD - folds.SHORT_FOLD // 4 and list(folds.ROWS) == sorted(folds.ROWS)
