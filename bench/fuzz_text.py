"""Feed the text front end with whatever breaks it (needs `pip install atheris`).

    python bench/fuzz_text.py --minutes 10

starts from bench/fuzz_corpus/text and keeps the inputs that reach new code there, reduced to a small set at the end. Checked for
every input: no exception, every mark once and in order, well-formed segments, and work in proportion to the length.
An input that fails is written to the current directory as crash-* (libFuzzer's way).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FunctionType

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "bench" / "fuzz_corpus" / "text"
SLOWEST = 5e-3  # seconds a code point, under instrumentation and all words unknown; quadratic work is far above
FIXED = 1.0  # seconds
PLAIN = ("g2p", "dictionary", "morphology")  # arithmetic and search over tables: not instrumented, which would only slow it


def fuzz(arguments: list[str]) -> None:
    import atheris

    sys.path.insert(0, str(ROOT))
    from speechd_neural.text.english.language import English
    from speechd_neural.text.frontend import FrontEnd
    from speechd_neural.text.ssml import MarkAt, scan
    from speechd_neural.types import Capitals, Kind, Punctuation, Settings
    from tests.text.segments import check

    front_end = FrontEnd(English(), dictionaries=())
    list(front_end.segments("Read the dictionaries, 1 zyxgrmpf."))  # before any clock runs
    instrument(atheris.instrument_func)
    kinds, levels, capitals = list(Kind), list(Punctuation), list(Capitals)

    @atheris.instrument_func
    def one(data: bytes) -> None:
        if len(data) < 2:
            return
        text = data[2:].decode("utf-8", "surrogateescape")
        kind = kinds[data[0] % len(kinds)]
        asked = Settings(
            punctuation=levels[data[1] % 4],
            capitals=capitals[data[1] // 4 % 3],
            spelling=data[1] // 12 % 2 == 1,
            language=(None, "en", "de", "c")[data[1] // 24 % 4],
        )
        began = time.process_time()
        segments = list(front_end.segments(text, kind, asked))
        spent = time.process_time() - began
        check(text, segments)
        if kind is Kind.SSML:
            expected = [piece.name for piece in scan(text) if isinstance(piece, MarkAt)]
            assert [mark.name for segment in segments for mark in segment.marks] == expected
        assert spent < FIXED + SLOWEST * len(text), f"{spent:.2f} s for {len(text)} code points"

    atheris.Setup(arguments, one)
    atheris.Fuzz()


def instrument(patch: Callable[[FunctionType], object]) -> None:
    """Make every function of the text package report which way it went.

    Instrumenting while importing would be simpler, but passes over modules that another loader has found.
    """
    for name, module in list(sys.modules.items()):
        if not name.startswith("speechd_neural.text.") or name.endswith(PLAIN):
            continue
        owners = [module, *(one for one in vars(module).values() if isinstance(one, type) and one.__module__ == name)]
        for owner in owners:
            for one in list(vars(owner).values()):
                function = one.__func__ if isinstance(one, staticmethod) else one
                if isinstance(function, FunctionType) and function.__module__ == name:
                    patch(function)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--longest", type=int, default=2000, help="bytes of an input")
    parser.add_argument("--most", type=int, default=150, help="inputs kept in the corpus")
    options = parser.parse_args()
    CORPUS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as found:
        command = [sys.executable, __file__, "--fuzz", found, str(CORPUS), f"-max_total_time={int(options.minutes * 60)}",
                   f"-max_len={options.longest}", "-timeout=20", "-rss_limit_mb=4096", "-print_final_stats=1"]  # fmt: skip
        status = subprocess.run(command, check=False).returncode
        keep(Path(found), options.most)
    print(f"front end fuzzed for {options.minutes:g} minutes, exit status {status}, corpus {len(list(CORPUS.iterdir()))} inputs")
    return status


def keep(found: Path, most: int) -> None:
    """Save the smallest of the new inputs, named by their content, up to `most` in all."""
    import hashlib

    room = most - len(list(CORPUS.iterdir()))
    for path in sorted(found.iterdir(), key=lambda path: path.stat().st_size)[: max(room, 0)]:
        data = path.read_bytes()
        (CORPUS / hashlib.sha1(data, usedforsecurity=False).hexdigest()[:16]).write_bytes(data)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if sys.argv[1:2] == ["--fuzz"]:
        fuzz([sys.argv[0], *sys.argv[2:]])
    else:
        sys.exit(main())
