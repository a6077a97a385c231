"""CMUdict's text to the packaged dictionary, in the phones that the teacher's labels have.

The labels of flite differ from CMUdict in few, regular ways (counted over the 2,450 most frequent words of a
corpus: 93 % were equal before these rules, secondary stress counted as stress): no stress in a first in-/im- and a
last -y that CMUdict gives a secondary one; -ted and -ded end in ax d. What remains is listed in text/english/data/teacher.txt;
what CMUdict has wrong, in corrections.txt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from speechd_neural.errors import TextError
from speechd_neural.text.english.pronounce import dictionary
from speechd_neural.types import Phones

TEACHER_WORDS = dictionary.DEFAULT.with_name("teacher.txt")
CORRECTIONS = dictionary.DEFAULT.with_name("corrections.txt")
_WORD = re.compile(r"[a-z'.\-]+")
_PHONE = re.compile(r"[A-Z]{1,2}[0-2]?")


def read_cmudict(path: Path) -> Iterator[tuple[str, list[str]]]:
    """(word, ARPAbet with stress) of every line of a cmudict.dict, variants included, in its order.

    Raises TextError that names the line where the file is not UTF-8 or something else than a dictionary.
    """
    try:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                fields = line.partition("#")[0].split()
                if len(fields) == 1 or not all(map(_PHONE.fullmatch, fields[1:])):
                    raise TextError(f"{path}:{number}: expected a word and its phones in ARPAbet, such as 'hello HH AH0 L OW1'")
                if fields:
                    yield re.sub(r"\(\d+\)$", "", fields[0]), fields[1:]
    except UnicodeDecodeError:
        raise TextError(f"{path}: not UTF-8; accepted is cmudict.dict, not the older cmudict-0.7b") from None


def to_symbols(word: str, arpabet: list[str], reduce: bool = True) -> Phones:
    """CMUdict phones as the teacher labels them; `reduce`: -ted and -ded too, which CMUdict mostly has with IH0."""
    phones = [phone.lower() for phone in arpabet]
    stressed = sum(phone.endswith("1") for phone in phones)
    if stressed and len(phones) > 2 and phones[0] == "ih2" and phones[1] in ("n", "m"):
        phones[0] = "ih0"
    if stressed:
        for i, phone in enumerate(phones):
            if phone == "iy2" and (i == len(phones) - 1 or phones[i + 1] == "ah0"):
                phones[i] = "iy0"
    if reduce and word.endswith(("ted", "ded")) and phones[-3:] in (["t", "ih0", "d"], ["d", "ih0", "d"]):
        phones[-2] = "ah0"
    return tuple("ax" if phone == "ah0" else phone for phone in phones)


def read_teacher_words(path: Path = TEACHER_WORDS) -> dict[str, Phones]:
    entries = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        word, equals, phones = line.partition(" = ")
        if equals and not line.startswith("#"):
            entries[word] = tuple(phones.split())
    return entries


def build(source: Path, destination: Path = dictionary.DEFAULT) -> int:
    """Write the packaged dictionary from a cmudict.dict: the first variant of each word. Returns the number of words."""
    entries = read_teacher_words() | read_teacher_words(CORRECTIONS)
    for word, arpabet in read_cmudict(source):
        if _WORD.fullmatch(word):
            entries.setdefault(word, to_symbols(word, arpabet))
    dictionary.write(destination, entries.items())
    return len(entries)
