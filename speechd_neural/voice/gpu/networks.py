"""The vocoders' networks in torch, many stretches of sound (rows) side by side, a few steps at a time on fixed tensors.

What depends on the features alone is computed beforehand for all frames (`condition`); `work` makes `count` steps for
every row, all of them within one frame of its own. Weights are the bundle's, folded as the CPU's kernels have them.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from speechd_neural.arrays import Arrays, Floats
from speechd_neural.voice.family import Half
from speechd_neural.voice.gpu.replay import Weights
from speechd_neural.voice.harmonics import voiced
from speechd_neural.voice.models.multiband import sample_mixture
from speechd_neural.voice.models.wavernn import MIXTURE_MIN_LOG_SCALE, expand_mu_law
from speechd_neural.voice.subbands import BandPrediction, FilterBank

Tensors = dict[str, Tensor]
MOST_STEPS = 64  # of a graph: what is between two looks at cancellation
PAST = 128  # steps of the multi-band vocoder's past that are kept: its longest pitch period and more


class Network(Protocol):
    device: torch.device
    bands: int  # samples that a step makes, one for each sub-band
    per_frame: int  # steps
    count: int  # steps that `work` makes; divides per_frame
    draws: int  # random numbers of a step
    reach: int  # frames either side that a frame's conditioning depends on
    silent_edges: bool  # beyond the ends: zeros; else the first and last frame go on

    def read(self, features: Floats) -> Floats:
        """Features in the contract's numbers as the network was trained to read them."""
        ...

    def condition(self, window: Floats) -> Tensors:
        """What was read, [n + 2 · reach, F] → what the steps need to know, each [n, …]."""
        ...

    def given(self, rows: int) -> Tensors:
        """Fixed tensors for one frame of `condition` and for the steps' numbers within their frame."""
        ...

    def within_frame(self, given: Tensors, first: int) -> None:
        """The steps to come are those from `first` on of their frame."""
        ...

    def state(self, rows: int) -> Tensors: ...

    def work(self, state: Tensors, given: Tensors, draws: Tensor, out: Tensor) -> None:
        """`count` steps: draws [rows, count, draws] in (0, 1) → out [rows, count, bands]; the state goes on."""
        ...


def most_steps(per_frame: int) -> int:
    """The largest number of steps, at most MOST_STEPS, that divides a frame."""
    return max(n for n in range(1, min(MOST_STEPS, per_frame) + 1) if per_frame % n == 0)


def gru(x: Tensor, inner: Tensor, state: Tensor) -> Tensor:
    """torch.nn.GRU's cell; both inputs [rows, 3 · size] already multiplied and with their biases."""
    size = state.shape[1]
    gates = torch.sigmoid(x[:, : 2 * size] + inner[:, : 2 * size])
    new = torch.tanh(x[:, 2 * size :] + gates[:, :size] * inner[:, 2 * size :])
    return torch.lerp(new, state, gates[:, size:])


class FullBandNetwork:
    bands, silent_edges = 1, True

    def __init__(self, arrays: Arrays, half: Half, device: torch.device, in_half: bool, temperature: float) -> None:
        get, dims, options = Weights(arrays, device), half.dims, half.options
        self.gru, self.fc, self.outputs, self.reach = dims["gru"], dims["fc"], dims["outputs"], dims["pad"]
        self.per_frame, self.device = half.contract.hop_length, device
        self.count = most_steps(self.per_frame)
        self.mixture = self.outputs == 30
        self.draws = 2 if self.mixture else 1
        self.temperature = max(temperature, 1e-3)
        self.normalizes = "input_gain" in options
        self.gain, self.shift = options.get("input_gain", 1.0), options.get("input_shift", 0.0)
        self.enter = get.convolution("vocoder.enter", 2 * self.reach + 1)
        self.blocks = [
            (get.convolution(f"vocoder.block{i}.first", 1), get.convolution(f"vocoder.block{i}.second", 1))
            for i in range(dims["residual_blocks"])
        ]
        self.leave = get.convolution("vocoder.leave", 1)
        self.auxiliary = [get(f"vocoder.auxiliary{i}") for i in (1, 2, 3, 4)]
        self.mel, self.bias, self.sample = get("vocoder.mel"), get("vocoder.bias"), get("vocoder.sample")
        self.stretch = get("vocoder.stretch")  # [hop, 2 · pad + 1]
        kind = torch.bfloat16 if in_half else torch.float32
        # Both matrices that read the first state are one product; the second half is for the next step.
        self.of_state1 = torch.cat([get("vocoder.between"), get("vocoder.state1")]).to(kind)
        self.of_state2, self.hidden1 = get("vocoder.state2").to(kind), get("vocoder.hidden1").to(kind)
        self.hidden2, self.output = get("vocoder.hidden2").to(kind), get("vocoder.output").to(kind)
        self.state1_bias, self.state2_bias = get("vocoder.state1.bias"), get("vocoder.state2.bias")
        self.between_bias = torch.cat([torch.zeros_like(self.state1_bias), self.state1_bias])
        self.hidden2_bias, self.output_bias = get("vocoder.hidden2.bias"), get("vocoder.output.bias")
        # What the next step hears, and what is heard, of each class.
        self.levels = 2 * torch.arange(self.outputs, device=device) / (self.outputs - 1) - 1
        bits = self.outputs.bit_length() - 1
        self.expanded = expand_mu_law(self.levels, bits) if options.get("mu_law", 0.0) else self.levels

    def read(self, features: Floats) -> Floats:
        if not self.normalizes:
            return features
        return np.clip(np.float32(self.gain) * features + np.float32(self.shift), 0, 1)

    def condition(self, window: Floats) -> Tensors:
        mel = torch.from_numpy(window).to(self.device)
        x = torch.relu(F.conv1d(mel.t()[None], *self.enter))
        for first, second in self.blocks:
            x = x + F.conv1d(torch.relu(F.conv1d(x, *first)), *second)
        a1, a2, a3, a4 = F.conv1d(x, *self.leave)[0].t().chunk(4, 1)
        constant = F.linear(a1, self.auxiliary[0], self.bias)
        constant[:, 3 * self.gru : 6 * self.gru] += F.linear(a2, self.auxiliary[1])
        constant[:, 6 * self.gru :] += F.linear(a3, self.auxiliary[2])
        around = F.linear(mel, self.mel).unfold(0, 2 * self.reach + 1, 1).transpose(1, 2)  # a view of what overlaps
        return {"constant": constant, "around": around, "hidden2": F.linear(a4, self.auxiliary[3], self.hidden2_bias)}

    def given(self, rows: int) -> Tensors:
        width = 6 * self.gru + self.fc
        shapes = {"constant": (rows, width), "around": (rows, 2 * self.reach + 1, width), "hidden2": (rows, self.fc),
                  "stretch": (self.count, 2 * self.reach + 1)}  # fmt: skip
        return {name: torch.zeros(shape, device=self.device) for name, shape in shapes.items()}

    def state(self, rows: int) -> Tensors:
        def zeros(width: int) -> Tensor:
            return torch.zeros(rows, width, device=self.device)

        inner = {f"inner{i}": bias.expand(rows, -1).clone() for i, bias in ((1, self.state1_bias), (2, self.state2_bias))}
        return {"state1": zeros(self.gru), "state2": zeros(self.gru), "previous": zeros(1), **inner}

    def work(self, state: Tensors, given: Tensors, draws: Tensor, out: Tensor) -> None:
        constant = given["constant"][:, None] + given["stretch"] @ given["around"]  # [rows, count, …]
        kept = dict(state)
        for i in range(self.count):
            logits = self.outputs_of(kept, constant[:, i], given["hidden2"])
            kept["previous"], sound = self.draw(logits, draws[:, i])
            out[:, i] = sound
        for name, value in kept.items():
            state[name].copy_(value)

    def outputs_of(self, s: Tensors, x: Tensor, hidden2: Tensor) -> Tensor:
        """One step up to the output layer; replaces the state's tensors."""
        g = self.gru
        x = torch.addcmul(x, s["previous"], self.sample)
        h1 = gru(x[:, : 3 * g], s["inner1"], s["state1"])
        of_h1 = self._plus(self.between_bias, h1, self.of_state1)
        h2 = gru(x[:, 3 * g : 6 * g] + of_h1[:, : 3 * g], s["inner2"], s["state2"])
        hidden = torch.relu(self._plus(x[:, 6 * g :], h1 + h2, self.hidden1))
        s.update(state1=h1, state2=h2, inner1=of_h1[:, 3 * g :], inner2=self._plus(self.state2_bias, h2, self.of_state2))
        return self._plus(self.output_bias, torch.relu(self._plus(hidden2, hidden, self.hidden2)), self.output)

    @staticmethod
    def _plus(bias: Tensor, x: Tensor, matrix: Tensor) -> Tensor:
        if matrix.dtype == torch.float32:
            return torch.addmm(bias, x, matrix.t())
        return F.linear(x.to(matrix.dtype), matrix) + bias  # in float32: the bias is

    def draw(self, logits: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [rows, outputs] → what the next step hears and what is heard, [rows, 1] each."""
        if not self.mixture:
            scaled = logits if self.temperature == 1.0 else logits / self.temperature
            below = torch.cumsum(torch.softmax(scaled, 1), 1)
            chosen = torch.searchsorted(below, u * below[:, -1:], right=True).clamp(max=self.outputs - 1)
            return self.levels[chosen], self.expanded[chosen]
        shares, means, scales = logits.chunk(3, 1)
        below = torch.cumsum(torch.softmax(shares, 1), 1)
        chosen = (u[:, :1] * below[:, -1:] >= below).sum(1, keepdim=True).clamp(max=below.shape[1] - 1)
        v = u[:, 1:].clamp(1e-5, 1 - 1e-5)
        scale = torch.exp(scales.gather(1, chosen).clamp(min=MIXTURE_MIN_LOG_SCALE))
        sound = (means.gather(1, chosen) + self.temperature * scale * torch.log(v / (1 - v))).clamp(-1, 1)
        return sound, sound

    def within_frame(self, given: Tensors, first: int) -> None:
        """The steps to come are those from `first` on of their frame."""
        given["stretch"].copy_(self.stretch[first : first + self.count])


class MultiBandNetwork:
    reach, silent_edges = 2, False

    def __init__(self, arrays: Arrays, half: Half, device: torch.device, in_half: bool, temperatures: Floats) -> None:
        get, dims, self.contract = Weights(arrays, device), half.dims, half.contract
        self.bands, self.order, self.mixtures = dims["bands"], dims["order"], dims["mixtures"]
        self.gru, self.hidden, self.device = dims["gru"], dims["hidden"], device
        self.per_frame = half.contract.hop_length // self.bands
        self.count = most_steps(self.per_frame)
        self.draws = 2 * self.bands
        self.temperatures = temperatures  # [2, bands]: of unvoiced and of voiced sound
        self.prediction = BandPrediction.create(half.contract, FilterBank.create(self.bands), self.order)
        self.convolutions = [get.convolution(f"vocoder.conditioning{i}", 3) for i in (1, 2)]
        self.third = get("vocoder.conditioning3.weight"), get("vocoder.conditioning3.bias")
        self.gates, self.hidden_of = (
            (get(f"vocoder.{name}.weight"), get(f"vocoder.{name}.bias"))
            for name in ("gates_of_conditioning", "hidden_of_conditioning")
        )
        kind = torch.bfloat16 if in_half else torch.float32
        self.of_state = torch.cat([get("vocoder.hidden"), get("vocoder.state")]).to(kind)
        self.state_bias = get("vocoder.state.bias")
        self.input = get("vocoder.gates_of_input")
        self.output = get("vocoder.output"), get("vocoder.output.bias")

    def read(self, features: Floats) -> Floats:
        return features

    def condition(self, window: Floats) -> Tensors:
        known = window[self.reach : -self.reach]
        predictors, residual, deviation = self.prediction(known[:, : self.contract.n_mels])
        period = self.contract.sample_rate / self.bands / (100.0 * np.exp(known[:, -2].astype(np.float64)))
        # What is not a number must not become an index: a GPU stops for good at one that lies outside.
        lag = np.clip(np.nan_to_num(np.rint(period)), 4, 120).astype(np.int64)
        unvoiced, full = self.temperatures
        temperature = unvoiced + voiced(known)[:, None] * (full - unvoiced)
        x = torch.from_numpy(window).to(self.device).t()[None]
        a = torch.tanh(F.conv1d(x, *self.convolutions[0]))
        b = torch.tanh(F.conv1d(a, *self.convolutions[1])) + a[:, :, 1:-1]
        c = torch.tanh(F.linear(b[0].t(), *self.third))
        host = {"predictors": predictors, "residual": residual, "deviation": deviation, "lag": lag,
                "temperature": temperature.astype(np.float32)}  # fmt: skip
        there = {name: torch.from_numpy(value).to(self.device) for name, value in host.items()}
        return {"gates": F.linear(c, *self.gates), "hidden": F.linear(c, *self.hidden_of), **there}

    def given(self, rows: int) -> Tensors:
        shapes = {"gates": (rows, 3 * self.gru), "hidden": (rows, self.hidden),
                  "predictors": (rows, self.bands, self.order)}  # fmt: skip
        out = {name: torch.zeros(shape, device=self.device) for name, shape in shapes.items()}
        # Rows that nobody uses must not divide by zero either.
        out |= {name: torch.ones(rows, self.bands, device=self.device) for name in ("residual", "deviation", "temperature")}
        return {**out, "lag": torch.full((rows,), 4, device=self.device)}

    def state(self, rows: int) -> Tensors:
        past = (rows, PAST + self.count, self.bands)
        sizes = {"state": (rows, self.gru), "x": past, "e": past}
        out = {name: torch.zeros(size, device=self.device) for name, size in sizes.items()}
        return {**out, "inner": self.state_bias.expand(rows, -1).clone()}

    def work(self, state: Tensors, given: Tensors, draws: Tensor, out: Tensor) -> None:
        x, e, h, inner = state["x"], state["e"], state["state"], state["inner"]
        deviation, flat = given["deviation"], (len(h), -1)
        rows = torch.arange(len(h), device=self.device)[:, None]
        near = torch.arange(-1, 2, device=self.device)
        for i in range(self.count):
            now = PAST + i
            past = x[:, now - self.order : now].flip(1).transpose(1, 2)  # [rows, bands, order], latest first
            predicted = (given["predictors"] * past).sum(2)
            ago = e[rows, now - given["lag"][:, None] + near]  # [rows, 3, bands]
            inputs = [x[:, now - 1] / deviation, e[:, now - 1], predicted / deviation, ago.reshape(flat)]
            h = gru(given["gates"] + F.linear(torch.cat(inputs, 1), self.input), inner, h)
            of_state = F.linear(h.to(self.of_state.dtype), self.of_state).float()
            inner = of_state[:, self.hidden :] + self.state_bias
            output = F.linear(torch.relu(of_state[:, : self.hidden] + given["hidden"]), *self.output)
            parameters = output.view(len(h), self.bands, 3, self.mixtures)
            e[:, now] = self.draw(parameters, draws[:, i].view(len(h), self.bands, 2), given["temperature"])
            x[:, now] = predicted + given["residual"] * e[:, now]
        out.copy_(x[:, PAST:])
        for whole in (x, e):
            whole[:, :PAST] = whole[:, self.count :].clone()
        state["state"].copy_(h)
        state["inner"].copy_(inner)

    def draw(self, parameters: Tensor, u: Tensor, temperature: Tensor) -> Tensor:
        return sample_mixture(parameters, u, temperature)

    def within_frame(self, given: Tensors, first: int) -> None:
        """Nothing here depends on where in its frame a step is."""
