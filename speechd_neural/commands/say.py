"""`speechd-neural say`: speak a text here and now, or write it to a file. No daemon is needed."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import secrets
import sys
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speechd_neural import paths
from speechd_neural.commands.numbers import finite
from speechd_neural.errors import AudioError, Hung, OutputError, SynthesisError, TextError, UsageError, needs
from speechd_neural.files import leave_no_core
from speechd_neural.types import SCALE, Audio, Failed, Kind, Punctuation, Request, Settings

if TYPE_CHECKING:
    from speechd_neural.core.pipeline import Pipeline

LOW, HIGH = SCALE
LIMIT = 8 << 20  # bytes of text; a whole book is less
PICTURES = (".png", ".pdf", ".svg")
_ANSWER, _LEAVE = 7.0, 2.0  # s that a sound device may take to begin, and to be given back


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="*", help="what to say; without it, standard input is read")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write a WAV file instead of playing; - writes raw samples to standard output",
    )
    parser.add_argument(
        "--file", type=Path, metavar="LINES", help="a text file: each line becomes a sound file in --out-dir"
    )
    parser.add_argument(
        "--out-dir",
        type=Path,
        metavar="DIR",
        help="where --file puts its sounds: 0001.wav …, or ID.wav for lines ID<TAB>TEXT",
    )
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw waveform, mel and alignment instead of playing")
    parser.add_argument("--ssml", action="store_true", help="the text is SSML")
    parser.add_argument("--rate", type=finite, default=0, help=f"{LOW} to {HIGH}, beyond {HIGH} faster still (default 0)")
    parser.add_argument("--speed", type=finite, help="a factor in place of --rate: 2 is twice as fast")
    parser.add_argument("--pitch", type=finite, default=0, help=f"{LOW} to {HIGH} (default 0)")
    parser.add_argument("--pitch-range", type=finite, default=0, help=f"{LOW} (monotone) to {HIGH} (default 0)")
    parser.add_argument("--volume", type=finite, default=100, help=f"{LOW} to {HIGH} (default 100)")
    parser.add_argument(
        "--punctuation", choices=[p.value for p in Punctuation], default="none", help="which symbols are named"
    )
    parser.add_argument("--spell", action="store_true", help="letter by letter")
    parser.add_argument("--language", help="of the text, such as en-US; what the voice does not speak is spoken by espeak-ng, "
                        "unless --voice names a voice")  # fmt: skip
    parser.add_argument("--voice", help="a voice's name or directory (see 'speechd-neural voices list')")
    parser.add_argument("--device", help="sound device to play on (default: the system's)")


def run(arguments: argparse.Namespace) -> int:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # one thread is enough, and threads that wait for each other are slower
    leave_no_core()
    settings = Settings(
        rate=arguments.rate, pitch=arguments.pitch, pitch_range=arguments.pitch_range, volume=arguments.volume,
        speed=arguments.speed, punctuation=Punctuation(arguments.punctuation), spelling=arguments.spell,
        language=arguments.language,
        voice=None if arguments.voice is None else Path(arguments.voice).name,  # named, be it by its directory: it speaks
    )  # fmt: skip
    kind = Kind.SSML if arguments.ssml else Kind.TEXT
    if (arguments.file is None) != (arguments.out_dir is None):
        raise UsageError("--file and --out-dir go together: a text file, and the directory for its sounds")
    if arguments.file is not None:
        if arguments.text or arguments.output is not None or arguments.plot is not None:
            raise UsageError("--file takes neither a text nor --output nor --plot: its lines are spoken into --out-dir")
        return _many(arguments, settings, kind)
    if arguments.plot is not None and arguments.plot.suffix.lower() not in PICTURES:
        raise UsageError(f"--plot {arguments.plot}: expected a name that ends in {', '.join(PICTURES)}")
    text = read_text(arguments.text)
    pipeline = _pipeline(arguments.voice)
    request = Request(1, text, kind, settings)
    if arguments.plot is not None:
        _plot(pipeline, request, arguments.plot)
        if arguments.output is None:
            return 0
    if arguments.output == "-":
        return _raw(pipeline, request)
    if arguments.output is not None:
        write(pipeline, request, Path(arguments.output))
        return 0
    return _play(pipeline, request, arguments.device)


def read_text(words: list[str]) -> str:
    """The arguments joined, or standard input. Raises TextError where there is nothing that could be read aloud."""
    if words:
        text = " ".join(words)
    else:
        data = sys.stdin.buffer.read(LIMIT + 1)
        if len(data) > LIMIT:
            raise TextError(f"standard input: more than {LIMIT >> 20} MB of text; split it")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise TextError(f"standard input, line {line}: byte {error.start} is not UTF-8") from None
    if not text.strip():
        raise TextError("there is no text to say; give it as an argument or on standard input")
    return text


def _pipeline(voice: str | None) -> Pipeline:
    from speechd_neural import config
    from speechd_neural.core.means import Means, Options
    from speechd_neural.core.pipeline import Pipeline
    from speechd_neural.core.voices import Voices
    from speechd_neural.text.frontend import FrontEnd
    from speechd_neural.voice.engine import load_engine
    from speechd_neural.voice.languages import language_of
    from speechd_neural.voice.store import find

    wanted = config.load()
    path = find(voice or wanted.voice.name, (paths.user_voices(), paths.packaged_voices()))
    engine = load_engine(path, threads=wanted.device.threads)
    lexicon = wanted.text.lexicon or paths.lexicon_file()
    # Nobody waits at a keyboard: no deadline after which espeak-ng would speak instead.
    front_end = FrontEnd(language_of(path, lexicon, strict=True), digits=wanted.text.digits)
    return Pipeline(Means(front_end, voices=Voices(engine), options=Options(deadline=0)))


def sound(pipeline: Pipeline, request: Request) -> Iterator[bytes]:
    """The utterance's samples, 16-bit, as they are made. Raises SynthesisError when it could not be spoken."""
    for event in pipeline.speak(request, lambda: False, icons=False):
        if isinstance(event, Audio):
            yield event.pcm
        elif isinstance(event, Failed):
            raise SynthesisError(f"the text could not be spoken: {event.reason}")


@contextlib.contextmanager
def _complete(path: Path) -> Iterator[Any]:
    """A file that gets its final name only when it is complete; devices and pipes are written as they are."""
    if path.exists() and not path.is_file():
        content = io.BytesIO()
        yield content
        try:
            path.write_bytes(content.getvalue())
        except OSError as error:
            raise OutputError(f"{path}: {error.strerror}") from None
        return
    # Its name is known before it is there: who interrupts at that very moment leaves nothing either.
    temporary = path.with_name(f".{secrets.token_hex(8)}.partial")
    try:
        with open(temporary, "xb") as file:
            yield file
        os.replace(temporary, path)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def write(pipeline: Pipeline, request: Request, path: Path) -> None:
    """Speak into a WAV file. Nothing is left under its name when speaking fails."""
    rate = pipeline.rate_of()
    with _complete(path) as file, wave.open(file, "wb") as out:
        out.setparams((1, 2, rate, 0, "NONE", ""))  # at once: what ends before would be wave's error, not Ctrl-C
        for pcm in sound(pipeline, request):
            out.writeframes(pcm)


def _many(arguments: argparse.Namespace, settings: Settings, kind: Kind) -> int:
    try:
        lines = arguments.file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise TextError(f"{arguments.file}: byte {error.start} is not UTF-8") from None
    except OSError as error:
        raise TextError(f"{arguments.file}: {error.strerror}") from None
    wanted = []
    for number, line in enumerate(lines, 1):
        name, tab, text = line.partition("\t")
        name, text = (name, text) if tab else (f"{number:04d}", line)
        if not name.isprintable() or "/" in name or name.startswith(".") or not name:
            raise UsageError(
                f"{arguments.file}:{number}: {name!r} is no file name; expected ID<TAB>TEXT or just a text"
            )
        if text.strip():
            wanted.append((number, text, arguments.out_dir / f"{name}.wav"))
    if not wanted:
        raise TextError(f"{arguments.file}: no line with a text in it")
    try:
        arguments.out_dir.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise OutputError(f"{arguments.out_dir}: not a directory") from None
    except OSError as error:
        raise OutputError(f"{error.filename}: {error.strerror}") from None
    pipeline = _pipeline(arguments.voice)
    for number, text, path in wanted:
        write(pipeline, Request(number, text, kind, settings), path)
    return 0


def _raw(pipeline: Pipeline, request: Request) -> int:
    out = sys.stdout.buffer
    for pcm in sound(pipeline, request):
        try:
            out.write(pcm)
            out.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            with contextlib.suppress(OSError):  # the interpreter would try once more at exit, and complain
                os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
            raise OutputError(f"standard output: {error.strerror}") from None
    return 0


def _play(pipeline: Pipeline, request: Request, device: str | None) -> int:
    import numpy as np

    from speechd_neural.audio.output import Output, answered

    sink = Output(pipeline.rate_of(), device, keep_awake=0)
    pieces = sound(pipeline, request)
    first = next(pieces, b"")
    try:
        answered(lambda: sink.play(np.frombuffer(first, np.int16)), _ANSWER)
    except AudioError as error:
        if isinstance(error, Hung):
            sink.give_up()
        path = Path("speech.wav")
        print(f"speechd-neural say: {error}; writing {path} instead", file=sys.stderr)
        write(pipeline, request, path)
        return 0
    try:
        for pcm in pieces:
            sink.play(np.frombuffer(pcm, np.int16))
        if not sink.drain():
            raise AudioError("the sound device has stopped playing")
    finally:
        with contextlib.suppress(Hung):
            answered(sink.close, _LEAVE)
    return 0


def _plot(pipeline: Pipeline, request: Request, path: Path) -> None:
    from speechd_neural.voice.picture import draw

    engine = pipeline.means.voices.active
    front_end = pipeline.means.reader(engine)
    assert engine is not None and front_end is not None
    segments = front_end.segments(request.text, request.kind, request.settings)
    _guarded(lambda: draw(engine, segments, path), path)


def _guarded(action: Callable[[], None], path: Path) -> None:
    try:
        action()
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}") from None
    except ImportError as error:
        raise UsageError(needs("--plot", error.name or "matplotlib", "matplotlib")) from None
