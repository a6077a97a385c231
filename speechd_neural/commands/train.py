"""`speechd-neural train`: from a text file to a voice, one step a subcommand (docs/developers/training.md walks through them)."""

from __future__ import annotations

import argparse
import errno
import os
from collections.abc import Mapping
from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speechd_neural.commands.train_arguments import add_steps
from speechd_neural.errors import OutputError, TextError, UsageError
from speechd_neural.paths import packaged_voices

if TYPE_CHECKING:
    from speechd_neural.voice.family import Family


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_steps(parser)


def read_lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise TextError(f"{path}: byte {error.start} is not UTF-8") from None
    except OSError as error:
        raise TextError(f"{path}: {error.strerror}") from None


def with_widths(dims: Any, settings: list[str]) -> Any:
    """`dims` with the layer widths of --set. Raises UsageError naming what is accepted."""
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
        place = error.filename or getattr(arguments, "out", None)  # a write that fails names no file
        if place is None or error.strerror is None:
            raise
        kept = "; what was made is kept, the next start goes on" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        raise OutputError(f"{place}: {error.strerror}{kept}") from None


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
    from speechd_neural.voice.store import SMALL

    read_corpus(arguments.corpus)  # before anything is written into what is no corpus
    aligned, left_out = align_corpus(arguments.corpus, arguments.voice or packaged_voices() / SMALL)
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
    from speechd_neural.voice.families import ACOUSTICS

    against = {"adversarial": arguments.adversarial, "adversarial_from": arguments.adversarial_from}
    return _train(ACOUSTICS, arguments, **against)


def vocoder(arguments: argparse.Namespace) -> int:
    from speechd_neural.voice.families import VOCODERS

    return _train(VOCODERS, arguments)


def _train(families: Mapping[str, Family], arguments: argparse.Namespace, **more: float) -> int:
    """Train the family of these that is trained here, as wide as its own sizes, the features and --set say."""
    import torch

    from speechd_neural.train.features import read_layout
    from speechd_neural.train.precision import half_is_quick
    from speechd_neural.voice.families import trained_here

    family, layout = trained_here(families), read_layout(arguments.features)
    told = {"n_symbols": len(layout.symbols), "n_features": layout.contract.n_features, "bands": layout.bands}
    assert family.model is not None
    dims_type, _ = family.model()
    dims = dims_type(**{size.name: told[size.name] for size in fields(dims_type) if size.name in told})
    trainer = import_module(f"speechd_neural.train.{family.trainer}")
    try:
        torch.set_num_threads(arguments.threads)
    except RuntimeError:
        raise UsageError(f"--threads {arguments.threads}: expected 1 or more") from None
    try:
        torch.empty(0, device=arguments.device)
    except (RuntimeError, AssertionError):  # the second where PyTorch was built without it
        raise UsageError(f"--device {arguments.device}: PyTorch has no such device here; cpu is always there") from None
    half = half_is_quick(arguments.device) if arguments.half is None else arguments.half
    path = trainer.train(
        arguments.features, arguments.out, contract=layout.contract, dims=with_widths(dims, arguments.set),
        minutes=arguments.minutes, rate=arguments.rate, half=half, device=arguments.device,
        seed=arguments.seed, start=arguments.start, **more,
    )  # fmt: skip
    if os.environ.get("RANK", "0") == "0":  # of the processes that torchrun started, one tells it
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
        temperature_top=arguments.temperature_top, temperature_unvoiced=arguments.temperature_unvoiced,
        comb=arguments.comb, features=arguments.features, words_per_minute=arguments.pace,
    ):  # fmt: skip
        print(line)
    return 0


def evaluate(arguments: argparse.Namespace) -> int:
    from speechd_neural.train.evaluate import evaluate_voice
    from speechd_neural.voice.store import SMALL

    for line in evaluate_voice(arguments.voice or packaged_voices() / SMALL, arguments.corpus, arguments.count):
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
