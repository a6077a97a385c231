"""Index marks and word events against a forced alignment by PocketSphinx, which knows nothing of ours.

    python bench/marks.py [--voice DIR] [--speeds 1 2 0.7] [--sentences 72] [--no-teacher] [--worst 10]

Every sentence goes through the real pipeline as SSML with a mark before each word, as Orca sends it; the places of the
marks and word events are counted in samples of the sound that was handed over. PocketSphinx is given the phones that
were spoken and says where each word begins. Its own error is measured first, on the teacher voice of training (needs
Debian's libflite1), whose words begin where Flite says; the median of that is its bias, and is taken off everywhere.
Sound at more than 1.2 times the speed is slowed down again for PocketSphinx by overlap-add (not the program's own).
Prints, in ms, for each speed: the median and 95th percentile of |mark - word|, the largest, the signed median, the
share beyond 80 ms, and how many marks came before the sound of their word. Then whether every mark came once and in
order, and whether a replay from the cache puts each at the very same sample.
"""

from __future__ import annotations

import argparse
import os
import statistics
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import numpy.typing as npt
from commandline import run
from pocketsphinx import Decoder

from speechd_neural.arrays import Samples16
from speechd_neural.audio.cache import PhraseCache
from speechd_neural.commands.bench import processor
from speechd_neural.core.means import Means, Options
from speechd_neural.core.pipeline import Pipeline
from speechd_neural.core.voices import Voices
from speechd_neural.errors import VoiceError
from speechd_neural.paths import packaged_voices
from speechd_neural.text.english.language import English
from speechd_neural.text.english.symbols import PHONES
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Audio, Kind, MarkReached, Request, Settings, WordReached
from speechd_neural.voice.engine import load_engine
from speechd_neural.voice.store import DEFAULT

RATE = 16000  # Hz, what PocketSphinx listens at
FRAME = 0.01  # seconds
QUIET = 0.1  # seconds of silence around what it hears
EARLY = 0.03  # seconds before its word that a mark may come without counting as early: three frames

SENTENCES = """\
The package arrived on Tuesday morning.
You have three unread messages.
Please close the window before you leave.
Her brother plays the violin in an orchestra.
The battery is almost empty, plug in the charger.
Nobody knew where the key had gone.
Select a printer from the list below.
The river froze over in the middle of January.
Would you like to save your changes?
Two sailors carried the heavy wooden box.
Press escape to cancel this dialog.
A cold wind blew across the harbor.
My sister bought apples, pears and a lemon.
The download will finish in four minutes.
He painted the kitchen a pale shade of green.
Every student received a small red notebook.
The meeting has been moved to half past nine.
Turn left at the bridge and follow the road.
They watched the fireworks from the roof.
Your password must contain a number.
The dog slept under the table all afternoon.
She answered the question without thinking.
Open the folder and drag the picture into it.
Rain is expected over most of the country.
The museum closes early on Sundays.
I forgot to water the plants again.
This page contains twenty seven links.
The old clock in the hall has stopped.
Can anyone tell me what happened yesterday?
We walked along the beach until it got dark.
The search returned no results.
Grandmother told us stories about the war.
An error occurred while reading the disk.
The children built a castle out of sand.
Move the cursor to the end of the line.
Farmers sell vegetables at the market square.
The train to Boston leaves from platform six.
He never learned how to ride a bicycle.
Your session has expired, please sign in again.
The letter was written in purple ink.
Most of the audience left before the encore.
Type a name for the new document.
The baker opens his shop at five o'clock.
Snow covered the mountains above the village.
Check the spelling before you send it.
A spider hung from the ceiling on a thin thread.
The committee will vote on the proposal tomorrow.
It took us nearly an hour to find parking.
Volume is set to forty percent.
The captain ordered everyone back on board.
Several houses were damaged by the storm.
Use the arrow keys to choose a color.
Her voice echoed through the empty church.
The recipe calls for butter, sugar and flour.
There is nothing to undo.
The bus was late because of heavy traffic.
Someone knocked softly at the front door.
The keyboard layout has been changed.
A yellow bird landed on the fence.
He counted the money twice and locked the drawer.
The file is too large to attach.
Autumn leaves floated down the quiet stream.
Switch to the next tab, or close this one.
The teacher wrote the answer on the board.
Our neighbors are moving to Canada in spring.
The screen reader announces the selected item.
Doctors recommend eight hours of sleep.
It was the best coffee I ever tasted.
The actor forgot his lines on opening night.
Bluetooth is off, no devices are connected.
They planted a row of trees beside the canal.
The newspaper printed a correction the following day.
""".splitlines()


@dataclass(frozen=True)
class Spoken:
    """What the pipeline handed over: sound, where each mark and word came (in samples), the phones of each word."""

    sound: Samples16
    rate: int
    marks: list[tuple[str, int]]
    words: list[tuple[tuple[int, int], int]]  # place in the text, sample
    phones: list[tuple[str, ...]]


def marked(sentence: str) -> str:
    return "<speak>" + " ".join(f'<mark name="{n}"/>{word}' for n, word in enumerate(sentence.split())) + "</speak>"


def speak(pipeline: Pipeline, sentence: str, speed: float) -> Spoken:
    settings, text = Settings(speed=speed), marked(sentence)
    at, rate, pieces = 0, 0, []
    marks: list[tuple[str, int]] = []
    words: list[tuple[tuple[int, int], int]] = []
    for event in pipeline.speak(Request(1, text, Kind.SSML, settings), lambda: False):
        if isinstance(event, Audio):
            pieces.append(np.frombuffer(event.pcm, "<i2"))
            at, rate = at + len(pieces[-1]), event.sample_rate
        elif isinstance(event, MarkReached):
            marks.append((event.name, at))
        elif isinstance(event, WordReached) and not event.sentence:
            words.append(((event.start, event.end), at))
    assert pipeline.means.front_end is not None
    segments = list(pipeline.means.front_end.segments(text, Kind.SSML, settings))
    phones = [
        tuple(symbol for symbol in segment.symbols[slice(*word.symbols)] if symbol in PHONES)
        for segment in segments
        for word in segment.words
    ]
    return Spoken(np.concatenate(pieces), rate, marks, words, phones)


class Aligner:
    """Where words begin, by PocketSphinx's acoustic model."""

    def __init__(self) -> None:
        self._decoder = Decoder(
            samprate=float(RATE), loglevel="FATAL", lm=None, bestpath=False, beam=1e-80, pbeam=1e-80, wbeam=1e-60
        )
        self._known: dict[str, str] = {}

    def __call__(self, sound: Samples16, phones: list[tuple[str, ...]]) -> list[float] | None:
        """Seconds at which each word begins, or None where the words do not fit the sound."""
        names = [self._name(word) for word in phones]
        quiet = np.zeros(round(QUIET * RATE), np.int16)
        # A little noise: in digital silence its features have no bounds.
        noise = np.random.default_rng(0).normal(0, 3, len(sound) + 2 * len(quiet))
        heard = np.clip(np.concatenate([quiet, sound, quiet]) + noise, -32768, 32767).astype("<i2").tobytes()
        decoder = self._decoder
        decoder.set_align_text(" ".join(names))
        try:
            self._listen(heard)
            if decoder.hyp() is None:
                return None
            decoder.set_alignment()  # the second pass aligns phones and states
            self._listen(heard)
        except RuntimeError:  # its way of saying that the words do not fit
            return None
        wanted = set(names)
        # The closure of a first stop is silence too: without a bound a word would begin before there is sound.
        starts = [max(0.0, word.start * FRAME - QUIET) for word in decoder.get_alignment() if word.name in wanted]
        return starts if len(starts) == len(names) else None

    def _listen(self, heard: bytes) -> None:
        self._decoder.start_utt()
        self._decoder.process_raw(heard, full_utt=True)
        self._decoder.end_utt()

    def _name(self, phones: tuple[str, ...]) -> str:
        written = " ".join("AH" if phone == "ax" else phone.rstrip("012").upper() for phone in phones)
        if written not in self._known:
            self._known[written] = f"w{len(self._known)}"
            self._decoder.add_word(self._known[written], written, True)
        return self._known[written]


def slowed(sound: Samples16, factor: float) -> Samples16:
    """`factor` times as long at the same pitch: 25 ms windows at even distances, each shifted to where it fits best."""
    size, reach = round(0.025 * RATE), round(0.008 * RATE)
    hop = size // 2
    window = np.hanning(size)
    padded = np.concatenate([np.zeros(reach), sound.astype(np.float64), np.zeros(size + hop + reach)])
    out = np.zeros(round(len(sound) * factor) + size)
    natural: npt.NDArray[np.float64] | None = None
    for at in range(0, len(out) - size, hop):
        begin = round(at / factor) + reach
        if begin + size + reach >= len(padded):
            break
        if natural is not None:
            around = padded[begin - reach : begin + size + reach]
            begin += int(np.argmax(np.correlate(around, natural, "valid"))) - reach
        out[at : at + size] += window * padded[begin : begin + size]
        natural = padded[begin + hop : begin + hop + size]
        if len(natural) < size:
            break
    return np.clip(out[: round(len(sound) * factor)], -32768, 32767).astype(np.int16)


def teacher(aligner: Aligner, sentences: list[str]) -> list[float]:
    """The aligner's own errors, in seconds: where it puts words of the teacher voice, less where they begin."""
    from speechd_neural.train.teachers.flite import Flite

    flite, errors = Flite(), []
    for sentence in sentences:
        samples, rate, phones = flite(sentence)
        if rate != RATE:
            raise VoiceError(f"the teacher voice has {rate} Hz, not {RATE}")
        words: list[list[str]] = []
        begins: list[float] = []
        for phone in phones:
            if phone.name == "pau":
                continue
            if phone.word_start or not words:
                words.append([])
                begins.append(phone.start)
            words[-1].append(phone.name)
        found = aligner((samples * 32767).astype(np.int16), [tuple(word) for word in words])
        if found is not None:
            errors += [after - before for after, before in zip(found, begins, strict=True)]
    return errors


def percentile(values: list[float], share: float) -> float:
    return float(np.percentile(values, share))


def line(name: str, errors: list[float]) -> str:
    size = [abs(error) for error in errors]
    return (
        f"{name:24} {len(errors):5} words, |error| median {statistics.median(size) * 1e3:4.0f}, 95 %"
        f" {percentile(size, 95) * 1e3:4.0f}, largest {max(size) * 1e3:4.0f}, signed median"
        f" {statistics.median(errors) * 1e3:+4.0f} ms; beyond 80 ms {sum(s > 0.08 for s in size) / len(size):.1%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", type=Path, default=packaged_voices() / DEFAULT)
    parser.add_argument("--speeds", type=float, nargs="+", default=[1, 2, 0.7])
    parser.add_argument("--sentences", type=int, default=len(SENTENCES))
    parser.add_argument("--no-teacher", action="store_true", help="do not measure the aligner's own error")
    parser.add_argument("--worst", type=int, default=0, help="print so many of the largest errors")
    options = parser.parse_args()
    sentences = SENTENCES[: options.sentences]
    engine, aligner = load_engine(options.voice), Aligner()
    print(f"device: {processor()}, 1 thread; {len(sentences)} sentences; voice {options.voice.name}")
    bias = 0.0
    if not options.no_teacher:
        own = teacher(aligner, sentences)
        bias = statistics.median(own)
        print(line("aligner, on the teacher", own))
        print(line("the same, less its bias", [error - bias for error in own]))
    pipeline = Pipeline(Means(FrontEnd(English()), PhraseCache(), Voices(engine), Options(deadline=0)))
    for speed in options.speeds:
        errors: list[tuple[float, str]] = []
        lost = disorder = apart = other = 0
        for sentence in sentences:
            spoken = speak(pipeline, sentence, speed)
            again = speak(pipeline, sentence, speed)
            other += (spoken.marks, spoken.words) != (again.marks, again.words) or not np.array_equal(spoken.sound, again.sound)
            names = [name for name, _ in spoken.marks]
            places = [at for _, at in spoken.marks]
            disorder += names != [str(n) for n in range(len(sentence.split()))] or places != sorted(places)
            apart += places != [at for _, at in spoken.words]
            factor = speed if speed > 1.2 else 1.0
            sound = spoken.sound if factor == 1.0 else slowed(spoken.sound, factor)
            found = aligner(sound, spoken.phones)
            if found is None or len(spoken.words) != len(found):
                lost += 1
                continue
            for (source, at), begins in zip(spoken.words, found, strict=True):
                error = at / spoken.rate - (begins - bias) / factor
                errors.append((error, f"{marked(sentence)[slice(*source)]!r} in {sentence!r}"))
        values = [error for error, _ in errors]
        print(line(f"speed {speed:g}", values))
        print(
            f"{'':24} before its sound: {sum(value < -EARLY for value in values)} by more than {EARLY * 1e3:.0f} ms,"
            f" {sum(value < -0.08 for value in values)} by more than 80; not aligned: {lost} sentences;"
            f" sentences with marks missing, twice or out of order: {disorder}, apart from their words: {apart},"
            f" elsewhere when replayed from the cache: {other}"
        )
        for error, where in sorted(errors, key=lambda entry: -abs(entry[0]))[: options.worst]:
            print(f"    {error * 1e3:+5.0f} ms  {where}")


if __name__ == "__main__":
    run(main)
