"""Two checkpoints become a voice that speaks; what does not fit is refused by name."""

from pathlib import Path

import numpy as np
import pytest
import torch

from speechd_neural.cli import main
from speechd_neural.errors import VoiceError
from speechd_neural.text.english.symbols import SYMBOLS
from speechd_neural.train.checkpoint import Run
from speechd_neural.train.export import export_voice, read_half
from speechd_neural.types import Segment
from speechd_neural.voice.bundle import load
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.engine import load_engine
from speechd_neural.voice.models.multiband import MultiBandDims, MultiBandWaveRNN
from tests.toy_voice import CONTRACT, models, walk, write_toy_voice


def checkpoint(path: Path, model: torch.nn.Module, contract: MelContract) -> Path:
    from dataclasses import asdict

    description = {"dims": asdict(model.dims), "contract": asdict(contract)}  # type: ignore[arg-type]
    run = Run(path, model, rate=1e-3, minutes=1, updates=None, description=description, amount="steps", progress=False)
    run.save()
    return path


def test_a_checkpoint_of_something_else_is_named(tmp_path: Path) -> None:
    torch.save({"weights": torch.zeros(3)}, tmp_path / "x.pt")
    with pytest.raises(VoiceError, match=r"x\.pt: not a checkpoint of this trainer; it lacks average, contract, dims"):
        read_half(tmp_path / "x.pt", "multiband", {})
    path = checkpoint(
        tmp_path / "multiband.pt", MultiBandWaveRNN(MultiBandDims(gru=32, hidden=16, conditioning=16)), MelContract()
    )
    with pytest.raises(VoiceError, match=r"multiband\.pt: a multiband checkpoint; expected one of tacotron2"):
        read_half(path, "tacotron2", {})
    found = read_half(path, "multiband", {"temperature": 0.5})
    assert found.half.dims["gru"] == 32 and found.half.options == {"temperature": 0.5}
    assert found.state["gru.weight_hh"].shape == (96, 32)


def test_halves_for_different_mels_are_refused(tmp_path: Path) -> None:
    from speechd_neural.voice.models.tacotron2 import Tacotron2, Tacotron2Dims

    acoustic = checkpoint(
        tmp_path / "t.pt", Tacotron2(Tacotron2Dims(n_symbols=len(SYMBOLS), encoder=64)), MelContract()
    )
    vocoder = checkpoint(tmp_path / "v.pt", MultiBandWaveRNN(MultiBandDims()), MelContract(f_max=7600.0))
    with pytest.raises(VoiceError, match=r"f_max: acoustic 8000\.0, vocoder 7600\.0"):
        list(
            export_voice(
                acoustic,
                vocoder,
                tmp_path / "out",
                name="x",
                languages=["en"],
                licence="none",
                provenance="test",
                temperature=1.0,
            )
        )


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    """Of `train export`, for a Tacotron 2 in t.pt that has yet to be made."""
    checkpoint(tmp_path / "v.pt", models()[1], CONTRACT)
    given = {"tacotron2": tmp_path / "t.pt", "vocoder": tmp_path / "v.pt", "out": tmp_path / "voices" / "x"}
    words = [f"--{option}={value}" for option, value in given.items()]
    return ["train", "export", *words, "--name=x", "--licence=none", "--provenance=test"]


def test_a_voice_that_cannot_speak_leaves_nothing(
    tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "voices" / "x"
    checkpoint(tmp_path / "t.pt", models()[0], CONTRACT)
    assert main(arguments) == 6
    told = capsys.readouterr().err
    assert "x cannot speak yet: " in told and told.endswith(f"; {out} is not written\n") and told.count("\n") == 1
    assert not out.parent.exists()
    # One that was there before stays as it was.
    write_toy_voice(out)
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    assert main(arguments) == 6
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before


def exported(tmp_path: Path, arguments: list[str]) -> Path:
    """A voice that can speak, exported."""
    acoustic = models()[0]
    walk(acoustic)
    checkpoint(tmp_path / "t.pt", acoustic, CONTRACT)
    assert main(arguments) == 0
    return tmp_path / "voices" / "x"


def test_a_voice_that_speaks_is_written(
    tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = exported(tmp_path, arguments)
    told = capsys.readouterr().out
    assert "words a minute" in told and f"{out}: " in told
    assert load_engine(out).info.name == "x"
    assert load(out).manifest.acoustic.options["words_per_minute"] > 0


def test_a_voice_is_given_another_pace(
    tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = exported(tmp_path, arguments)
    own = load(out).manifest.acoustic.options["words_per_minute"]
    assert main([*arguments, f"--pace={0.8 * own}"]) == 0
    assert "its networks speak" in capsys.readouterr().out
    assert load(out).manifest.acoustic.options["stretch"] == pytest.approx(1.25, abs=0.01)
    assert main([*arguments, f"--pace={4 * own}"]) == 4
    assert "the stretch to that pace: 0.25; accepted: 0.5 to 2" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*arguments, "--pace=0"])
    assert "--pace: '0': expected a number above 0" in capsys.readouterr().err


def test_a_bundle_speaks(tmp_path: Path) -> None:
    path = write_toy_voice(tmp_path / "toy")
    engine = load_engine(Path(path) if path else tmp_path / "toy")
    chunks = list(engine.synthesize(Segment(symbols=("b", "iy1", ".")), seed=1, cancelled=lambda: False))
    assert np.concatenate([c.samples for c in chunks]).std() > 0
