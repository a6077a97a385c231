from __future__ import annotations

import itertools
import logging
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from speechd_neural.audio import prosody
from speechd_neural.audio.loudness import true_peak
from speechd_neural.audio.prosody import (
    ProsodyStream,
    join_pause,
    pause_samples,
    pitch_factor,
    speed_factor,
    words_per_minute,
)
from speechd_neural.types import Prosody, Settings

from .conftest import RATE, Chunk, Spoken, speak, vowel


def spoken(source: Spoken, size: int = 800, relative: Prosody = prosody.PLAIN, **wanted: float) -> np.ndarray:
    return stream(source, size, relative, **wanted)[0]


def stream(
    source: Spoken, size: int = 800, relative: Prosody = prosody.PLAIN, **wanted: float
) -> tuple[np.ndarray, ProsodyStream]:
    out = ProsodyStream(RATE, Settings(**wanted), relative, source.symbols)
    pieces = [out.feed(chunk) for chunk in source.chunks(size)]
    return np.concatenate([*pieces, out.flush()]), out


def sounding(samples: np.ndarray) -> tuple[int, int]:
    """First sample and end of what is louder than the noise floor (1 ms frames)."""
    frames = samples[: len(samples) // 16 * 16].astype(float).reshape(-1, 16)
    loud = np.flatnonzero(np.sqrt((frames**2).mean(axis=1)) > 30)
    return int(loud[0]) * 16, (int(loud[-1]) + 1) * 16


def pitch_of(samples: np.ndarray, near: float) -> float:
    """Fundamental (Hz, within a third of `near`) of a steady stretch, by the autocorrelation of a long window."""
    window = samples.astype(float) - samples.mean()
    products = np.correlate(window, window, "full")[len(window) - 1 :]
    products /= np.arange(len(window), 0, -1)
    low, high = round(RATE / near / 1.33), round(RATE / near * 1.33)
    lag = low + int(np.argmax(products[low:high]))
    a, b, c = products[lag - 1 : lag + 2]
    return RATE / (lag + (a - c) / (2 * (a - 2 * b + c)))


def steady(seconds: float = 1.0, f0: float = 110.0) -> Spoken:
    return Spoken(vowel(seconds, f0, (700, 1150, 2500)).astype(np.float32), ("aa1", "."), (), f0)


def test_rates_are_the_words_per_minute_that_were_agreed() -> None:
    assert [round(words_per_minute(rate)) for rate in (-100, 0, 100, 200)] == [80, 170, 449, 900]
    speeds = [words_per_minute(rate) for rate in range(-100, 201)]
    assert all(a < b for a, b in itertools.pairwise(speeds))
    assert max(b / a for a, b in itertools.pairwise(speeds)) < 1.02  # no jumps


def test_the_voice_is_left_alone_where_it_speaks_as_wanted() -> None:
    assert speed_factor(Settings(), Prosody()) == 1 == speed_factor(Settings(), Prosody(), natural_wpm=172)
    assert speed_factor(Settings(), Prosody(), natural_wpm=200) == pytest.approx(0.85)
    assert speed_factor(Settings(rate=100, speed=1.5), Prosody(speed=2)) == 3
    assert pitch_factor(Settings(), Prosody()) == 1
    assert pitch_factor(Settings(pitch=100), Prosody()) == 2
    assert pitch_factor(Settings(pitch=-100), Prosody()) == 0.5
    assert pitch_factor(Settings(pitch=100, pitch_factor=1.25), Prosody(pitch=0.8)) == 1


@pytest.mark.parametrize("speed", [0.1, 0.25, 4.67, 10.0])
def test_a_speed_in_so_many_words_reaches_as_far_as_it_may(sentence: Spoken, speed: float) -> None:
    assert speed_factor(Settings(speed=speed), Prosody(), natural_wpm=194) == pytest.approx(speed)
    plain, _ = stream(sentence)
    changed, _ = stream(sentence, speed=speed)
    assert len(plain) / len(changed) == pytest.approx(speed, rel=0.15)


def test_out_of_range_is_clamped_and_told_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(prosody, "_told", set())
    with caplog.at_level(logging.WARNING):
        assert words_per_minute(1000) == 900 == words_per_minute(math.inf)
        assert words_per_minute(-101) == 80
        assert pitch_factor(Settings(pitch=300), Prosody()) == 2
        assert speed_factor(Settings(speed=0.0), Prosody(speed=0.0)) == 0.1
    assert [record.args[0] for record in caplog.records] == ["rate", "pitch", "speed", "relative speed"]


@pytest.mark.parametrize("name", ["rate", "pitch", "pitch_range", "volume", "speed", "pitch_factor"])
def test_what_is_not_a_number_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        ProsodyStream(RATE, Settings(**{name: math.nan}))


def test_without_wishes_the_voice_passes_through_bit_for_bit(sentence: Spoken) -> None:
    out, _ = stream(sentence)
    exact = np.rint(sentence.samples * 32767).astype(np.int16)
    start = int(np.argmax(np.correlate(exact[:6000].astype(float), out[200:800].astype(float), "valid"))) - 200
    body = slice(100, len(out) - 300)  # without the fades
    assert np.array_equal(out[body], exact[start:][body])


SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "rate": st.integers(-100, 200),
        "pitch": st.integers(-100, 100),
        "pitch_range": st.integers(-100, 100),
        "volume": st.integers(-100, 100),
    },
)
SENTENCE = speak("tasotas,otatosasota.")


@bounded(max_examples=25, deadline=None)
@given(SETTINGS, st.lists(st.integers(1, 4000), min_size=1, max_size=30))
def test_the_pieces_in_which_sound_arrives_make_no_difference(wanted: dict[str, int], sizes: list[int]) -> None:
    whole, _ = stream(SENTENCE, len(SENTENCE.samples), **wanted)
    out = ProsodyStream(RATE, Settings(**wanted), symbols=SENTENCE.symbols)
    pieces, start = [], 0
    for size in itertools.cycle(sizes):
        end = min(start + size, len(SENTENCE.samples))
        spans = tuple(span for span in SENTENCE.spans if start < span.end <= end)
        pieces.append(out.feed(Chunk(SENTENCE.samples[start:end], spans)))
        start = end
        if end == len(SENTENCE.samples):
            break
    assert np.array_equal(np.concatenate([*pieces, out.flush()]), whole)
    assert out.written == len(whole)


def test_the_cache_and_the_voice_sound_the_same(sentence: Spoken) -> None:
    """What was kept in 16 bits gives the same bytes as what came from the voice."""
    kept = np.rint(sentence.samples * 32767).astype(np.int16)
    again = Spoken(kept.astype(np.float32) / 32767, sentence.symbols, sentence.spans, sentence.f0)
    assert np.array_equal(spoken(sentence, rate=70, pitch=20), spoken(again, 10**6, rate=70, pitch=20))


@pytest.mark.parametrize("speed", [0.47, 0.7, 1.2, 1.6, 2.0, 2.64, 4.0, 5.0])
def test_the_duration_is_what_was_asked_for(speed: float) -> None:
    source = speak("tasotasotaso,otatosasotas,satosatotosoasotas.")
    natural, _ = stream(source)
    fast, _ = stream(source, speed=speed)
    a, b = sounding(natural), sounding(fast)
    assert (a[1] - a[0]) / (b[1] - b[0]) == pytest.approx(speed, rel=0.03)


@pytest.mark.parametrize("speed", [0.5, 1.3, 2.0, 3.0, 4.0])
@pytest.mark.parametrize("f0", [90.0, 130.0, 210.0])
def test_the_rate_leaves_the_pitch_alone(speed: float, f0: float) -> None:
    assert pitch_of(spoken(steady(2.0, f0), speed=speed)[800:5000], f0) == pytest.approx(f0, rel=0.01)


@pytest.mark.parametrize("pitch", [-100, -50, -20, 20, 50, 100])
def test_the_pitch_is_what_was_asked_for_and_takes_no_time(pitch: int) -> None:
    source = steady(1.0, 110)
    out = spoken(source, pitch=pitch)
    wanted = 110 * 2 ** (pitch / 100)
    assert pitch_of(out[2000:8000], wanted) == pytest.approx(wanted, rel=0.01)
    assert len(out) == len(spoken(source))


@pytest.mark.parametrize("pitch", [-70, 70])
def test_a_changed_pitch_keeps_the_formants_and_the_level(pitch: int) -> None:
    source = steady(1.0, 110)
    plain, shifted = (spoken(source, pitch=p)[2000:14000].astype(float) for p in (0, pitch))

    def envelope(samples: np.ndarray) -> np.ndarray:
        """Shares of the power in bands of 300 Hz up to 3.3 kHz."""
        power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
        width = 300 * len(samples) // RATE
        return power[: 11 * width].reshape(11, width).sum(axis=1) / power.sum()

    assert np.argmax(envelope(plain)) == np.argmax(envelope(shifted)) == 2  # the first formant, 700 Hz
    assert np.abs(envelope(plain) - envelope(shifted)).max() < 0.25
    assert 20 * np.log10(shifted.std() / plain.std()) == pytest.approx(0, abs=2.5)


def test_the_pitch_range_widens_and_flattens_the_melody() -> None:
    time = np.arange(2 * RATE) / RATE
    f0 = 110 * 2 ** (0.3 * np.sin(2 * np.pi * 0.5 * time))
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    wave = sum(np.cos(k * phase) / k for k in range(1, 25)) * 0.05
    source = Spoken(wave.astype(np.float32), ("aa1", "."), (), 110)

    def excursion(pitch_range: int) -> float:
        out = ProsodyStream(RATE, Settings(pitch_range=pitch_range), natural_f0=110)
        samples = np.concatenate([out.feed(Chunk(source.samples)), out.flush()])
        high, low = pitch_of(samples[7200:8800], 135), pitch_of(samples[23200:24800], 90)
        return math.log2(high / low)

    assert excursion(0) == pytest.approx(0.6, abs=0.05)
    assert excursion(-100) == pytest.approx(0, abs=0.05)
    assert excursion(50) == pytest.approx(0.9, abs=0.08)


def test_volume_goes_in_even_steps_of_decibels(word: Spoken) -> None:
    levels = [20 * np.log10(spoken(word, volume=v).astype(float).std()) for v in (100, 75, 50, 25, 0)]
    steps = -np.diff(levels)
    assert steps == pytest.approx([6.0] * 4, abs=0.2)
    assert np.array_equal(spoken(word, volume=100), spoken(word))
    assert np.abs(spoken(word, volume=-100)).max() < 100
    louder = spoken(word, relative=Prosody(volume_db=6))
    assert 20 * np.log10(louder.astype(float).std()) - levels[0] == pytest.approx(6, abs=0.5)


@pytest.mark.parametrize("wanted", [{}, {"rate": 100}, {"pitch": 60}, {"pitch": -80}])
def test_no_true_peak_above_minus_one_decibel(sentence: Spoken, wanted: dict[str, int]) -> None:
    loud = Spoken(np.clip(sentence.samples * 8, -1, 1), sentence.symbols, sentence.spans, sentence.f0)
    out = spoken(loud, relative=Prosody(volume_db=6), **wanted)
    assert true_peak(out / np.float32(32767)) <= 10 ** (-1 / 20)
    assert np.abs(out).max() > 0.6 * 32767


@pytest.mark.parametrize("wanted", [{}, {"rate": -100}, {"rate": 50}, {"rate": 150}, {"pitch": 50}])
def test_silence_is_trimmed(sentence: Spoken, wanted: dict[str, int]) -> None:
    out = spoken(sentence, **wanted)
    first, end = sounding(out)
    assert first <= 0.010 * RATE
    assert len(out) - end <= 0.030 * RATE


@pytest.mark.parametrize("wanted", [{}, {"rate": -60}, {"rate": 60}, {"rate": 150}, {"pitch": 50}, {"pitch": -50}])
def test_no_clicks(wanted: dict[str, int]) -> None:
    tone = np.concatenate([np.zeros(2000), vowel(1.2, 110, (500, 1000, 2300))])
    source = Spoken(tone.astype(np.float32), (), (), 110)
    natural, out = spoken(source).astype(float), spoken(source, **wanted).astype(float)
    assert abs(out[0]) < 100 and abs(out[-1]) < 60  # -50 dB: a fade of 2 ms has taken its first step
    # A click is a step that the wave itself does not make.
    assert np.abs(np.diff(out)).max() < 1.35 * np.abs(np.diff(natural)).max()


def test_silence_and_nothing_give_nothing() -> None:
    for samples in (np.zeros(0, np.float32), np.zeros(16000, np.float32), np.full(8000, 1e-4, np.float32)):
        for wanted in ({}, {"rate": 100}, {"rate": -100, "pitch": 50}):
            out = ProsodyStream(RATE, Settings(**wanted))
            assert len(out.feed(Chunk(samples))) == 0 and len(out.flush()) == 0
            assert out.position(4000) >= 0


@pytest.mark.parametrize("length", [1, 30, 60, 200, 700])
def test_very_short_sounds_survive(length: int) -> None:
    burst = np.random.default_rng(0).normal(0, 0.1, length).astype(np.float32)
    for wanted in ({}, {"rate": 100}, {"rate": -100}, {"pitch": 50}, {"pitch": -50, "rate": 150}):
        out = ProsodyStream(RATE, Settings(**wanted))
        samples = np.concatenate([out.feed(Chunk(np.concatenate([np.zeros(500, np.float32), burst]))), out.flush()])
        # A lone burst of 2 ms, shorter than any in speech, goes at four times the speed; one of 4 ms stays.
        lost = length == 1 or (length == 30 and wanted.get("rate") == 150)
        assert np.abs(samples).max(initial=0) > 100 or lost


@pytest.mark.parametrize("wanted", [{}, {"rate": -80}, {"rate": 60}, {"rate": 100}, {"rate": 100, "pitch": 40}])
def test_marks_are_where_their_sound_is(sentence: Spoken, wanted: dict[str, int]) -> None:
    """The bursts ("t") are the landmarks: where they sound is known in and out."""
    out, prosody_stream = stream(sentence, **wanted)
    loud = np.abs(out.astype(float))
    places = [prosody_stream.position(sample) for sample in range(0, len(sentence.samples), 50)]
    assert all(a <= b for a, b in itertools.pairwise(places))
    for span in sentence.spans[:-1]:
        if sentence.symbols[span.symbol] != "t":
            continue
        burst = prosody_stream.position(span.end - round(0.02 * RATE))
        start = max(0, burst - 400)
        around = loud[start:][: min(50, len(loud[start:]) // 16) * 16].reshape(-1, 16).max(axis=1)  # of 1 ms
        closure = int(np.argmin(around))
        onset = start + 16 * (closure + int(np.argmax(around[closure:] > 1000)))
        assert abs(onset - burst) < 0.025 * RATE


def test_fast_speech_takes_from_long_sounds_first() -> None:
    source = speak("tatatatata,tatatata.")
    _, out = stream(source, speed=3)

    def shortened(symbol: str) -> float:
        spans = [s for s in source.spans[1:-1] if source.symbols[s.symbol] == symbol]
        return float(np.mean([(s.end - s.start) / (out.position(s.end) - out.position(s.start)) for s in spans]))

    assert shortened("t") < 2.7 < 3.2 < shortened("aa1") < shortened(",")


def test_output_begins_early(sentence: Spoken) -> None:
    """How much sound the voice must have made before the first of it can be heard, from its first sound on."""
    start = sentence.spans[0].start + round(0.05 * RATE)  # the first burst
    for wanted, most in (({}, 0.012), ({"rate": 100}, 0.06), ({"pitch": 50}, 0.06)):
        out = ProsodyStream(RATE, Settings(**wanted), symbols=sentence.symbols)
        fed = 0
        while fed < len(sentence.samples):
            fed += 16
            if len(out.feed(Chunk(sentence.samples[fed - 16 : fed]))):
                break
        assert fed - start <= most * RATE, wanted


@pytest.mark.parametrize("rate", [8000, 22050, 24000, 48000])
def test_other_sample_rates(rate: int) -> None:
    time = np.arange(rate) / rate
    wave = np.concatenate([np.zeros(rate // 10), sum(np.cos(2 * np.pi * 120 * k * time) for k in range(1, 20)) * 0.02])
    for wanted in ({"speed": 2.0}, {"pitch": 30}, {"speed": 0.5}):
        out = ProsodyStream(rate, Settings(**wanted))
        samples = np.concatenate([out.feed(Chunk(wave.astype(np.float32))), out.flush()])
        assert len(samples) / rate == pytest.approx(1 / wanted.get("speed", 1.0), rel=0.04)
        assert np.abs(samples).max() > 3000


def test_pauses_shrink_more_than_speech() -> None:
    assert pause_samples(0.5, RATE, Settings()) == 8000
    assert pause_samples(0.5, RATE, Settings(speed=3)) < 8000 / 3
    assert 8000 < pause_samples(0.5, RATE, Settings(speed=0.5)) <= 12000
    assert pause_samples(-1, RATE, Settings()) == 0


def test_sentences_are_kept_apart() -> None:
    assert join_pause(("aa1", ".")) > join_pause(("aa1", ",")) > join_pause(("aa1",)) == join_pause(()) == 0


def test_the_module_imports_nothing_heavy() -> None:
    source = Path(prosody.__file__).read_text()
    assert "sounddevice" not in source and "torch" not in source and "speechd_neural.core" not in source
