"""Tacotron (1) on the CPU, in numpy around the native int8 products: models/tacotron1.py without torch.

The CBHG behind the decoder has a GRU that reads the frames from the end, which would have to wait for the whole text.
Here it begins LOOK frames behind each block of BLOCK frames instead (a latency-controlled bidirectional network, Zhang
et al. 2016): what it says differs from the whole text's by what a GRU still remembers after LOOK frames (0.4 s).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from speechd_neural.arrays import Arrays, Floats
from speechd_neural.voice import _native
from speechd_neural.voice.acoustics import WINDOW
from speechd_neural.voice.family import Half
from speechd_neural.voice.randomness import DROPOUT_STREAM, random_bits

Check = Callable[[], None]
BLOCK, LOOK = 16, 32  # frames
STEPS = 64  # of a GRU between two looks at cancellation


def nothing() -> None: ...


def sigmoid(x: npt.NDArray[Any]) -> Floats:
    return np.asarray(0.5 * (np.tanh(0.5 * x) + 1), np.float32)


class Checked:
    """A bundle's arrays, each asked for with the shape that the manifest's sizes give it."""

    def __init__(self, arrays: Arrays, cpu: str) -> None:
        self._arrays, self._cpu = arrays, cpu

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def _get(self, name: str, shape: tuple[int, ...], kind: type) -> npt.NDArray[Any]:
        found = self._arrays.get(name)
        if found is None:
            raise ValueError(f"{name}: missing")
        if found.shape != shape or found.dtype != kind:
            raise ValueError(f"{name}: {found.dtype} {list(found.shape)}; expected {np.dtype(kind)} {list(shape)}")
        return np.ascontiguousarray(found)

    def __call__(self, name: str, *shape: int) -> Floats:
        return self._get(name, shape, np.float32)

    def matrix(self, name: str, rows: int, columns: int) -> Callable[[Floats], Floats]:
        """The int8 product with a vector."""
        scale = self._get(f"{name}.scale", (rows,), np.float32)
        product: Callable[[Floats], Floats] = _native.Matrix(self._get(name, (rows, columns), np.int8), scale, self._cpu).multiply
        return product

    def dense(self, name: str, rows: int, columns: int) -> tuple[Floats, Floats]:
        """Weight [columns, rows], to be multiplied from the right, and bias."""
        return np.ascontiguousarray(self(name, rows, columns).T), self(f"{name}.bias", rows)


class Prenet:
    """Two layers with ReLU. masks [first + second] of 0 and 2, or None."""

    def __init__(self, get: Checked, name: str, inputs: int, first: int, second: int) -> None:
        self.layers = [get.dense(f"{name}.first", first, inputs), get.dense(f"{name}.second", second, first)]
        self.width = first + second

    def __call__(self, x: Floats, masks: Floats | None = None) -> Floats:
        used = 0
        for weight, bias in self.layers:
            x = np.maximum(x @ weight + bias, 0)
            if masks is not None:
                x = x * masks[used : used + len(bias)]
                used += len(bias)
        return x


class Gru:
    """torch.nn.GRU's equations, one direction."""

    def __init__(self, get: Checked, name: str, inputs: int, size: int) -> None:
        self.size = size
        self.input = np.ascontiguousarray(get(f"{name}.weight_ih", 3 * size, inputs).T)
        self.recurrent = get(f"{name}.weight_hh", 3 * size, size)
        self.input_bias, self.bias = get(f"{name}.bias_ih", 3 * size), get(f"{name}.bias_hh", 3 * size)

    def gates(self, x: Floats) -> Floats:
        """What the inputs [n, inputs] contribute."""
        return x @ self.input + self.input_bias

    def run(self, gates: Floats, state: Floats, check: Check = nothing) -> Floats:
        """States [n, size] after each step."""
        out = np.empty((len(gates), self.size), np.float32)
        for i, x in enumerate(gates):
            out[i] = state = gru_step(x, self.recurrent @ state + self.bias, state)
            if i % STEPS == STEPS - 1:
                check()
        return out


def gru_step(x: Floats, inner: Floats, state: Floats) -> Floats:
    size = len(state)
    gates = sigmoid(x[: 2 * size] + inner[: 2 * size])
    new = np.tanh(x[2 * size :] + gates[:size] * inner[2 * size :])
    return np.asarray(new + gates[size:] * (state - new), np.float32)


class Cbhg:
    """models.tacotron1.Cbhg up to its GRU (`local`), and the GRU's two directions."""

    def __init__(self, get: Checked, name: str, inputs: int, channels: int, bank: int, project: int, highways: int) -> None:
        def normed(layer: str, outputs: int, width: int, kernel: int) -> tuple[Floats, Floats, Floats]:
            taps = get(f"{name}.{layer}", outputs, kernel * width).reshape(outputs, kernel, width).transpose(1, 2, 0)
            return np.ascontiguousarray(taps), get(f"{name}.{layer}.gain", outputs), get(f"{name}.{layer}.shift", outputs)

        self.bank = [normed(f"bank.{k}", channels, inputs, k + 1) for k in range(bank)]
        self.project = normed("project.0", project, bank * channels, 3)
        last = get(f"{name}.project.1.weight", inputs, 3 * project).reshape(inputs, 3, project).transpose(1, 2, 0)
        self.last = np.ascontiguousarray(last), get(f"{name}.project.1.bias", inputs)
        self.match = np.ascontiguousarray(get(f"{name}.match", channels, inputs).T) if inputs != channels else None
        self.highways = [
            [get.dense(f"{name}.highways.{i}.{part}", channels, channels) for part in ("change", "gate")]
            for i in range(highways)
        ]
        self.forward, self.backward = (Gru(get, f"{name}.{d}", channels, channels) for d in ("forward", "backward"))
        self.before, self.after = bank // 2 + 3, (bank - 1) // 2 + 2  # positions that `local` sees either side

    def local(self, x: Floats, check: Check = nothing) -> Floats:
        """[n, inputs] → [n, channels]; beyond the ends are zeros."""
        parts = []
        for taps, gain, shift in self.bank:
            parts.append(np.maximum(convolve(x, taps, check), 0) * gain + shift)
            check()
        banked = np.concatenate(parts, axis=1)
        banked[1:] = np.maximum(banked[1:], banked[:-1])
        taps, gain, shift = self.project
        y = np.maximum(convolve(banked, taps, check), 0) * gain + shift
        y = convolve(y, self.last[0]) + self.last[1] + x
        if self.match is not None:
            y = y @ self.match
        for (change, change_bias), (gate, gate_bias) in self.highways:
            share = sigmoid(y @ gate + gate_bias)
            y = y + share * (np.maximum(y @ change + change_bias, 0) - y)
        check()
        return np.asarray(y, np.float32)

    def whole(self, x: Floats, check: Check) -> Floats:
        """Both directions over everything: [n, inputs] → [n, 2 · channels]."""
        y = self.local(x, check)
        zero = np.zeros(self.forward.size, np.float32)
        there = self.forward.run(self.forward.gates(y), zero, check)
        back = self.backward.run(self.backward.gates(y)[::-1], zero, check)[::-1]
        return np.concatenate([there, back], axis=1)


def convolve(x: Floats, taps: Floats, check: Check = nothing) -> Floats:
    """[n, inputs], taps [kernel, inputs, outputs] → [n, outputs]: output i sees inputs i - kernel // 2 …"""
    kernel, n = len(taps), len(x)
    left = kernel // 2
    padded = np.pad(x, ((left, kernel - 1 - left), (0, 0)))
    out = padded[:n] @ taps[0]
    for tap in range(1, kernel):
        out += padded[tap : tap + n] @ taps[tap]
        check()
    return out


class Tacotron1:
    """See acoustics.Acoustic. Raises ValueError that names the array that does not fit."""

    def __init__(self, arrays: Arrays, half: Half, cpu: str) -> None:
        d, get = half.dims, Checked(arrays, cpu)
        self.dims = d
        self.stop, self.dropout = half.options.get("stop", -3.8), half.options.get("dropout", 0.0) != 0
        context, width, lstm, features = 2 * d["encoder"], d["attention"], d["decoder_rnn"], d["n_features"]
        self.embedding = get("encoder.embedding", d["n_symbols"], d["embedding"])
        self.encoder_prenet = Prenet(get, "encoder.prenet", d["embedding"], d["encoder_prenet"], d["encoder"])
        self.encoder = Cbhg(get, "encoder.cbhg", d["encoder"], d["encoder"], d["encoder_bank"], d["encoder"], d["highways"])
        self.prenet = Prenet(get, "prenet", features, d["prenet_first"], d["prenet"])
        gates = 3 * width
        self.query_context = get.matrix("decoder.attention_rnn.context", gates, context)
        self.query_prenet = get.matrix("decoder.attention_rnn.prenet", gates, d["prenet"])
        self.query_state = get.matrix("decoder.attention_rnn.state", gates, width)
        self.query_biases = [get(f"decoder.attention_rnn.bias_{kind}", gates) for kind in ("ih", "hh")]
        self.key = np.ascontiguousarray(get("decoder.key", width, context).T)
        self.query = get("decoder.query", width, width)
        kernel = d["location_kernel"]
        if kernel % 2 == 0:
            raise ValueError(f"decoder.location: {kernel} taps; expected an odd number")
        self.location = np.ascontiguousarray(get("decoder.location", width, 2 * kernel).T)
        self.energy_bias, self.score = get("decoder.energy.bias", width), get("decoder.score", width)
        self.enter_context = get.matrix("decoder.enter.context", lstm, context)
        self.enter_query = get.matrix("decoder.enter.query", lstm, width)
        self.enter_bias = get("decoder.enter.bias", lstm)
        self.lstm = [
            (get.matrix(f"decoder.lstm{i}.input", 4 * lstm, lstm), get.matrix(f"decoder.lstm{i}.state", 4 * lstm, lstm),
             get(f"decoder.lstm{i}.bias", 4 * lstm)) for i in range(2)
        ]  # fmt: skip
        self.frames = get("decoder.frames", d["frames_per_step"] * features, lstm)
        self.refine = Cbhg(get, "postnet", features, d["postnet"], d["postnet_bank"], d["postnet_project"], d["highways"])
        self.leave = np.ascontiguousarray(get("postnet.leave", features, 2 * d["postnet"]).T)
        self.mean, self.deviation = get("feature_mean", features), get("feature_deviation", features)

    def encode(self, ids: npt.NDArray[np.int64], check: Check) -> Floats:
        return self.encoder.whole(self.encoder_prenet(self.embedding[ids]), check)

    def decode(self, memory: Floats, seed: int) -> Decoder:
        return Decoder(self, memory, seed)

    def postnet(self) -> Postnet:
        return Postnet(self)


class Decoder:
    """See acoustics.Decoder. A voice that speaks without dropout gets it from `retry` on: another try must be another."""

    def __init__(self, network: Tacotron1, memory: Floats, seed: int) -> None:
        d = network.dims
        self._network, self._memory, self._keys = network, memory, memory @ network.key + network.energy_bias
        self._seed, self._drops, self._windowed = seed, network.dropout, False
        self._step = self._position = 0
        self._query, self._context, self._frame = (
            np.zeros(n, np.float32) for n in (d["attention"], 2 * d["encoder"], d["n_features"])
        )
        self._states = [(np.zeros(d["decoder_rnn"], np.float32),) * 2] * 2
        reach = d["location_kernel"] // 2
        self._around = np.zeros((2, len(memory) + 2 * reach), np.float32)  # cumulated and last weights, with room at the ends

    def copy(self) -> Decoder:
        other = Decoder.__new__(Decoder)
        other.__dict__.update(self.__dict__)
        other._states = list(self._states)  # everything else is replaced, never changed
        return other

    def retry(self, seed: int) -> None:
        self._seed, self._drops, self._windowed = seed, True, True

    def run(
        self, steps: int, milliseconds: float = 1e9, until: int = 1 << 30
    ) -> tuple[Floats, npt.NDArray[np.int32], Floats, Floats]:
        """See acoustics.Decoder. The gate is how far the loudest band is below where the voice ends."""
        end = time.perf_counter() + milliseconds / 1000
        frames, positions, gates, attention = [], [], [], []
        for _ in range(steps):
            output, weights = self._next()
            frames.append(output)
            attention.append(weights)
            gates.append(self._network.stop - output.max())
            positions.append(self._position)
            if self._position >= until or time.perf_counter() >= end:
                break
        return (np.concatenate(frames), np.array(positions, np.int32), np.array(gates, np.float32), np.array(attention))

    def _next(self) -> tuple[Floats, Floats]:
        net, d = self._network, self._network.dims
        masks = None
        if self._drops:
            bits = random_bits(self._seed, DROPOUT_STREAM, self._step * net.prenet.width, net.prenet.width)
            masks = np.where(bits >> np.uint64(63), np.float32(2), np.float32(0))
        x = net.query_context(self._context) + net.query_prenet(net.prenet(self._frame, masks)) + net.query_biases[0]
        self._query = gru_step(x, net.query_state(self._query) + net.query_biases[1], self._query)
        kernel, size = d["location_kernel"], len(self._memory)
        windows = np.lib.stride_tricks.sliding_window_view(self._around, kernel, axis=1)  # [2, size, kernel]
        located = windows[0] @ net.location[:kernel] + windows[1] @ net.location[kernel:]
        # σ(u) / Σ σ(u) by way of logarithms: where no symbol is wanted much, all of σ(u) could be rounded to 0.
        shares = -np.logaddexp(np.float32(0), -(np.tanh(self._keys + located + net.query @ self._query) @ net.score))
        if self._windowed:
            shares[: max(0, self._position - WINDOW["back"])] = -np.inf
            shares[self._position + WINDOW["ahead"] + 1 :] = -np.inf
        weights = np.exp(shares - shares.max())
        weights /= weights.sum()
        around = self._around.copy()
        around[0, kernel // 2 : kernel // 2 + size] += weights
        around[1, kernel // 2 : kernel // 2 + size] = weights
        self._around, self._context = around, weights @ self._memory
        x = net.enter_context(self._context) + net.enter_query(self._query) + net.enter_bias
        for i, (of_input, of_state, bias) in enumerate(net.lstm):
            state, cell = self._states[i]
            gates = of_input(x) + of_state(state) + bias
            n = len(state)
            opened, new = sigmoid(gates), np.tanh(gates[2 * n : 3 * n])
            cell = opened[n : 2 * n] * cell + opened[:n] * new
            self._states[i] = opened[3 * n :] * np.tanh(cell), cell
            x = x + self._states[i][0]
        output = (net.frames @ x).reshape(d["frames_per_step"], d["n_features"])
        self._frame = output[-1]
        best = int(weights.argmax())
        if self._windowed:  # as in native/decoder.cpp: one look ahead must not carry the window along
            best = min(best, self._position + (d["frames_per_step"] + 1) // 2)
        self._position = max(self._position, best)
        self._step += 1
        return output, weights


class Postnet:
    """See acoustics.Features. Frames wait until the backward GRU has LOOK frames behind their block."""

    def __init__(self, network: Tacotron1) -> None:
        self._network, self._cbhg = network, network.refine
        d = network.dims
        self._frames = np.zeros((0, d["n_features"]), np.float32)  # those that `local` still needs
        self._seen = 0  # of these, those that `local` has been computed for
        self._local = np.zeros((0, d["postnet"]), np.float32)  # from the next block on
        self._state = np.zeros(d["postnet"], np.float32)

    def feed(self, frames: Floats) -> Floats:
        self._frames = np.concatenate([self._frames, frames])
        self._compute(len(self._frames) - self._cbhg.after)
        return self._blocks(BLOCK + LOOK)

    def finish(self) -> Floats:
        self._compute(len(self._frames))
        return self._blocks(1)

    def _compute(self, end: int) -> None:
        if end <= self._seen:
            return
        self._local = np.concatenate([self._local, self._cbhg.local(self._frames)[self._seen : end]])
        forget = max(0, end - self._cbhg.before)
        self._frames, self._seen = self._frames[forget:], end - forget

    def _blocks(self, wanted: int) -> Floats:
        """All blocks behind which enough is known."""
        out = list(self._made(wanted))
        return np.concatenate(out) if out else np.zeros((0, self._network.dims["n_features"]), np.float32)

    def _made(self, wanted: int) -> Iterator[Floats]:
        cbhg = self._cbhg
        zero = np.zeros_like(self._state)
        while len(self._local) >= wanted:
            block, look = self._local[:BLOCK], self._local[: BLOCK + LOOK]
            there = cbhg.forward.run(cbhg.forward.gates(block), self._state)
            back = cbhg.backward.run(cbhg.backward.gates(look)[::-1], zero)[::-1][: len(block)]
            self._state, self._local = there[-1], self._local[BLOCK:]
            net = self._network
            yield np.concatenate([there, back], axis=1) @ net.leave * net.deviation + net.mean
