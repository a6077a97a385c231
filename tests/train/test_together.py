"""Two processes that torchrun starts make the same model as one."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from speechd_neural.errors import UsageError
from speechd_neural.text.english.symbols import SYMBOLS
from speechd_neural.train import corpus, features, multiband, tacotron2, together
from speechd_neural.train.checkpoint import load_checkpoint
from speechd_neural.train.teachers import Item
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.models.multiband import MultiBandDims
from speechd_neural.voice.models.tacotron2 import Tacotron2Dims

CONTRACT = MelContract()
LAYOUT = features.Layout(CONTRACT, 4, SYMBOLS)
TACOTRON = {
    "n_symbols": len(SYMBOLS), "embedding": 16, "encoder": 16, "prenet": 8, "attention_rnn": 16, "attention": 8,
    "decoder_rnn": 16, "postnet": 8,
}  # fmt: skip
VOCODER = {"conditioning": 16, "gru": 16, "hidden": 16}
OPTIONS: dict[str, Any] = {"minutes": 60, "updates": 5, "half": False, "progress": False, "seed": 3}
TEXTS = ["good morning", "nine", "B", "open the window", "seven of them", "ay", "the other one", "no"]
BOTH = """
import json, sys
from pathlib import Path
from speechd_neural.train import multiband, tacotron2
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.models.multiband import MultiBandDims
from speechd_neural.voice.models.tacotron2 import Tacotron2Dims
shards, out, acoustic, vocoder, options = (json.loads(a) for a in sys.argv[1:])
options |= {"contract": MelContract()}
against = {"adversarial": 0.1, "adversarial_from": 0}
tacotron2.train(Path(shards), Path(out), dims=Tacotron2Dims(**acoustic), budget=120, **against, **options)
for updates in (2, options.pop("updates")):  # the second goes on from the first
    multiband.train(Path(shards), Path(out), dims=MultiBandDims(**vocoder), batch=6, updates=updates, **options)
"""


def torchrun(*command: str) -> subprocess.CompletedProcess[str]:
    run = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", *command]
    return subprocess.run(run, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("shards")
    corpus.generate([Item(f"w{i}", t) for i, t in enumerate(TEXTS)], directory / "corpus", "rms", 1)
    features.pack_corpus(corpus.read_corpus(directory / "corpus"), LAYOUT, directory / "features", 1)
    return directory / "features"


def test_two_processes_make_the_model_that_one_makes(shards: Path, tmp_path: Path) -> None:
    script = tmp_path / "both.py"
    script.write_text(BOTH)
    values = (str(shards), str(tmp_path / "two"), TACOTRON, VOCODER, OPTIONS)
    done = torchrun(str(script), *map(json.dumps, values))
    assert done.returncode == 0, done.stderr[-3000:]
    one = tmp_path / "one"
    tacotron2.train(
        shards, one, contract=CONTRACT, dims=Tacotron2Dims(**TACOTRON), budget=120, shards_of_batch=2, adversarial=0.1,
        adversarial_from=0, **OPTIONS,
    )  # fmt: skip
    for updates in (2, 5):
        dims = MultiBandDims(**VOCODER)
        multiband.train(
            shards, one, contract=CONTRACT, dims=dims, batch=6, shards_of_batch=2, **OPTIONS | {"updates": updates}
        )
    for name in ("tacotron2", "multiband"):
        made, wanted = (load_checkpoint(tmp_path / count / f"{name}.pt") for count in ("two", "one"))
        assert made["step"] == wanted["step"] == 5
        for key, value in wanted["model"].items():
            torch.testing.assert_close(made["model"][key], value, rtol=2e-4, atol=2e-6, msg=f"{name} {key}")
    # ... and without the other shard's gradients it would be another one.
    alone = multiband.train(shards, tmp_path / "alone", contract=CONTRACT, dims=MultiBandDims(**VOCODER), batch=6, **OPTIONS)
    other = load_checkpoint(alone)["model"]
    assert any(not torch.allclose(other[k], v, rtol=2e-3, atol=2e-5) for k, v in wanted["model"].items())


def test_the_command_says_once_where_the_model_is(shards: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    widths = [part for name, size in VOCODER.items() for part in ("--set", f"{name}={size}")]
    done = torchrun(
        "-m", "speechd_neural", "train", "vocoder", "--features", str(shards), "--out", str(out), "--minutes", "0.01", *widths
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split() == [str(out / "multiband.pt")]
    assert [path.name for path in out.iterdir()] == ["multiband.pt"]


def test_more_processes_than_streams_are_refused(shards: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="4 processes; accepted: 3 at most"):
        multiband.train(
            shards, tmp_path, contract=CONTRACT, dims=MultiBandDims(**VOCODER), batch=3, shards_of_batch=4, **OPTIONS
        )


def test_every_row_of_a_batch_belongs_to_one_shard() -> None:
    shared = together.Together(shards=3)
    for batch in (1, 2, 7):
        rows = sorted(row for shard in range(3) for row in range(batch)[shared.rows(batch, shard)])
        assert rows == list(range(batch))
