"""text/ itself knows no language: it imports none, and says no word that a language has not given it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Capitals, Kind, Punctuation, Settings
from tests.tok.language import ALPHABET, DIGITS, KEYS, WORDS, TokiPona

TEXT = Path(__file__).parents[2] / "speechd_neural" / "text"
# All that Toki Pona as it is in tests/tok can say, and the letters by themselves.
SAYS = {*WORDS, *" ".join(DIGITS).split(), *KEYS.values(), "suli", "pini", "awen", "wawa", "seme", "nanpa", "weka", *ALPHABET}
INPUTS = [
    "toki! jan li moku e ni.", "3 jan, 27 tomo", "A", "a", "#", "##### ....", "!?", "👍🏽 toki 👨‍👩‍👧 ©",
    "½ + 5% = $3.50 at 3:30",
    "Dr. Smith, e.g. No. 5", "café € ☺ → ␣ π", "JAN Pona toki.Jan", "https://x.org/a?b=1", "x" * 300, "", " ", "\t\n",
]  # fmt: skip
MARKUP = [
    '<speak>toki <say-as interpret-as="characters">jan 5#</say-as> <break/> <emphasis>pona</emphasis></speak>',
    '<speak><say-as interpret-as="date" format="dmy">1.2.2020</say-as> <sub alias="jan">J</sub></speak>',
    '<speak><phoneme ph="a">jan</phoneme><phoneme ph="a"/> <say-as interpret-as="tts:key">Control_space</say-as></speak>',
]
KEY_NAMES = ["control_a", "Return", "space", "shift_Tab", "F5", "kp-enter", "A", "3"]


def test_no_more_files_than_a_stranger_can_look_through() -> None:
    assert len(list(TEXT.glob("*.py"))) <= 17


def test_nothing_here_imports_a_language() -> None:
    for path in TEXT.glob("*.py"):
        imports = [line for line in path.read_text("utf-8").splitlines() if line.lstrip().startswith(("import ", "from "))]
        assert not any("english" in line for line in imports), path.name


@pytest.mark.parametrize("capitals", list(Capitals))
@pytest.mark.parametrize("level", list(Punctuation))
def test_no_word_is_said_that_the_language_has_not(level: Punctuation, capitals: Capitals) -> None:
    front_end = FrontEnd(TokiPona(), dictionaries=())
    requests = [(text, Kind.TEXT) for text in INPUTS] + [(text, Kind.CHAR) for text in INPUTS]
    requests += [(text, Kind.SSML) for text in MARKUP] + [(key, Kind.KEY) for key in KEY_NAMES]
    for spelling in (False, True):
        for text, kind in requests:
            settings = Settings(punctuation=level, capitals=capitals, spelling=spelling)
            written = {word.strip(".,!?#").lower() for word in text.replace("<", " ").replace(">", " ").split()}
            for segment in front_end.segments(text, kind, settings):
                assert set(segment.symbols) <= {*ALPHABET, " ", ",", ".", "?", "!"}
                for word in segment.text.replace(",", " ").replace(".", " ").replace("!", " ").replace("?", " ").split():
                    own = any(word.lower() in one for one in written)
                    assert own or word.lower() in SAYS, (text, kind, word)


def test_english_is_loaded_only_where_it_is_spoken(tmp_path: Path) -> None:
    code = (
        "import sys; from speechd_neural.text import wings; wings.WINGS.append('tests.tok')\n"
        "from speechd_neural.text.frontend import FrontEnd\n"
        "front_end = FrontEnd(wings.open_language('tok'))\n"
        "assert [segment.text for segment in front_end.segments('toki 3')] == ['toki tu wan.']\n"
        "print([name for name in sys.modules if 'english' in name or name == 'num2words'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=TEXT.parents[1])
    # The package itself, for its TAGS: nothing of it besides.
    assert done.stdout.strip() == "['speechd_neural.text.english']"
