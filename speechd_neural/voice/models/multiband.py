"""Multi-band WaveRNN: one network step yields one sample of each sub-band (DurIAN, Yu et al. 2019), as the residual of
per-band linear prediction that is computed from the mel (FeatherWave, Tian et al. 2020; LPCNet, Valin and Skoglund 2019).

Per step n (bands · n is the sample it is centred on), within frame t:

    predicted[b] = Σ_k predictors[t, b, k] · x[n-1-k, b]                    what the envelope explains
    u = [x[n-1] / band deviation, e[n-1], predicted / band deviation,       4 · bands inputs, …
         e[n-T-1], e[n-T], e[n-T+1]]                                        … and the residual one pitch period ago
    h = GRU(W_in u + C_gates c[t], h)                                       c: conditioning, once per frame
    o = W_out relu(W_hidden h + C_hidden c[t])
    e[n, b] ~ mixture of logistics(o[b]);  x[n] = predicted + residual deviation · e[n]

An untrained network (o = 0) therefore already whispers: the right envelope, excited by noise. The residual one
period ago (as in pitch prediction, and in FARGAN, Valin et al. 2024) spares it from learning to count periods.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from speechd_neural.voice.models.recurrent import FastGru

LOGISTIC_SCALE = math.log(0.55)  # log of the scale at which a logistic has unit variance
MIN_LOG_SCALE = -6.0
RESIDUAL_LIMIT = 12.0


@dataclass(frozen=True, slots=True)
class MultiBandDims:
    """n_features: of the mel contract; conditioning, gru, hidden: layer widths; order: of the linear prediction."""

    n_features: int = 82
    bands: int = 4
    order: int = 8
    conditioning: int = 128
    gru: int = 256
    hidden: int = 128
    mixtures: int = 2

    @property
    def n_inputs(self) -> int:
        return 6 * self.bands

    @property
    def n_outputs(self) -> int:
        return 3 * self.mixtures * self.bands


class Conditioning(nn.Module):
    """Mel frames [batch, frames, n_features] → [batch, frames, conditioning]; each output sees two frames either side."""

    def __init__(self, dims: MultiBandDims) -> None:
        super().__init__()
        width = dims.conditioning
        self.first = nn.Conv1d(dims.n_features, width, 3, padding=1)
        self.second = nn.Conv1d(width, width, 3, padding=1)
        self.third = nn.Linear(width, width)

    def forward(self, features: Tensor) -> Tensor:
        a = torch.tanh(self.first(features.transpose(1, 2)))
        b = torch.tanh(self.second(a)) + a
        return torch.tanh(self.third(b.transpose(1, 2)))


class MultiBandWaveRNN(nn.Module):
    def __init__(self, dims: MultiBandDims) -> None:
        super().__init__()
        self.dims = dims
        self.conditioning = Conditioning(dims)
        self.gates_of_input = nn.Linear(dims.n_inputs, 3 * dims.gru, bias=False)
        self.gates_of_conditioning = nn.Linear(dims.conditioning, 3 * dims.gru)
        self.gru = FastGru(dims.gru)
        self.hidden_of_state = nn.Linear(dims.gru, dims.hidden, bias=False)
        self.hidden_of_conditioning = nn.Linear(dims.conditioning, dims.hidden)
        self.output = nn.Linear(dims.hidden, dims.n_outputs)
        nn.init.normal_(self.output.weight, std=0.01)
        nn.init.zeros_(self.output.bias)

    def forward(
        self, inputs: Tensor, features: Tensor, state: Tensor, steps_per_frame: int, half: bool = False
    ) -> tuple[Tensor, Tensor]:
        """Teacher forcing. inputs [steps, batch, n_inputs], features [batch, frames + 4, n_features] (two more either side),
        state [batch, gru] → parameters [steps, batch, bands, 3, mixtures] and the last state."""
        conditioning = self.conditioning(features)[:, 2:-2].transpose(0, 1)  # [frames, batch, conditioning]
        gates = self.gates_of_conditioning(conditioning).repeat_interleave(steps_per_frame, 0)
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=half):
            from_input = self.gates_of_input(inputs)
        gates = gates + from_input
        states = self.gru(gates, state, half)
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=half):
            hidden = self.hidden_of_state(states)
        hidden = torch.relu(hidden + self.hidden_of_conditioning(conditioning).repeat_interleave(steps_per_frame, 0))
        output = self.output(hidden)
        return output.view(*output.shape[:2], self.dims.bands, 3, self.dims.mixtures), states[-1]


def mixture_loss(parameters: Tensor, residual: Tensor) -> Tensor:
    """Negative log-likelihood in nats per sub-band sample. parameters [..., 3, mixtures]: logits, means, log scales
    relative to unit variance; residual [...]."""
    logits, means, scales = parameters.unbind(-2)
    log_scale = torch.clamp(scales + LOGISTIC_SCALE, min=MIN_LOG_SCALE)
    z = (residual.unsqueeze(-1) - means) * torch.exp(-log_scale)
    log_density = -z.abs() - 2 * F.softplus(-z.abs()) - log_scale
    return -torch.logsumexp(F.log_softmax(logits, -1) + log_density, -1)


def sample_mixture(parameters: Tensor, uniform: Tensor, temperature: Tensor | float = 1.0) -> Tensor:
    """parameters [..., 3, mixtures]; uniform [..., 2] in (0, 1): which component, and where in it; temperature: one number, or
    [...] → residual [...]."""
    logits, means, scales = parameters.unbind(-2)
    below = torch.cumsum(torch.softmax(logits, -1), -1)
    component = (uniform[..., :1] >= below).sum(-1, keepdim=True).clamp(max=logits.shape[-1] - 1)
    mean = means.gather(-1, component).squeeze(-1)
    scale = torch.exp(torch.clamp(scales.gather(-1, component).squeeze(-1) + LOGISTIC_SCALE, min=MIN_LOG_SCALE))
    u = uniform[..., 1].clamp(1e-6, 1 - 1e-6)
    return torch.clamp(mean + temperature * scale * (torch.log(u) - torch.log1p(-u)), -RESIDUAL_LIMIT, RESIDUAL_LIMIT)


def pitch_lag(logarithm: Tensor, step_rate: float) -> Tensor:
    """log(F0 / 100 Hz) → pitch period in steps, at least 4 (so that the period's neighbours lie in the past)."""
    return torch.clamp(torch.round(step_rate / (100.0 * torch.exp(logarithm))), 4, 120).long()


@torch.no_grad()
def generate(
    model: MultiBandWaveRNN,
    features: Tensor,
    predictors: Tensor,
    residual_deviation: Tensor,
    band_deviation: Tensor,
    steps_per_frame: int,
    step_rate: float,
    generator: torch.Generator,
    temperature: Tensor | float = 1.0,
) -> Tensor:
    """Free-running reference, one step at a time. features [frames, n_features], predictors [frames, bands, order],
    deviations [frames, bands] → sub-bands [frames · steps_per_frame, bands]."""
    dims = model.dims
    frames = len(features)
    padded = torch.cat([features[:1]] * 2 + [features] + [features[-1:]] * 2)
    conditioning = model.conditioning(padded[None])[0, 2:-2]
    gates, hidden = model.gates_of_conditioning(conditioning), model.hidden_of_conditioning(conditioning)
    lag = pitch_lag(features[:, -2], step_rate)
    past = 128
    x = torch.zeros(past + frames * steps_per_frame, dims.bands)
    e = torch.zeros_like(x)
    state = torch.zeros(1, dims.gru)
    for n in range(frames * steps_per_frame):
        t, i = n // steps_per_frame, n + past
        predicted = (predictors[t].t() * x[i - dims.order : i].flip(0)).sum(0)
        period = int(lag[t])
        u = torch.cat([x[i - 1] / band_deviation[t], e[i - 1], predicted / band_deviation[t],
                       e[i - period - 1], e[i - period], e[i - period + 1]])  # fmt: skip
        state = model.gru.step((model.gates_of_input(u) + gates[t])[None], state)
        output = model.output(torch.relu(model.hidden_of_state(state[0]) + hidden[t])).view(
            dims.bands, 3, dims.mixtures
        )
        e[i] = sample_mixture(output, torch.rand(dims.bands, 2, generator=generator), temperature)
        x[i] = predicted + residual_deviation[t] * e[i]
    return x[past:]
