"""Tacotron 2 of a bundle in torch, its decoder's steps on fixed tensors so that a GPU can replay them as a graph.

The decoder must be looked at by the host: after how many steps a word ends is not known before. So a graph holds
several steps, and those behind the end do nothing: the state stays as it was when the end was reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from speechd_neural.arrays import Floats
from speechd_neural.voice.gpu.replay import Replay, Weights
from speechd_neural.voice.randomness import dropout_masks

SIZES = (64, 192, 512)  # symbols that a set of fixed tensors is made for; longer texts get one when they come
AT_ONCE = (1, 8)  # steps of a graph
STATE = ("frame", "context", "query_state", "query_cell", "state", "cell", "weights", "cumulated", "position")


class TorchTacotron2:
    """half: matrices of the decoder's LSTMs in bfloat16."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], dims: Mapping[str, int], device: torch.device, half: bool) -> None:
        get = Weights(arrays, device)
        self.dims, self.device = dims, device
        self.matrix_type = torch.bfloat16 if half else torch.float32
        self.embedding = get("encoder.embedding")
        self.encoder, self.refining = (
            [get.convolution(f"{part}.convolution{i}", dims[f"{part}_kernel"]) for i in range(dims[f"{part}_layers"])]
            for part in ("encoder", "postnet")
        )
        width = dims["encoder"] // 2
        self.lstm = torch.nn.LSTM(dims["encoder"], width, bidirectional=True, device=device)
        for direction, suffix in (("forward", ""), ("backward", "_reverse")):
            for part, name in (("ih", "input"), ("hh", "state")):
                getattr(self.lstm, f"weight_{part}_l0{suffix}").data.copy_(get(f"encoder.{direction}.{name}"))
            getattr(self.lstm, f"bias_ih_l0{suffix}").data.copy_(get(f"encoder.{direction}.bias"))
            getattr(self.lstm, f"bias_hh_l0{suffix}").data.zero_()
        self.lstm.requires_grad_(False)
        self.prenet = [get("decoder.prenet1"), get("decoder.prenet2")]
        self.cells = {}
        for name, first in (("attention_rnn", "prenet"), ("decoder_rnn", "query")):
            parts = [get(f"decoder.{name}.{part}") for part in (first, "context", "state")]
            self.cells[name] = (torch.cat(parts, 1).to(self.matrix_type), get(f"decoder.{name}.bias"))
        self.query, self.key, self.score = get("decoder.query"), get("decoder.key"), get("decoder.score")
        location = get("decoder.location")
        self.location = location.view(len(location), 2, dims["location_kernel"])
        self.frames, self.frames_bias = get("decoder.frames"), get("decoder.frames.bias")
        self.mean, self.deviation = (np.asarray(arrays[f"feature_{name}"], np.float32) for name in ("mean", "deviation"))
        self._steps: dict[tuple[int, int], DecoderSteps] = {}

    @torch.inference_mode()
    def encode(self, ids: npt.NDArray[np.int64], check: Callable[[], None]) -> Floats:
        """Symbols [n] → memory [n, encoder]."""
        x = self.embedding[torch.from_numpy(ids).to(self.device)].t()[None]
        for weight, bias in self.encoder:
            x = torch.relu(F.conv1d(x, weight, bias, padding=self.dims["encoder_kernel"] // 2))
            check()
        out, _ = self.lstm(x[0].t())
        check()
        return np.asarray(out.cpu().numpy())

    def decode(self, memory: Floats, seed: int) -> TorchDecoder:
        return TorchDecoder(self, torch.from_numpy(memory).to(self.device), seed)

    def postnet(self) -> TorchPostnet:
        return TorchPostnet(self, self.mean, self.deviation)

    @torch.inference_mode()
    def refine(self, frames: Tensor) -> Tensor:
        """Decoder frames [n, F] → what the postnet adds to them [n, F]."""
        x = frames.t()[None]
        for i, (weight, bias) in enumerate(self.refining):
            x = F.conv1d(x, weight, bias, padding=self.dims["postnet_kernel"] // 2)
            if i < len(self.refining) - 1:
                x = torch.tanh(x)
        return x[0].t()

    @property
    def reach(self) -> int:
        """Frames that the postnet sees either side."""
        return len(self.refining) * (self.dims["postnet_kernel"] // 2)

    def steps(self, symbols: int, count: int) -> DecoderSteps:
        size = next((size for size in SIZES if size >= symbols), -(-symbols // SIZES[-1]) * SIZES[-1])
        if (size, count) not in self._steps:
            if size not in SIZES:  # one size at a time of those that are rarely needed
                self._steps = {key: steps for key, steps in self._steps.items() if key[0] in SIZES or key[0] == size}
            self._steps[size, count] = DecoderSteps(self, size, count)
        return self._steps[size, count]


class DecoderSteps:
    """`count` steps of the decoder on tensors for up to `size` symbols."""

    def __init__(self, network: TorchTacotron2, size: int, count: int) -> None:
        d, device = network.dims, network.device
        self.network, self.size, self.count = network, size, count
        with torch.inference_mode():
            self.state = {
                "frame": torch.zeros(1, d["n_features"], device=device), "context": torch.zeros(1, d["encoder"], device=device),
                "query_state": torch.zeros(1, d["attention_rnn"], device=device),
                "query_cell": torch.zeros(1, d["attention_rnn"], device=device),
                "state": torch.zeros(1, d["decoder_rnn"], device=device), "cell": torch.zeros(1, d["decoder_rnn"], device=device),
                "weights": torch.zeros(1, size, device=device), "cumulated": torch.zeros(1, size, device=device),
                "position": torch.zeros(1, 1, device=device),
            }  # fmt: skip
            self.memory = torch.zeros(size, d["encoder"], device=device)
            self.keys = torch.zeros(size, d["attention"], device=device)
            self.symbols = torch.arange(size, device=device)[None]
            self.bounds = torch.zeros(4, device=device)  # symbols, steps, position to stop at, whether there is a window
            self.masks = torch.zeros(count, 2, 1, d["prenet"], device=device)
            # Each row: frames, gate, position, whether the step was made, attention.
            self.out = torch.zeros(count, d["frames_per_step"] * d["n_features"] + 3 + size, device=device)
            self.replay = Replay(self._work, device)

    def _work(self) -> None:
        s = self.state
        length, steps, until, windowed = self.bounds
        active = torch.ones_like(s["position"], dtype=torch.bool)
        for i in range(self.count):
            active = active & (steps > i)
            new = self._step(i, length, windowed > 0)
            for name in STATE:
                s[name].copy_(torch.where(active, new[name], s[name]))
            row = [new["output"], s["position"], active.float(), s["weights"]]
            self.out[i].copy_(torch.cat([part.reshape(-1) for part in row]))
            active = active & (s["position"] < until)

    def _step(self, i: int, length: Tensor, windowed: Tensor) -> dict[str, Tensor]:
        s, net, d = self.state, self.network, self.network.dims
        x = s["frame"]
        for layer, weight in enumerate(net.prenet):
            x = torch.relu(F.linear(x, weight)) * self.masks[i, layer]
        query, query_cell = self._cell("attention_rnn", [x, s["context"], s["query_state"]], s["query_cell"])
        around = torch.stack([s["weights"], s["cumulated"]], 1)
        located = F.conv1d(around, net.location, padding=d["location_kernel"] // 2)[0].t()
        energies = torch.tanh(F.linear(query, net.query) + self.keys + located) @ net.score
        far = (self.symbols < s["position"] - d["back"]) | (self.symbols > s["position"] + d["ahead"])
        outside = (self.symbols >= length) | (windowed & far)
        weights = torch.softmax(energies[None].masked_fill(outside, -torch.inf), 1)
        context = weights @ self.memory
        state, cell = self._cell("decoder_rnn", [query, context, s["state"]], s["cell"])
        output = F.linear(torch.cat([state, context], 1), net.frames, net.frames_bias)
        width = d["frames_per_step"] * d["n_features"]
        position = weights.argmax(1, keepdim=True).float()
        if not d["window"]:  # as in native/decoder.cpp: one look ahead must not carry the window along
            near = torch.minimum(position, s["position"] + (d["frames_per_step"] + 1) // 2)
            position = torch.where(windowed, near, position)
        position = torch.maximum(s["position"], position)
        return {
            "output": output, "frame": output[:, width - d["n_features"] : width], "context": context, "query_state": query,
            "query_cell": query_cell, "state": state, "cell": cell, "weights": weights,
            "cumulated": s["cumulated"] + weights, "position": position,
        }  # fmt: skip

    def _cell(self, name: str, inputs: list[Tensor], cell: Tensor) -> tuple[Tensor, Tensor]:
        weight, bias = self.network.cells[name]
        gates = F.linear(torch.cat(inputs, 1).to(weight.dtype), weight).float() + bias
        i, f, g, o = gates.chunk(4, 1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cell), cell


class TorchDecoder:
    """A decoder at some step: see acoustics.Decoder."""

    def __init__(self, network: TorchTacotron2, memory: Tensor, seed: int) -> None:
        self._network, self._memory, self._seed = network, memory, seed
        with torch.inference_mode():
            self._keys = F.linear(memory, network.key)
        self._state: dict[str, Tensor] = {}  # empty: at the first step
        self._step = 0
        self._windowed = bool(network.dims["window"])

    def copy(self) -> TorchDecoder:
        other = TorchDecoder.__new__(TorchDecoder)
        other.__dict__.update(self.__dict__)
        return other  # states are replaced, never changed

    def retry(self, seed: int) -> None:
        self._seed, self._windowed = seed, True

    @torch.inference_mode()
    def run(
        self, steps: int, milliseconds: float = 0.0, until: int = 1 << 30
    ) -> tuple[Floats, npt.NDArray[np.int32], Floats, Floats]:
        """See acoustics.Decoder; one graph's steps at most, which take less than any budget in use."""
        d, symbols = self._network.dims, len(self._memory)
        fixed = self._network.steps(symbols, AT_ONCE[0] if steps == 1 else AT_ONCE[1])
        count = min(steps, fixed.count)
        masks = dropout_masks(self._seed, count, d["prenet"], self._step)
        fixed.memory[:symbols] = self._memory
        fixed.keys[:symbols] = self._keys
        fixed.memory[symbols:] = 0
        fixed.masks[:count, :, 0] = torch.from_numpy(masks).to(self._network.device)
        fixed.bounds.copy_(torch.tensor([symbols, count, min(until, 1 << 20), self._windowed], dtype=torch.float32))
        for name in STATE:
            if self._state:
                fixed.state[name].copy_(self._state[name])
            else:
                fixed.state[name].zero_()
        fixed.replay()
        self._state = {name: value.clone() for name, value in fixed.state.items()}
        out = fixed.out.cpu().numpy()
        width = d["frames_per_step"] * d["n_features"]
        out = out[out[:, width + 2] > 0]
        self._step += len(out)
        frames = np.ascontiguousarray(out[:, :width]).reshape(-1, d["n_features"])
        return frames, out[:, width + 1].astype(np.int32), out[:, width].copy(), out[:, width + 3 : width + 3 + symbols].copy()


class TorchPostnet:
    """See acoustics.Features. What the frames to come could change is computed again when they are there."""

    def __init__(self, acoustic: TorchTacotron2, mean: Floats, deviation: Floats) -> None:
        self._acoustic, self._mean, self._deviation = acoustic, mean, deviation
        self._frames: Floats = np.zeros((0, len(mean)), np.float32)
        self._done = 0  # of these frames, those handed over

    def feed(self, frames: Floats) -> Floats:
        self._frames = np.concatenate([self._frames, frames])
        return self._until(len(self._frames) - self._acoustic.reach)

    def finish(self) -> Floats:
        return self._until(len(self._frames))

    def _until(self, end: int) -> Floats:
        if end <= self._done:
            return self._frames[:0]
        change = self._acoustic.refine(torch.from_numpy(self._frames).to(self._acoustic.device)).cpu().numpy()
        fine = (self._frames + change)[self._done : end] * self._deviation + self._mean
        forget = max(0, end - self._acoustic.reach)
        self._frames, self._done = self._frames[forget:], end - forget
        return fine
