"""What the scripts that let PocketSphinx listen share: sentences made of a seed, a listener who knows their patterns and
words but not which comes, and the comparison of two ways of saying the same sentences.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pocketsphinx import Decoder

from speechd_neural.commands.verify_voice import NOISE, RATE, SILENCE, resampled, word_errors
from speechd_neural.core.engine import Engine, SpeechChunk
from speechd_neural.core.phrases import seed_of
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Kind, Segment, Settings
from speechd_neural.voice.decoding import decode
from speechd_neural.voice.engine import NeuralEngine

LEVEL = 0.06  # root mean square of what sounds, full scale 1: the same for every voice
WARM_UP = 10  # sounds after which the recogniser is used to a voice
RESAMPLES = 5000  # of the bootstrap
# Semantically unpredictable sentences: nothing but the sound tells a word. One syllable, where such words are to be had.
CLASSES = {
    "noun": """arm axe band bank barn beach beard bell bird block boat bone book boot bowl box boy branch bread bridge broom
    brush bus cake camp card cart cat cave chain chair cheese chest child church clock cloth cloud coach coat comb corn crab
    crown cup dish dog door dress drum duck dust ear egg farm field fish flag floor fork fox frog fruit gate ghost gift girl
    glass glove goat goose grass guest hand hat heart hill horse house ice ink jar judge juice king knife lake lamp lawn leaf
    leg lock log lunch map milk moon mouth mouse nail neck nest noise nose nurse page paint pan path pen phone pie pig pipe
    plant plate pond pool porch pot prince purse queen rain ring road rock roof room rope rose rug sack salt sand scarf
    school screen seed sheep shelf shell ship shirt shoe shop sign sink skirt sky smoke snake snow soap sock song soup spoon
    spring stage star steam stick stone stool storm stove street string swan sword tent thief throat thumb tooth torch town
    toy train tray tree trout truck tub van vase voice wall watch wave well wheel wife wing wolf wood world worm yard""",
    "adjective": """bald big black blind blue bold brave brief bright broad brown calm cheap clean cold cool dark deaf deep
    dry dull fair false fast fat fierce firm flat fresh full glad grand green hard harsh high hot huge kind large late lean
    long loose loud low mad mild neat new nice odd old pale pink plain poor proud pure quick quiet rare rich ripe rough round
    sad safe sharp short shy sick slim slow small smart smooth soft sour square steep stiff strange strict strong sweet swift
    tall tame thick thin tight tired true vague vast warm weak wet white wide wild wise young""",
    "did": """asked ate bent bit blamed blew bought broke brought built burned called carved caught chased chose cleaned
    climbed cooked crossed dragged drew drove fed filled fixed forced found fought gave grabbed guessed heard held helped hid
    hired hurt joined kept kicked knew learned led left liked lost loved made marked met missed moved named owned packed paid
    picked placed praised pulled pushed raised reached robbed ruled saved saw scared searched sent served shook showed sold
    stole stopped struck taught thanked threw told touched trained turned used wanted warned washed watched wore wrote""",
    "do": """ask bake bend bite blame break bring build burn buy call carve catch chase choose clean climb cook cross drag
    draw drive eat feed fill find fix force give grab guess help hide hire hold join keep kick leave lift like lose love make
    mark miss move name need pack paint pick place praise pull push raise reach rob rule save scare search sell send serve
    shake show steal stop teach thank throw touch train turn use want warn wash watch wear""",
    "went": """barked bled blinked burst came coughed cried danced dived dreamed fell flew froze grew jumped knelt laughed
    leaned lied marched played prayed ran rose sang sank sat shone slept slid smiled sneezed spoke stayed stood swam talked
    walked went wept worked yawned""",
    "at": "above across along around behind below beneath beside beyond near past through toward under with without",
    "often": "always almost never often once seldom soon sometimes still then",
    "how": "how when where why",
}
PATTERNS = (
    "the noun went at the adjective noun",
    "the adjective noun did the noun",
    "often do the noun and the noun",
    "how does the noun do the adjective noun",
    "the noun did the noun that went",
)
Sound = npt.NDArray[np.int16]


def sentences(count: int, seed: int) -> list[list[str]]:
    """The words of `count` sentences, in each of which no word but the small ones comes twice."""
    rng, words = random.Random(seed), {name: text.split() for name, text in CLASSES.items()}
    found: list[list[str]] = []
    while len(found) < count:
        sentence = [rng.choice(words[part]) if part in words else part for part in rng.choice(PATTERNS).split()]
        content = [word for word in sentence if word != "the"]
        if len(set(content)) == len(content):
            found.append(sentence)
    return found


def written(words: list[str]) -> str:
    """A sentence as it is given to a voice."""
    return " ".join(words).capitalize() + ("?" if words[0] in CLASSES["how"].split() else ".")


def segments(front: FrontEnd, words: list[str]) -> list[Segment]:
    return [segment for segment in front.segments(written(words), Kind.TEXT, Settings()) if segment.symbols]


def chunks(engine: Engine, segment: Segment) -> list[SpeechChunk]:
    """As the daemon has it spoken."""
    return list(engine.synthesize(segment, seed=seed_of(segment), cancelled=lambda: False))


def mel_of(engine: NeuralEngine, segment: Segment) -> np.ndarray:
    """Features of a segment, decoded freely."""
    runtime, info = engine.runtime, engine.info
    reading, seed = engine.symbols.read(segment), seed_of(segment)
    memory = runtime.encode(reading.ids, lambda: None)
    words = decode(runtime, reading, memory, seed, engine.step_samples / info.sample_rate, lambda: None)
    postnet = runtime.postnet()
    return np.concatenate([*(postnet.feed(word.frames) for word in words), postnet.finish()])


def sixteen_bits(samples: npt.NDArray[np.float32]) -> Sound:
    return np.rint(np.clip(samples, -1, 1) * np.float32(32767)).astype(np.int16)


class Listener:
    """A recogniser that takes `speed` times as many looks in a second, so that a fast sound has as many as a slow one."""

    def __init__(self, speed: float = 1.0) -> None:
        self._decoder = Decoder(samprate=float(RATE), frate=round(100 * speed), loglevel="FATAL")
        rules = [f"<{name}> = {' | '.join(text.split())};" for name, text in CLASSES.items()]
        patterns = [" ".join(f"<{part}>" if part in CLASSES else part for part in pattern.split()) for pattern in PATTERNS]
        rules += [f"public <sentence> = {' | '.join(patterns)};"]
        self._decoder.add_jsgf_string("sentence", "\n".join(["#JSGF V1.0;", "grammar sentences;", *rules]))
        self._decoder.activate_search("sentence")

    def errors(self, sounds: list[Sound], rate: int, said: list[list[str]]) -> npt.NDArray[np.int64]:
        """Word errors of each sentence. Words that sound alike are one word."""
        self._decoder.reinit_feat()  # forget the voice before
        for sound in sounds[:WARM_UP]:
            self._heard(sound, rate)
        pairs = zip(sounds, said, strict=True)
        return np.array([word_errors(self._phones(words), self._phones(self._heard(sound, rate))) for sound, words in pairs])

    def _phones(self, words: list[str]) -> list[str]:
        return [self._decoder.lookup_word(word) or word for word in words]

    def _heard(self, sound: Sound, rate: int) -> list[str]:
        samples = resampled(sound.astype(np.float32) / 32767, rate, RATE)
        loud = samples[samples**2 > (samples**2).max(initial=0) * 1e-4]
        if len(loud) == 0:
            return []
        quiet = np.zeros(round(SILENCE * RATE), np.float32)
        samples = np.concatenate([quiet, samples * (LEVEL / np.sqrt((loud**2).mean())), quiet])
        samples = samples + np.random.default_rng(1).normal(0, NOISE, len(samples))
        self._decoder.start_utt()
        self._decoder.process_raw(sixteen_bits(samples).tobytes(), full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return hypothesis.hypstr.split() if hypothesis else []


@dataclass(frozen=True)
class Compared:
    """Word error rate of one way less that of another, in percent, with its paired bootstrap interval over sentences."""

    difference: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.difference:+.1f} ({self.low:+.1f} to {self.high:+.1f})"


def rate_of(errors: npt.NDArray[np.int64], said: list[list[str]]) -> float:
    return float(100 * errors.sum() / sum(map(len, said)))


def compared(errors: npt.NDArray[np.int64], others: npt.NDArray[np.int64], said: list[list[str]]) -> Compared:
    lengths, apart = np.array([len(words) for words in said]), errors - others
    drawn = np.random.default_rng(0).integers(0, len(said), (RESAMPLES, len(said)))
    low, high = np.percentile(100 * apart[drawn].sum(1) / lengths[drawn].sum(1), (2.5, 97.5))
    return Compared(float(100 * apart.sum() / lengths.sum()), float(low), float(high))
