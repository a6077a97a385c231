"""What the scripts share that read files which somebody names: where one cannot be read they end with one line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from speechd_neural.errors import OutputError, SpeechError, TextError


def run(main: Callable[[], None]) -> None:
    """Run a script's `main`; its errors end it as those of the program's own commands do."""
    try:
        main()
    except SpeechError as error:
        end(error)
    except OSError as error:
        if error.filename is None:
            raise
        end(OutputError(f"{error.filename}: {error.strerror}"))


def end(error: SpeechError) -> None:
    print(f"bench/{Path(sys.argv[0]).name}: {error}", file=sys.stderr)
    sys.exit(error.exit_status)


def text_of(path: Path, accepted: str) -> str:
    """Raises TextError that says what is accepted."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TextError(f"{path}: byte {error.start} is not UTF-8; accepted: {accepted}") from None
    except OSError as error:
        raise TextError(f"{path}: {error.strerror}; accepted: {accepted}") from None
    if not text.strip():
        raise TextError(f"{path}: empty; accepted: {accepted}")
    return text
