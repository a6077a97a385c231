"""`speechd-neural verify-voice`: an offline recogniser (PocketSphinx) listens to a voice and tells what it did not understand.

Letters, words and the phrases of the packs are chosen from closed lists, as a listener does who knows what may come;
sentences are free. A recogniser mishears good voices too: what counts is the comparison of two voices, or of one voice
before and after a change.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speechd_neural import paths
from speechd_neural.commands.numbers import whole
from speechd_neural.core.phrases import seed_of
from speechd_neural.core.warming import Phrase, read_pack
from speechd_neural.errors import SynthesisError, UsageError, needs
from speechd_neural.types import Kind, Segment, Settings
from speechd_neural.voice.bundle import take_key

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from speechd_neural.text.frontend import FrontEnd
    from speechd_neural.voice.engine import NeuralEngine

RATE = 16000  # of the recogniser's model
SILENCE = 0.3  # seconds on either side, so that it hears where speech begins
NOISE = 3e-4  # of a quiet room, full scale 1: it learnt from recordings, and mishears digital silence
LETTERS = {
    "a": "EY", "b": "B IY", "c": "S IY", "d": "D IY", "e": "IY", "f": "EH F", "g": "JH IY", "h": "EY CH", "i": "AY",
    "j": "JH EY", "k": "K EY", "l": "EH L", "m": "EH M", "n": "EH N", "o": "OW", "p": "P IY", "q": "K Y UW", "r": "AA R",
    "s": "EH S", "t": "T IY", "u": "Y UW", "v": "V IY", "w": "D AH B AH L Y UW", "x": "EH K S", "y": "W AY", "z": "Z IY",
}  # fmt: skip
WORDS = """zero one two three four five six seven eight nine ten button link heading option menu window table list image
open close selected checked expanded collapsed edit password file folder search delete insert enter escape space tab page
home end left right up down monday tuesday wednesday thursday friday saturday sunday""".split()
SENTENCES = (
    "the birch canoe slid on the smooth planks", "glue the sheet to the dark blue background",
    "it is easy to tell the depth of a well", "these days a chicken leg is a rare dish", "rice is often served in round bowls",
    "the juice of lemons makes fine punch", "the box was thrown beside the parked truck",
    "four hours of steady work faced us", "a large size in stockings is hard to sell", "the boy was there when the sun rose",
)  # fmt: skip; of the Harvard sentences (IEEE 1969)
KINDS = ("letters", "words", "sentences", "packs")


@dataclass(frozen=True, slots=True)
class Heard:
    kind: str
    said: str
    heard: str  # "": nothing, or the voice could not say it

    @property
    def understood(self) -> bool:
        return self.said == self.heard


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--voice", help="a voice's name or directory (default: the one that comes with the program)")
    parser.add_argument("--only", choices=KINDS, action="append", help="what to listen to (default: all but packs)")
    parser.add_argument(
        "--takes", type=whole(1), default=0, metavar="N", help="find seeds up to N for the phrases of the packs that are not "
        "understood, and print them for the voice's voice.yaml"
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="everything that was heard, for programs")


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 however much was understood: the figures are the answer."""
    try:
        import pocketsphinx  # noqa: F401
    except ModuleNotFoundError:
        raise UsageError(needs("verify-voice", "the recogniser", "pocketsphinx")) from None
    from speechd_neural.text.english.language import English
    from speechd_neural.text.frontend import FrontEnd
    from speechd_neural.voice.engine import load_engine
    from speechd_neural.voice.store import find

    engine = load_engine(find(arguments.voice, (paths.user_voices(), paths.packaged_voices())))
    if arguments.takes:
        engine.takes = {}
        print("takes:")
        for symbols, seed in takes(FrontEnd(English()), engine, arguments.takes):
            print(f"  {symbols}: {seed}")
        return 0
    kinds = [kind for kind in KINDS if kind in (arguments.only or KINDS[:3])]
    results = list(listen(FrontEnd(English()), engine, kinds))
    figures = {kind: _figures([r for r in results if r.kind == kind]) for kind in kinds}
    if arguments.json:
        heard = [{"kind": r.kind, "said": r.said, "heard": r.heard, "understood": r.understood} for r in results]
        print(json.dumps({"voice": engine.info.name, "figures": figures, "heard": heard}, indent=1))
        return 0
    for result in results:
        if not result.understood:
            print(f"{result.kind}: {result.said!r} was heard as {result.heard!r}" if result.heard else f"{result.kind}: "
                  f"{result.said!r} was not heard")  # fmt: skip
    for kind, figure in figures.items():
        print(f"{kind}: {figure['understood']} of {figure['said']} understood, {figure['word_errors']} % of the words wrong")
    return 0


def listen(front: FrontEnd, engine: NeuralEngine, kinds: list[str]) -> Iterator[Heard]:
    decoder = _decoder(front, engine)
    free = decoder.current_search()
    for kind, choice in _choices(front, kinds):
        _choose_from(decoder, choice)
        for said, _ in choice.values():
            heard = _recognise(decoder, _sound(front, engine, said))
            yield Heard(kind, said.text, choice[heard][0].text if heard else "")
    if "sentences" in kinds:
        decoder.activate_search(free)
        for text in SENTENCES:
            yield Heard("sentences", text, _recognise(decoder, _sound(front, engine, Phrase(text, Kind.TEXT))))


def takes(front: FrontEnd, engine: NeuralEngine, most: int) -> Iterator[tuple[str, int]]:
    """Phrases of the packs that are misheard, and the first seed up to `most` with which they are not, twice."""
    decoder = _decoder(front, engine)
    found = set()  # phrases that are said alike stand in several lists
    for _, choice in _choices(front, ["packs"]):
        _choose_from(decoder, choice)
        for word, (said, _) in choice.items():
            segments = _segments(front, said)
            if len(segments) != 1 or _recognise(decoder, _sound(front, engine, said)) == word:
                continue
            key = take_key(engine.symbols.own(segments[0].symbols))
            if key in found:
                continue
            for seed in range(1, most + 1):
                sound = _sound(front, engine, said, seed)
                if _recognise(decoder, sound) == word == _recognise(decoder, sound):
                    found.add(key)
                    yield key, seed
                    break


def _decoder(front: FrontEnd, engine: NeuralEngine) -> Any:
    from pocketsphinx import Decoder

    decoder = Decoder(samprate=float(RATE), loglevel="FATAL")
    for sentence in SENTENCES[:4]:  # it gets used to the voice
        _recognise(decoder, _sound(front, engine, Phrase(sentence, Kind.TEXT)))
    return decoder


def _choose_from(decoder: Any, choice: Choice) -> None:
    words = list(choice)
    for word, (_, phones) in choice.items():
        if phones:
            decoder.add_word(word, phones, word == words[-1])
    decoder.add_jsgf_string(words[0], f"#JSGF V1.0;\ngrammar one;\npublic <one> = {' | '.join(words)};\n")
    decoder.activate_search(words[0])


# What may be heard: by the recogniser's word, the phrase and its phones ("": a word that the recogniser knows).
Choice = dict[str, tuple[Phrase, str]]


def _choices(front: FrontEnd, kinds: list[str]) -> Iterator[tuple[str, Choice]]:
    if "letters" in kinds:
        yield "letters", {f"letter_{letter}": (Phrase(letter, Kind.CHAR), phones) for letter, phones in LETTERS.items()}
    if "words" in kinds:
        yield "words", {word: (Phrase(word, Kind.TEXT), "") for word in WORDS}
    packs = front.phrase_packs if "packs" in kinds else None
    for path in sorted(packs.glob("*.txt")) if packs is not None else ():
        by_kind: dict[Kind, dict[str, Phrase]] = {}
        for phrase in read_pack(path):
            if phones := _phones(_segments(front, phrase)):
                by_kind.setdefault(phrase.kind, {}).setdefault(phones, phrase)  # what sounds alike is one
        for kind, sounds in by_kind.items():
            name = f"{path.stem}_{kind}".replace("-", "_")
            yield "packs", {f"{name}_{n}": (phrase, phones) for n, (phones, phrase) in enumerate(sounds.items())}


def _segments(front: FrontEnd, phrase: Phrase) -> list[Segment]:
    return [s for s in front.segments(phrase.text, phrase.kind, Settings()) if s.symbols and s.language is None]


def _phones(segments: list[Segment]) -> str:
    """As the recogniser's dictionary writes them."""
    symbols = [symbol for segment in segments for symbol in segment.symbols if symbol[:1].isalpha()]
    return " ".join("AH" if symbol == "ax" else symbol.rstrip("012").upper() for symbol in symbols)


def _sound(front: FrontEnd, engine: NeuralEngine, phrase: Phrase, seed: int = 0) -> npt.NDArray[np.int16] | None:
    """As the daemon has it spoken, or with another seed."""
    import numpy as np

    parts = [np.zeros(1, np.float32)]
    try:
        for segment in _segments(front, phrase):
            chosen = seed or seed_of(segment)
            parts += [chunk.samples for chunk in engine.synthesize(segment, seed=chosen, cancelled=lambda: False)]
    except SynthesisError:
        return None
    quiet = np.zeros(int(SILENCE * RATE), np.float32)
    sound = np.concatenate([quiet, resampled(np.concatenate(parts), engine.info.sample_rate, RATE), quiet])
    sound += np.random.default_rng(1).normal(0, NOISE, len(sound))
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def resampled(samples: npt.NDArray[np.float32], rate: int, wanted: int) -> npt.NDArray[np.float32]:
    """By the spectrum of the whole sound: what lies above half the lower rate is left out."""
    import numpy as np

    if rate == wanted:
        return samples
    count = round(len(samples) * wanted / rate)
    return (np.fft.irfft(np.fft.rfft(samples)[: count // 2 + 1], count) * (count / len(samples))).astype(np.float32)


def _recognise(decoder: Any, sound: npt.NDArray[np.int16] | None) -> str:
    if sound is None:
        return ""
    decoder.start_utt()
    decoder.process_raw(sound.tobytes(), no_search=False, full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return hypothesis.hypstr if hypothesis else ""


def _figures(results: list[Heard]) -> dict[str, float]:
    words = sum(len(r.said.split()) for r in results)
    errors = sum(word_errors(r.said.split(), r.heard.split()) for r in results)
    understood = sum(r.understood for r in results)
    return {"said": len(results), "understood": understood, "word_errors": round(100 * errors / words, 1)}


def word_errors(said: list[str], heard: list[str]) -> int:
    """Words to insert, leave out and replace (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1]
