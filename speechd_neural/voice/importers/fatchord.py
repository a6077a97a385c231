"""WaveRNN as github.com/fatchord/WaveRNN writes it: raw 8, 9 or 10 bits, or a mixture of logistics.

A checkpoint does not say what mels it was trained for; the repository's hparams.py beside it does. That file is read
as a list of plain assignments, never executed; without it the repository's own values hold.
"""

from __future__ import annotations

import ast
import math
from pathlib import Path
from typing import Any

from speechd_neural.errors import VoiceError
from speechd_neural.voice.contract import MelContract
from speechd_neural.voice.families.fullband import FAMILY
from speechd_neural.voice.family import Half
from speechd_neural.voice.importers.reading import Imported, State, counted, fitted, renamed, shape
from speechd_neural.voice.models.wavernn import WaveRNN, WaveRNNDims

SETTINGS: dict[str, Any] = {
    "sample_rate": 22050, "n_fft": 2048, "num_mels": 80, "hop_length": 275, "win_length": 1100, "fmin": 40, "bits": 0,
    "mu_law": True, "min_level_db": -100, "fmax": None,
}  # fmt: skip; bits 0: as the weights have them; fmax (only changed copies of the repository have it) None: half the sample rate

RULES = [
    (r"^upsample\.resnet\.conv_in\.", "frame_network.enter."),
    (r"^upsample\.resnet\.batch_norm\.", "frame_network.enter_norm."),
    (r"^upsample\.resnet\.layers\.(\d+)\.conv1\.", r"frame_network.blocks.\1.first."),
    (r"^upsample\.resnet\.layers\.(\d+)\.conv2\.", r"frame_network.blocks.\1.second."),
    (r"^upsample\.resnet\.layers\.(\d+)\.batch_norm1\.", r"frame_network.blocks.\1.first_norm."),
    (r"^upsample\.resnet\.layers\.(\d+)\.batch_norm2\.", r"frame_network.blocks.\1.second_norm."),
    (r"^upsample\.resnet\.conv_out\.", "frame_network.leave."),
    (r"^I\.", "enter."),
]


def recognises(state: State) -> bool:
    return "upsample.resnet.conv_in.weight" in state and "I.weight" in state


def wavernn(path: Path, public: State, bits: int, mu_law: bool) -> tuple[WaveRNNDims, State]:
    """The weights under the reference model's names. bits: what they must be, 0: as the output layer has them."""
    state = renamed(public, RULES)
    state.pop("step", None)
    scales: list[int] = []
    while (name := f"upsample.up_layers.{2 * len(scales) + 1}.weight") in state:
        kernel = state.pop(name)
        if kernel.ndim != 4 or kernel.shape[:3] != (1, 1, 1) or kernel.shape[3] % 2 == 0:
            raise VoiceError(f"{path}: {name}: shape {list(kernel.shape)}; expected [1, 1, 1, 2 · scale + 1]")
        state[f"stretch.smooth.{len(scales)}"] = kernel[0]
        scales.append(kernel.shape[3] // 2)
    residual, n_mels, reach = shape(path, state, "frame_network.enter.weight", 3)
    outputs, fc = shape(path, state, "fc3.weight", 2)
    blocks = counted(state, "frame_network.blocks.{}.first.weight")
    mixture = outputs == 30
    found = outputs.bit_length() - 1
    if not mixture and (outputs != 2**found or found not in (8, 9, 10)):
        raise VoiceError(f"{path}: fc3: {outputs} outputs; accepted: 256, 512, 1024 classes or 30 numbers of a mixture")
    if not mixture and bits not in (0, found):
        raise VoiceError(f"{path}: {found} bits in the weights, {bits} in the settings beside it")
    auxiliary = shape(path, state, "frame_network.leave.weight", 3)[0]
    if not scales or auxiliary % 4 or reach % 2 == 0 or reach < 5:
        raise VoiceError(f"{path}: not a WaveRNN of this kind: {len(scales)} stretching layers, auxiliary width {auxiliary}")
    dims = WaveRNNDims(
        n_mels=n_mels, scales=tuple(scales), bits=8 if mixture else found, output="mixture" if mixture else "classes",
        mu_law=mu_law and not mixture, gru=shape(path, state, "rnn1.weight_hh_l0", 2)[1], fc=fc, residual_blocks=blocks,
        residual=residual, auxiliary=auxiliary, pad=reach // 2,
    )  # fmt: skip
    state = renamed(state, [(r"^rnn([12])\.", r"gru\1.")])
    return dims, fitted(path, state, lambda: WaveRNN(dims))


def vocoder_half(dims: WaveRNNDims, contract: MelContract, options: dict[str, float]) -> Half:
    sizes = {
        "n_features": dims.n_mels, "pad": dims.pad, "residual": dims.residual, "residual_blocks": dims.residual_blocks,
        "auxiliary": dims.auxiliary, "gru": dims.gru, "fc": dims.fc, "outputs": dims.n_outputs,
    }  # fmt: skip
    return Half(FAMILY.name, contract, sizes, {"temperature": 1.0, "mu_law": float(dims.mu_law), **options})


def settings(path: Path) -> dict[str, Any]:
    """The repository's values, replaced by those in hparams.py beside the checkpoint where there is one."""
    file = path.parent / "hparams.py"
    found = dict(SETTINGS)
    if not file.is_file():
        return found
    try:
        statements = ast.parse(file.read_text(encoding="utf-8")).body
    except (SyntaxError, ValueError, OSError, RecursionError, MemoryError) as error:
        raise VoiceError(f"{file}: cannot be read as assignments: {error or type(error).__name__}") from None
    for statement in statements:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            if name not in found:
                continue
            try:
                value = ast.literal_eval(statement.value)
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                raise VoiceError(f"{file}:{statement.lineno}: {name}: not a plain value") from None
            kinds = (int, float) if name in ("fmin", "fmax", "min_level_db") else (type(found[name]),)
            if type(value) not in kinds and not (name == "fmax" and value is None):
                raise VoiceError(f"{file}:{statement.lineno}: {name}: {value!r}; expected {kinds[-1].__name__}")
            found[name] = value
    return found


def contract_of(found: dict[str, Any]) -> MelContract:
    """utils/dsp.py: librosa's filters up to half the sample rate; said in natural logarithms (INPUT turns them back)."""
    return MelContract(
        sample_rate=found["sample_rate"], n_fft=found["n_fft"], hop_length=found["hop_length"],
        win_length=found["win_length"], n_mels=found["num_mels"], f_min=float(found["fmin"]),
        f_max=float(found["fmax"] or found["sample_rate"] / 2), scale="slaney", normalized=True, power=1.0, log_base="e",
        floor=1e-5, centered=True, pitch=False,
    )  # fmt: skip


def check_settings(path: Path, found: dict[str, Any]) -> None:
    if found["min_level_db"] >= 0:
        raise VoiceError(f"{path.parent / 'hparams.py'}: min_level_db: {found['min_level_db']}; expected a level below 0")
    highest = found["sample_rate"] / 2
    if not 0 <= found["fmin"] < (found["fmax"] or highest) <= highest:
        raise VoiceError(f"{path.parent / 'hparams.py'}: fmin, fmax: {found['fmin']}, {found['fmax']}; expected frequencies "
                         f"from 0 to half of {found['sample_rate']} Hz")  # fmt: skip


def read(path: Path, public: State) -> Imported:
    found = settings(path)
    check_settings(path, found)
    dims, state = wavernn(path, public, found["bits"], found["mu_law"])
    contract = contract_of(found)
    if dims.hop_length != contract.hop_length or dims.n_mels != contract.n_mels:
        raise VoiceError(f"{path}: hop {dims.hop_length}, {dims.n_mels} mel bands in the weights, {contract.hop_length} and "
                         f"{contract.n_mels} in the settings; put the repository's hparams.py beside the file")  # fmt: skip
    gain = 20.0 / math.log(10.0) / -found["min_level_db"]
    return Imported(path, vocoder_half(dims, contract, {"input_gain": gain, "input_shift": 1.0}), state)
