"""Full-band WaveRNN (Kalchbrenner et al. 2018) in the form most public voices use: two residual GRUs, conditioned by the
mel stretched to the sample rate and by a residual network over frames.

Shapes: T frames, N = T · hop samples, F mel bands, A = auxiliary width / 4.

    mel frames, padded by `pad` either side → stretched and smoothed            m [N, F]
                                            → residual network, repeated hop ×   a1 … a4 [N, A] each
    x = fc(previous sample, m, a1);  x += gru1(x);  x += gru2(x, a2)
    logits = fc3(relu(fc2(relu(fc1(x, a3)), a4)))

The output is a class of the (µ-law or linear) quantized sample, or 30 numbers of a mixture of ten logistics.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MIXTURE_MIN_LOG_SCALE = -32.23  # log(1e-14), as the public implementations clamp it


@dataclass(frozen=True, slots=True)
class WaveRNNDims:
    """scales: their product is the hop; output: "classes" (2**bits of them) or "mixture" (30 numbers)."""

    n_mels: int = 80
    scales: tuple[int, ...] = (5, 5, 11)
    bits: int = 8
    output: str = "classes"
    mu_law: bool = True
    gru: int = 512
    fc: int = 512
    residual_blocks: int = 10
    residual: int = 128
    auxiliary: int = 128
    pad: int = 2

    def __post_init__(self) -> None:
        if self.auxiliary % 4:
            raise ValueError(f"auxiliary width {self.auxiliary} is not a multiple of 4")
        if self.output not in ("classes", "mixture"):
            raise ValueError(f"output {self.output!r}: expected classes or mixture")

    @property
    def hop_length(self) -> int:
        return math.prod(self.scales)

    @property
    def n_outputs(self) -> int:
        return 30 if self.output == "mixture" else 2**self.bits


class ResidualBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(width, width, 1, bias=False)
        self.first_norm = nn.BatchNorm1d(width)
        self.second = nn.Conv1d(width, width, 1, bias=False)
        self.second_norm = nn.BatchNorm1d(width)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second_norm(self.second(torch.relu(self.first_norm(self.first(x)))))


class FrameNetwork(nn.Module):
    """Padded mel [batch, F, T + 2·pad] → [batch, auxiliary, T]."""

    def __init__(self, dims: WaveRNNDims) -> None:
        super().__init__()
        self.enter = nn.Conv1d(dims.n_mels, dims.residual, 2 * dims.pad + 1, bias=False)
        self.enter_norm = nn.BatchNorm1d(dims.residual)
        self.blocks = nn.ModuleList(ResidualBlock(dims.residual) for _ in range(dims.residual_blocks))
        self.leave = nn.Conv1d(dims.residual, dims.auxiliary, 1)

    def forward(self, mel: Tensor) -> Tensor:
        x = torch.relu(self.enter_norm(self.enter(mel)))
        for block in self.blocks:
            x = block(x)
        return self.leave(x)


class Stretch(nn.Module):
    """Padded mel [batch, F, T + 2·pad] → [batch, F, T · hop]: repeated and smoothed, once for each scale."""

    def __init__(self, dims: WaveRNNDims) -> None:
        super().__init__()
        self.scales = dims.scales
        self.trim = dims.pad * dims.hop_length
        self.smooth = nn.ParameterList(
            nn.Parameter(torch.full((1, 1, 2 * scale + 1), 1 / (2 * scale + 1))) for scale in dims.scales
        )

    def forward(self, mel: Tensor) -> Tensor:
        batch, bands, _ = mel.shape
        x = mel.reshape(batch * bands, 1, -1)
        for scale, kernel in zip(self.scales, self.smooth, strict=True):
            x = F.conv1d(x.repeat_interleave(scale, 2), kernel, padding=scale)
        return x.reshape(batch, bands, -1)[:, :, self.trim : -self.trim]


class WaveRNN(nn.Module):
    def __init__(self, dims: WaveRNNDims) -> None:
        super().__init__()
        self.dims = dims
        part = dims.auxiliary // 4
        self.stretch = Stretch(dims)
        self.frame_network = FrameNetwork(dims)
        self.enter = nn.Linear(1 + dims.n_mels + part, dims.gru)
        self.gru1 = nn.GRU(dims.gru, dims.gru, batch_first=True)
        self.gru2 = nn.GRU(dims.gru + part, dims.gru, batch_first=True)
        self.fc1 = nn.Linear(dims.gru + part, dims.fc)
        self.fc2 = nn.Linear(dims.fc + part, dims.fc)
        self.fc3 = nn.Linear(dims.fc, dims.n_outputs)

    def condition(self, mel: Tensor) -> tuple[Tensor, list[Tensor]]:
        """mel [batch, F, T] → (m [batch, N, F], four of [batch, N, A])."""
        padded = F.pad(mel, (self.dims.pad, self.dims.pad))
        auxiliary = self.frame_network(padded).repeat_interleave(self.dims.hop_length, 2).transpose(1, 2)
        return self.stretch(padded).transpose(1, 2), list(auxiliary.chunk(4, 2))

    def forward(self, previous: Tensor, mel: Tensor) -> Tensor:
        """Teacher forcing: previous samples [batch, N] in -1..1, mel [batch, F, T] → [batch, N, n_outputs]."""
        m, (a1, a2, a3, a4) = self.condition(mel)
        x = self.enter(torch.cat([previous[..., None], m, a1], 2))
        x = x + self.gru1(x)[0]
        x = x + self.gru2(torch.cat([x, a2], 2))[0]
        x = torch.relu(self.fc1(torch.cat([x, a3], 2)))
        x = torch.relu(self.fc2(torch.cat([x, a4], 2)))
        return self.fc3(x)

    @torch.no_grad()
    def generate(self, mel: Tensor, generator: torch.Generator) -> Tensor:
        """Free-running reference, one sample at a time: mel [F, T] → samples [N] in -1..1, µ-law expanded."""
        m, auxiliary = self.condition(mel[None])
        state1 = state2 = mel.new_zeros(1, 1, self.dims.gru)
        previous = mel.new_zeros(1, 1, 1)
        samples = []
        for n in range(m.shape[1]):
            a1, a2, a3, a4 = (a[:, n : n + 1] for a in auxiliary)
            x = self.enter(torch.cat([previous, m[:, n : n + 1], a1], 2))
            y, state1 = self.gru1(x, state1)
            x = x + y
            y, state2 = self.gru2(torch.cat([x, a2], 2), state2)
            x = x + y
            x = torch.relu(self.fc1(torch.cat([x, a3], 2)))
            x = torch.relu(self.fc2(torch.cat([x, a4], 2)))
            previous = self.sample(self.fc3(x)[0, 0], generator).view(1, 1, 1)
            samples.append(previous[0, 0, 0])
        out = torch.stack(samples)
        return expand_mu_law(out, self.dims.bits) if self.dims.output == "classes" and self.dims.mu_law else out

    def sample(self, output: Tensor, generator: torch.Generator) -> Tensor:
        """output [n_outputs] → the next sample in -1..1 (still compressed where µ-law is used)."""
        if self.dims.output == "classes":
            index = torch.multinomial(torch.softmax(output, 0), 1, generator=generator)[0]
            return 2 * index / (2**self.dims.bits - 1) - 1
        logits, means, scales = output.view(3, 10)
        component = int(torch.multinomial(torch.softmax(logits, 0), 1, generator=generator)[0])
        u = torch.rand((), generator=generator).clamp(1e-5, 1 - 1e-5)
        scale = torch.exp(scales[component].clamp(min=MIXTURE_MIN_LOG_SCALE))
        return (means[component] + scale * (torch.log(u) - torch.log1p(-u))).clamp(-1, 1)


def expand_mu_law(samples: Tensor, bits: int) -> Tensor:
    """ITU-T G.711's curve with µ = 2**bits - 1: compressed -1..1 → linear -1..1."""
    mu = 2**bits - 1
    return samples.sign() * torch.expm1(samples.abs() * math.log1p(mu)) / mu


def compress_mu_law(samples: Tensor, bits: int) -> Tensor:
    mu = 2**bits - 1
    return samples.sign() * torch.log1p(mu * samples.abs()) / math.log1p(mu)
