"""Letters to phones for words that no dictionary has.

A graphone is a letter with none to two phones. A small network reads the whole word and says which graphones each letter
may be; a back-off n-gram over graphones (M. Bisani and H. Ney, "Joint-sequence models for grapheme-to-phoneme conversion",
Speech Communication 50, 2008) says which of them follow each other. A beam search finds what both believe. Of the candidates
that it leaves, the one with the smallest expected number of wrong phones is taken. The model knows one kind of stress;
which of several is the primary one, a rule says (`stress`).

File, little-endian (`train.g2p` writes it): b"SNG2P4\\n\\0", u32 length of the text, u32 0, then the text:
the graphones, at most 253, one a line, "letter:phones"; the network (`tagger`), the n-gram (`ngram`). In the n-gram a
graphone's number is 2 more, after the two edges of a word.
"""

from __future__ import annotations

import math
import struct
from functools import lru_cache
from pathlib import Path

from speechd_neural.errors import SpeechError
from speechd_neural.files import content
from speechd_neural.text.english.pronounce.ngram import END, START, Ngram
from speechd_neural.text.english.pronounce.stress import with_secondary
from speechd_neural.text.english.pronounce.tagger import Tagger
from speechd_neural.types import Phones

MAGIC = b"SNG2P4\n\0"
HEADER = struct.Struct("<8sII")
DEFAULT = Path(__file__).parent.parent / "data" / "g2p.bin"
FIRST = 2  # number of the first graphone in the n-gram

NGRAM_SHARE = 0.9  # weight of the n-gram's log probability beside the network's
UNLIKELY = 4.0  # nats below a letter's best at which a graphone is not considered
BEAM = 8  # hypotheses kept at each letter
WIDTH = 5.0  # nats below the best at which a hypothesis is dropped
CANDIDATES = 10
LONG = 18  # letters; longer words have half as many hypotheses and candidates, to be ready in 10 ms
SHARPNESS = 0.5  # exponent of candidate probabilities in the expected error
NEGLIGIBLE = 0.02  # of the first candidate's probability, so sharpened


class LetterToSound:
    """`phones("ubuntu")`; only letters a-z are read. A few milliseconds a word, remembered for 1,024 words."""

    def __init__(self, path: Path = DEFAULT) -> None:
        data = memoryview(content(path))
        try:
            magic, length, _ = HEADER.unpack_from(data)
            if magic != MAGIC:
                raise SpeechError(f"{path} is not a letter-to-sound model of this version; reinstall the package")
            self.graphones: list[tuple[str, Phones]] = []
            for line in bytes(data[HEADER.size : HEADER.size + length]).decode("ascii").splitlines():
                letter, _, phones = line.partition(":")
                self.graphones.append((letter, tuple(phones.split())))
            tagger = Tagger(data, HEADER.size + -(-length // 4) * 4, [letter for letter, _ in self.graphones])
            ngram = Ngram(data, tagger.end)
        except (struct.error, ValueError):
            raise SpeechError(f"{path} is damaged; reinstall the package") from None
        if ngram.end != len(data):
            raise SpeechError(f"{path} is damaged; reinstall the package")
        self.tagger, self.ngram = tagger, ngram
        self.phones = lru_cache(1024)(self._phones)
        self._likely = lru_cache(16)(tagger.likely)  # `doubt` and `phones` ask for the same word in turn
        self._rough = [[_rough(phone) for phone in phones] for _, phones in self.graphones]

    def candidates(self, word: str) -> list[tuple[float, Phones]]:
        """(log probability, phones), best first, for a word of the letters a-z."""
        likely = self._likely(word) if word else []
        share = 2 if len(word) > LONG else 1
        backward = bool(self.ngram.backward)
        log_probability, extend, graphones = self.ngram.log_probability, self.ngram.extend, self.graphones
        # What the letters so far may be: phones -> (log probability, context before, last graphone).
        hypotheses: dict[Phones, tuple[float, list[int], int]] = {(): (0.0, [], START)}
        for choices in reversed(likely) if backward else likely:
            best = sorted(hypotheses.items(), key=lambda entry: -entry[1][0])[: BEAM // share]
            limit = best[0][1][0] - WIDTH if best else 0.0
            hypotheses = {}
            for said, (score, before, last) in best:
                if score < limit:
                    break
                context = extend(before, last)
                for belief, number in choices:
                    if belief < choices[0][0] - UNLIKELY:
                        break
                    token = number + FIRST
                    total = score + belief + NGRAM_SHARE * log_probability(context, token)
                    phones = graphones[number][1]
                    now = phones + said if backward else said + phones
                    known = hypotheses.get(now)
                    if known is None or total > known[0]:
                        hypotheses[now] = (total, context, token)
        found = []
        for phones, (score, before, last) in hypotheses.items():
            found.append((score + NGRAM_SHARE * log_probability(extend(before, last), END), phones))
        found.sort(key=lambda entry: -entry[0])
        return found[: CANDIDATES // share]

    def doubt(self, word: str, phones: Phones) -> float:
        """How much less probable the network finds `phones`, stress and reduction aside, than the best; nats."""
        rough = [_rough(phone) for phone in phones]
        best, reached = 0.0, {0: 0.0}  # phones said so far -> log probability
        for choices in self._likely(word):
            best += choices[0][0] if choices else 0.0
            before, reached = reached, {}
            for said, score in before.items():
                for belief, number in choices:
                    more = self._rough[number]
                    after = said + len(more)
                    if rough[said:after] == more and score + belief > reached.get(after, -math.inf):
                        reached[after] = score + belief
        return best - reached.get(len(rough), -math.inf)

    def _phones(self, word: str) -> Phones:
        letters = "".join(c for c in word if "a" <= c <= "z")
        found = [entry for entry in self.candidates(letters) if entry[1]] if letters else []
        if not found:
            return ()
        top = found[0][0]
        weighed = [(math.exp((score - top) * SHARPNESS), phones) for score, phones in found]
        weighed = [entry for entry in weighed if entry[0] > NEGLIGIBLE]
        # A stress mark that differs counts little: it is heard, but less than another phone.
        risks = [0.0] * len(weighed)
        for i, (weight, phones) in enumerate(weighed):
            for j in range(i):
                edits = distance(phones, weighed[j][1])
                risks[i] += weighed[j][0] * edits
                risks[j] += weight * edits
        return with_secondary(letters, weighed[risks.index(min(risks))][1])


def _plain(phone: str) -> str:
    return "ah" if phone == "ax" else phone.rstrip("012")


def _rough(phone: str) -> str:
    return "ah" if phone == "ih0" else _plain(phone)


def distance(one: Phones, other: Phones) -> float:
    """Edits from one to the other: 1 for another, an added or a missing phone, 0.1 for another stress."""
    # What both begin and end with costs nothing; candidates for one word differ in few places.
    start, end_one, end_other = 0, len(one), len(other)
    while start < end_one and start < end_other and one[start] == other[start]:
        start += 1
    while end_one > start and end_other > start and one[end_one - 1] == other[end_other - 1]:
        end_one, end_other = end_one - 1, end_other - 1
    one, other = one[start:end_one], other[start:end_other]
    plain_other = [_plain(phone) for phone in other]
    row = [float(j) for j in range(len(other) + 1)]
    for i, phone in enumerate(one, 1):
        diagonal, row[0] = row[0], float(i)
        left = row[0]
        plain = _plain(phone)
        for j, against in enumerate(other, 1):
            cost = 0.0 if phone == against else 0.1 if plain == plain_other[j - 1] else 1.0
            cost += diagonal
            diagonal = row[j]
            left = min(cost, left + 1, diagonal + 1)
            row[j] = left
    return row[-1]
