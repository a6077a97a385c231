"""Two checkpoints become a voice: each file's family is known by its weights' names, the halves must fit each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from speechd_neural.errors import VoiceError
from speechd_neural.voice.bundle import Manifest, write_bundle
from speechd_neural.voice.download import CHECKPOINTS
from speechd_neural.voice.families import ACOUSTICS
from speechd_neural.voice.importers import fatchord, nvidia, own, tacotron1, torchaudio
from speechd_neural.voice.importers.reading import Imported, read_checkpoint, weights_of

KNOWN = "torchaudio's Tacotron2 and WaveRNN, NVIDIA/tacotron2, fatchord/WaveRNN (both its models), this program's own training"


def read_half(path: Path) -> Imported:
    """Raises VoiceError that names the file and what is wrong with it."""
    checkpoint = read_checkpoint(path)
    if own.recognises(checkpoint):
        return own.read(path, checkpoint)
    state = weights_of(path, checkpoint)
    if nvidia.recognises(state):
        return nvidia.read(path, state)
    if torchaudio.recognises_tacotron2(state):
        return torchaudio.read_tacotron2(path, state)
    if torchaudio.recognises_wavernn(state):
        return torchaudio.read_wavernn(path, state)
    if fatchord.recognises(state):
        return fatchord.read(path, state)
    if tacotron1.recognises(state):
        return tacotron1.read(path, state)
    raise VoiceError(f"{path}: weights of no known kind; accepted: {KNOWN}")


def files_of(paths: Sequence[Path]) -> list[Path]:
    """The two checkpoint files: as they are given, or those in the one directory that is given."""
    if len(paths) == 1 and paths[0].is_dir():
        found = sorted(p for p in paths[0].iterdir() if p.suffix in CHECKPOINTS)
        if len(found) != 2:
            raise VoiceError(f"{paths[0]}: {len(found)} checkpoints ({', '.join(CHECKPOINTS)}); a voice is made of two, "
                             "an acoustic model and a vocoder")  # fmt: skip
        return found
    if len(paths) != 2:
        raise VoiceError("a voice is made of two checkpoints, an acoustic model and a vocoder; give both, or their directory")
    return list(paths)


def import_voice(
    paths: Sequence[Path], out: Path, *, name: str, languages: Sequence[str], licence: str, provenance: str
) -> dict[str, float]:
    """Write the voice directory `out`; returns the relative quantization error of every int8 matrix.

    Raises VoiceError, with a table of what differs where the halves were trained for different mels.
    """
    halves = [read_half(path) for path in files_of(paths)]
    halves.sort(key=lambda h: h.half.family not in ACOUSTICS)
    acoustic, vocoder = halves
    acoustics = sum(half.half.family in ACOUSTICS for half in halves)
    if acoustics != 1:
        kind = "acoustic models" if acoustics else "vocoders"
        raise VoiceError(f"{acoustic.path} and {vocoder.path} are both {kind}; a voice has one of each")
    if different := acoustic.half.contract.differences(vocoder.half.contract):
        rows = [("", str(acoustic.path.name), str(vocoder.path.name)), *((n, str(a), str(b)) for n, a, b in different)]
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        table = "\n".join("  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows)
        raise VoiceError("the two halves were trained for different mels and cannot speak together; use halves that were "
                         "trained alike, or put the hparams.py that a fatchord/WaveRNN model was trained with beside it:\n"
                         + table)  # fmt: skip
    manifest = Manifest(
        name=name, languages=tuple(languages), licence=licence, provenance=provenance, symbols=acoustic.symbols,
        acoustic=acoustic.half, vocoder=vocoder.half, reads=acoustic.reads,
    )  # fmt: skip
    return write_bundle(out, acoustic.state, vocoder.state, manifest)
