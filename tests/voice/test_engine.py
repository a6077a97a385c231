from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_voice import MULTIBAND, TACOTRON, character_manifest, manifest, models, walk, write_toy_voice

from speechd_neural.core.engine import SpeechChunk
from speechd_neural.errors import ConfigError, SynthesisError
from speechd_neural.types import Segment, Word
from speechd_neural.voice.bundle import write_bundle
from speechd_neural.voice.engine import CHUNKS, NeuralEngine, Timeline, load_engine

HELLO = Segment(symbols=("hh", "ax", "l", "ow1", " ", "w", "er1", "l", "d", "."), text="hello world")
HOP = 160


def never() -> bool:
    return False


def speak(engine: NeuralEngine, segment: Segment = HELLO, seed: int = 1) -> list[SpeechChunk]:
    return list(engine.synthesize(segment, seed=seed, cancelled=never))


def sound(chunks: list[SpeechChunk]) -> np.ndarray:
    return np.concatenate([chunk.samples for chunk in chunks])


def long_segment(words: int) -> Segment:
    symbols: list[str] = []
    for _ in range(words):
        symbols += ["dh", "ax", "k", "ae1", "t", " "]
    return Segment(symbols=(*symbols[:-1], "."), text=" ".join(["the cat"] * words))


def test_chunks_are_whole_hops_and_grow(engine: NeuralEngine) -> None:
    chunks = speak(engine)
    sizes = [len(chunk.samples) // HOP for chunk in chunks]
    assert sizes[:-1] == [CHUNKS[min(i, len(CHUNKS) - 1)] for i in range(len(sizes) - 1)]
    assert 0 < sizes[-1] <= CHUNKS[-1]
    for chunk in chunks:
        assert chunk.samples.dtype == np.float32
        assert len(chunk.samples) % HOP == 0
        assert np.abs(chunk.samples).max() <= 1
        assert chunk.f0 is not None and len(chunk.f0) == len(chunk.samples) // HOP
        assert ((chunk.f0 == 0) | ((chunk.f0 > 30) & (chunk.f0 < 1000))).all()
    assert np.isfinite(sound(chunks)).all() and sound(chunks).any()


def test_spans_cover_the_sound_in_order(engine: NeuralEngine) -> None:
    chunks = speak(engine)
    spans = [span for chunk in chunks for span in chunk.spans]
    assert [span.symbol for span in spans] == list(range(len(HELLO.symbols)))
    assert spans[0].start == 0 and spans[-1].end == len(sound(chunks))
    for before, after in pairwise(spans):
        assert before.end == after.start
    assert all(span.start <= span.end for span in spans)
    assert spans[4].start == spans[4].end  # the word space
    assert all(span.end > span.start for i, span in enumerate(spans) if i not in (4, len(spans) - 1))
    handed = 0
    for chunk in chunks:
        handed += len(chunk.samples)
        assert all(span.end <= handed for span in chunk.spans)


def test_same_seed_same_bytes(engine: NeuralEngine, toy_path: Path) -> None:
    first = sound(speak(engine))
    assert sound(speak(engine)).tobytes() == first.tobytes()
    assert sound(speak(load_engine(toy_path))).tobytes() == first.tobytes()
    other = sound(speak(engine, seed=2))
    assert other[:100].tobytes() != first[:100].tobytes()


def test_every_path_makes_the_same_bytes(engine: NeuralEngine, toy_path: Path, cpu: str) -> None:
    assert load_engine(toy_path, cpu).runtime.path == cpu
    assert sound(speak(load_engine(toy_path, cpu))).tobytes() == sound(speak(engine)).tobytes()


def test_two_segments_at_once_do_not_touch_each_other(engine: NeuralEngine) -> None:
    alone = [sound(speak(engine, seed=s)) for s in (1, 2)]
    both = [engine.synthesize(HELLO, seed=s, cancelled=never) for s in (1, 2)]
    parts: list[list[SpeechChunk]] = [[], []]
    running = [0, 1]
    while running:
        for i in list(running):
            chunk = next(both[i], None)
            if chunk is None:
                running.remove(i)
            else:
                parts[i].append(chunk)
    for part, expected in zip(parts, alone, strict=True):
        assert sound(part).tobytes() == expected.tobytes()


def test_streaming_is_the_same_as_all_at_once(engine: NeuralEngine) -> None:
    """The engine's pieces against encoder, decoder, postnet and vocoder each run in one go."""
    segment = long_segment(4)
    runtime = engine.runtime
    reading = engine.symbols.read(segment)
    network = runtime.acoustic.network
    embedded = runtime.acoustic.embedding[reading.ids]
    convolutions = network.encoder_convolutions()
    x = convolutions.finish(embedded)
    there = network.encoder_lstm(backward=False).feed(x)
    back = network.encoder_lstm(backward=True).feed(np.ascontiguousarray(x[::-1]))[::-1]
    memory = np.concatenate([there, back], axis=1)
    np.testing.assert_array_equal(runtime.encode(reading.ids, lambda: None), memory)
    frames, positions, gates, _ = runtime.decode(memory, 3).run(10_000, until=len(reading) - 2)
    assert gates[-1] > 0 and positions[-1] == len(reading) - 2
    postnet = runtime.postnet()
    features = np.concatenate([postnet.feed(frames), postnet.finish()])
    vocoder = runtime.speak(3)
    vocoder.feed(features)
    vocoder.end()
    whole = vocoder.run(100_000)
    assert vocoder.finished
    assert sound(speak(engine, segment, seed=3)).tobytes() == whole.tobytes()


def test_first_chunk_leaves_before_the_rest_is_decoded(engine: NeuralEngine) -> None:
    asked = 0

    def count() -> bool:
        nonlocal asked
        asked += 1
        return False

    chunks = engine.synthesize(long_segment(40), seed=1, cancelled=count)
    next(chunks)
    first = asked
    for _ in chunks:
        pass
    assert first * 5 < asked


def test_decoding_ahead_changes_when_not_what(engine: NeuralEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[int] = []
    decode = engine.runtime.decode

    def counting(memory: Any, seed: int) -> Any:
        run = decode(memory, seed)

        class Counting:
            def run(self, *arguments: Any) -> Any:
                made = run.run(*arguments)
                decoded.append(len(made[0]))
                return made

            def __getattr__(self, name: str) -> Any:
                return getattr(run, name)

        return Counting()

    monkeypatch.setattr(engine.runtime, "decode", counting)

    def ahead(gather: float) -> tuple[list[int], bytes]:
        """Frames decoded at each chunk beyond what was spoken, and the sound."""
        monkeypatch.setattr(engine.runtime, "gather", gather)
        decoded.clear()
        frames, parts, spare = 0, [], []
        for chunk in engine.synthesize(long_segment(20), seed=1, cancelled=lambda: False):
            parts.append(chunk.samples.tobytes())
            frames += len(chunk.samples) // engine.hop
            spare.append(sum(decoded) - frames)
        return spare, b"".join(parts)

    at_once, spoken = ahead(0.0)
    gathered, same = ahead(4.0)
    assert same == spoken
    assert gathered[:4] == at_once[:4]  # nobody waits longer for the first chunks
    assert max(at_once) < 64 < min(gathered[7:10])


def test_a_chunk_is_as_long_as_the_runtime_says_at_least(engine: NeuralEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    sounds = []
    for shortest in (1, 3):
        monkeypatch.setattr(engine.runtime, "shortest", shortest)
        chunks = [chunk.samples for chunk in engine.synthesize(long_segment(3), seed=1, cancelled=lambda: False)]
        sizes = [len(samples) // engine.hop for samples in chunks]
        assert sizes[:3] == [max(shortest, size) for size in CHUNKS[:3]]
        sounds.append(np.concatenate(chunks).tobytes())
    assert sounds[0] == sounds[1]


@pytest.mark.parametrize("after", [0, 1, 2, 5, 10, 20, 40, 80])
def test_cancelled_at_any_moment(engine: NeuralEngine, after: int) -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > after

    whole = sound(speak(engine, long_segment(10)))
    part = list(engine.synthesize(long_segment(10), seed=1, cancelled=cancelled))
    assert asked == after + 1
    said = sound(part) if part else np.zeros(0, np.float32)
    assert len(said) < len(whole)
    np.testing.assert_array_equal(said, whole[: len(said)])


def test_nothing_to_say(engine: NeuralEngine) -> None:
    assert speak(engine, Segment()) == []


def test_a_missing_stop_is_added(engine: NeuralEngine) -> None:
    chunks = speak(engine, Segment(symbols=("ay1",), text="i"))
    assert [span.symbol for chunk in chunks for span in chunk.spans] == [0]


def test_symbol_that_the_voice_lacks(engine: NeuralEngine) -> None:
    with pytest.raises(SynthesisError, match=r"no symbol 'zz' \(position 1\)"):
        speak(engine, Segment(symbols=("ay1", "zz", "."), text="i"))


def test_a_voice_that_cannot_walk_says_so(tmp_path: Path) -> None:
    """Untrained attention: the decoder is stopped, and says at which word, not what the word was."""
    states = [{k: v.numpy() for k, v in m.state_dict().items()} for m in models()]
    write_bundle(tmp_path, states[0], states[1], manifest())
    with pytest.raises(SynthesisError, match=r"decoding failed 6 times at word 1 of 2: ") as caught:
        speak(load_engine(tmp_path))
    assert "hello" not in str(caught.value)


@pytest.mark.parametrize("rest", [200.0, 0.01])
def test_stuck_and_skipping_attention_is_caught(tmp_path: Path, rest: float) -> None:
    acoustic, vocoder = models()
    walk(acoustic, rest)
    if rest < 1:  # hardly a look at each symbol: the last one of the window is as good as the next
        acoustic.attention.score.weight.data.fill_(0)
        acoustic.attention.score.weight.data[0, 0] = 0
    states = [{k: v.numpy() for k, v in m.state_dict().items()} for m in (acoustic, vocoder)]
    write_bundle(tmp_path, states[0], states[1], manifest())
    with pytest.raises(SynthesisError, match=r"stayed on symbol|was skipped|more than \d+ steps"):
        speak(load_engine(tmp_path))


@pytest.mark.parametrize("changes", [{"frames_per_step": 1}, {"window": False}, {"encoder_layers": 1, "postnet_layers": 3}])
def test_sizes_come_from_the_manifest(tmp_path: Path, changes: dict[str, int]) -> None:
    dims = replace(TACOTRON, **changes)
    acoustic, vocoder = models(0, dims, replace(MULTIBAND, gru=64, mixtures=3, order=6))
    walk(acoustic)
    states = [{k: v.numpy() for k, v in m.state_dict().items()} for m in (acoustic, vocoder)]
    write_bundle(tmp_path, states[0], states[1], manifest(dims, vocoder.dims))
    chunks = speak(load_engine(tmp_path))
    spans = [span for chunk in chunks for span in chunk.spans]
    assert [span.symbol for span in spans] == list(range(len(HELLO.symbols)))
    assert spans[-1].end == len(sound(chunks)) > 0


def test_a_voice_that_reads_characters(tmp_path: Path) -> None:
    described = character_manifest()
    acoustic, vocoder = models(0, replace(TACOTRON, n_symbols=len(described.symbols)))
    walk(acoustic)
    states = [{k: v.numpy() for k, v in m.state_dict().items()} for m in (acoustic, vocoder)]
    write_bundle(tmp_path, states[0], states[1], described)
    segment = replace(HELLO, words=(Word("hello", (0, 5), (0, 4)), Word("world", (6, 11), (5, 9))))
    spans = [span for chunk in speak(load_engine(tmp_path), segment) for span in chunk.spans]
    assert [span.symbol for span in spans] == [0, 0, 1, 2, 3, 5, 5, 6, 7, 8]


def test_timeline_of_a_jump_over_symbols(engine: NeuralEngine) -> None:
    timeline = Timeline(engine.symbols.read(HELLO), 10)
    timeline.add(np.array([0, 0, 1, 4, 5, 5, 9], np.int32))
    timeline.end()
    spans = list(timeline.until(70, everything=True))
    assert [(s.start, s.end) for s in spans] == [
        (0, 20), (20, 30), (30, 30), (30, 30), (30, 30), (30, 60), (60, 60), (60, 60), (60, 60), (60, 70),
    ]  # fmt: skip


def test_forced_path_that_is_not_there(toy_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPEECHD_NEURAL_CPU", "abacus")
    with pytest.raises(ConfigError, match=r"SPEECHD_NEURAL_CPU=abacus: .* accept .*generic"):
        load_engine(toy_path)
    monkeypatch.setenv("SPEECHD_NEURAL_CPU", "generic")
    assert load_engine(toy_path).runtime.path == "generic"


def test_speaking_never_imports_torch(tmp_path: Path) -> None:
    write_toy_voice(tmp_path / "voice")
    program = (
        "import sys; from pathlib import Path\n"
        "from speechd_neural.voice.engine import load_engine\n"
        "from speechd_neural.types import Segment\n"
        "e = load_engine(Path(sys.argv[1]))\n"
        "n = sum(len(c.samples) for c in e.synthesize(Segment(symbols=('ay1', '.')), seed=1, cancelled=lambda: False))\n"
        "assert n and not {'torch', 'scipy', 'safetensors'} & sys.modules.keys()\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "voice")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_vocoder_that_gives_nothing_is_told(engine: NeuralEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    class Mute:
        known, finished = 1000, False

        def feed(self, features: Any) -> None: ...

        def end(self) -> None: ...

        def run(self, frames: int, milliseconds: float) -> Any:
            return np.zeros(0, np.float32)

    monkeypatch.setattr(engine.runtime, "speak", lambda seed: Mute())
    with pytest.raises(SynthesisError, match="gave 0 of 320 samples"):
        speak(engine)
