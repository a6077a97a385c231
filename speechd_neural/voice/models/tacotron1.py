"""Tacotron (Wang et al. 2017) as it is paired with WaveRNN in public: CBHG encoder, location-sensitive attention whose
energies pass a sigmoid instead of an exponential (Chorowski et al. 2015, section 2.3), two residual LSTMs, and a CBHG
that refines the frames.

Shapes: S symbols, T decoder steps, R frames per step, F mel bands; all frames in the numbers the model was trained on.

    encoder   embedding → prenet → CBHG                                                     [S] → memory [S, 2 · encoder]
    step t    a_t = GRU(context_{t-1}, prenet of the last frame)
              u = score · tanh(query a_t + key memory + location(cumulated, last weights))
              weights = σ(u) / Σ σ(u);  context_t = weights · memory
              x = enter(context_t, a_t);  x += LSTM(x);  x += LSTM(x);  frames = linear(x)
    postnet   CBHG → linear                                                                   [T·R, F] → [T·R, F]

It ends where all bands of all frames of a step are below `stop`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Tacotron1Dims:
    """encoder, postnet: channels of the CBHGs; *_bank: their widest kernel; postnet_project: inside the second one."""

    n_symbols: int = 148
    n_features: int = 80
    frames_per_step: int = 2
    embedding: int = 256
    encoder_prenet: int = 256
    encoder: int = 128
    encoder_bank: int = 16
    prenet_first: int = 256
    prenet: int = 128
    attention: int = 256
    location_filters: int = 32
    location_kernel: int = 31
    decoder_rnn: int = 512
    postnet: int = 128
    postnet_bank: int = 8
    postnet_project: int = 256
    highways: int = 4


class Prenet(nn.Module):
    """[..., inputs] → [..., outputs]; masks [2] tensors of 0 and 2 for the two layers, or None: no dropout."""

    def __init__(self, inputs: int, first: int, outputs: int) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(inputs, first), nn.Linear(first, outputs)

    def forward(self, x: Tensor, masks: tuple[Tensor, Tensor] | None = None) -> Tensor:
        for i, layer in enumerate((self.first, self.second)):
            x = torch.relu(layer(x))
            if masks is not None:
                x = x * masks[i]
        return x


class NormedConv(nn.Module):
    """[batch, inputs, n] → [batch, outputs, n (+ 1 where the kernel is even)]; normalized behind the ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int, rectified: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        self.norm = nn.BatchNorm1d(outputs)
        self.rectified = rectified

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return self.norm(torch.relu(x) if self.rectified else x)


class Highway(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.change, self.gate = nn.Linear(size, size), nn.Linear(size, size)

    def forward(self, x: Tensor) -> Tensor:
        return torch.lerp(x, torch.relu(self.change(x)), torch.sigmoid(self.gate(x)))


class Cbhg(nn.Module):
    """A bank of convolutions of 1 … bank taps, highways and a bidirectional GRU: [batch, n, inputs] → [batch, n, 2 · channels].

    Maximum over each position and the one before it; the projections end in `inputs`, to be added to what came in.
    """

    def __init__(self, inputs: int, channels: int, bank: int, project: int, highways: int) -> None:
        super().__init__()
        self.bank = nn.ModuleList(NormedConv(inputs, channels, kernel) for kernel in range(1, bank + 1))
        self.project = nn.ModuleList(
            [NormedConv(bank * channels, project, 3), NormedConv(project, inputs, 3, rectified=False)]
        )
        self.match = nn.Linear(inputs, channels, bias=False) if inputs != channels else None
        self.highways = nn.ModuleList(Highway(channels) for _ in range(highways))
        self.rnn = nn.GRU(channels, channels, batch_first=True, bidirectional=True)

    def local(self, x: Tensor) -> Tensor:
        """All that comes before the GRU, [batch, n, channels]."""
        n, inner = x.shape[1], x.transpose(1, 2)
        banked = torch.cat([layer(inner)[:, :, :n] for layer in self.bank], 1)
        pooled = torch.maximum(banked, F.pad(banked, (1, 0), value=-torch.inf)[:, :, :n])
        for layer in self.project:
            pooled = layer(pooled)
        out = pooled.transpose(1, 2) + x
        if self.match is not None:
            out = self.match(out)
        for highway in self.highways:
            out = highway(out)
        return out

    def forward(self, x: Tensor) -> Tensor:
        return self.rnn(self.local(x))[0]


class Encoder(nn.Module):
    """ids [batch, S] → memory [batch, S, 2 · encoder]."""

    def __init__(self, dims: Tacotron1Dims) -> None:
        super().__init__()
        self.embedding = nn.Embedding(dims.n_symbols, dims.embedding)
        self.prenet = Prenet(dims.embedding, dims.encoder_prenet, dims.encoder)
        self.cbhg = Cbhg(dims.encoder, dims.encoder, dims.encoder_bank, dims.encoder, dims.highways)

    def forward(self, ids: Tensor) -> Tensor:
        return self.cbhg(self.prenet(self.embedding(ids)))


class Attention(nn.Module):
    def __init__(self, dims: Tacotron1Dims) -> None:
        super().__init__()
        kernel = dims.location_kernel
        self.location_conv = nn.Conv1d(2, dims.location_filters, kernel, padding=(kernel - 1) // 2, bias=False)
        self.location = nn.Linear(dims.location_filters, dims.attention)
        self.query = nn.Linear(dims.attention, dims.attention)
        self.score = nn.Linear(dims.attention, 1, bias=False)

    def forward(self, query: Tensor, keys: Tensor, cumulated: Tensor, weights: Tensor) -> Tensor:
        """query [batch, attention], keys [batch, S, attention], the rest [batch, S] → the next weights [batch, S]."""
        located = self.location(self.location_conv(torch.stack([cumulated, weights], 1)).transpose(1, 2))
        energies = self.score(torch.tanh(self.query(query)[:, None] + keys + located)).squeeze(-1)
        shares = torch.sigmoid(energies)
        return shares / shares.sum(1, keepdim=True)


class Tacotron1(nn.Module):
    feature_mean: Tensor
    feature_deviation: Tensor

    def __init__(self, dims: Tacotron1Dims) -> None:
        super().__init__()
        self.dims = dims
        # The mel contract's numbers are the model's times the deviation plus the mean.
        self.register_buffer("feature_mean", torch.zeros(dims.n_features))
        self.register_buffer("feature_deviation", torch.ones(dims.n_features))
        width = dims.attention
        self.encoder = Encoder(dims)
        self.key = nn.Linear(2 * dims.encoder, width, bias=False)
        self.prenet = Prenet(dims.n_features, dims.prenet_first, dims.prenet)
        self.attention = Attention(dims)
        self.attention_rnn = nn.GRUCell(2 * dims.encoder + dims.prenet, width)
        self.enter = nn.Linear(2 * dims.encoder + width, dims.decoder_rnn)
        self.lstm = nn.ModuleList(nn.LSTMCell(dims.decoder_rnn, dims.decoder_rnn) for _ in range(2))
        self.frames = nn.Linear(dims.decoder_rnn, dims.frames_per_step * dims.n_features, bias=False)
        self.postnet = Cbhg(dims.n_features, dims.postnet, dims.postnet_bank, dims.postnet_project, dims.highways)
        self.leave = nn.Linear(2 * dims.postnet, dims.n_features, bias=False)

    @torch.no_grad()
    def infer(self, ids: Tensor, limit: int, stop: float, masks: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Free-running reference for one text: ids [S]; masks [limit, prenet_first + prenet] of 0 and 2, or None.
        → features [frames, F] in the contract's numbers, decoder frames [frames, F], attention [steps, S]."""
        d = self.dims
        memory = self.encoder(ids[None])
        keys = self.key(memory)
        query = torch.zeros(1, d.attention)
        states = [(torch.zeros(1, d.decoder_rnn), torch.zeros(1, d.decoder_rnn))] * 2
        context, frame = torch.zeros(1, 2 * d.encoder), torch.zeros(1, d.n_features)
        weights = cumulated = torch.zeros(1, len(ids))
        frames, attention = [], []
        for t in range(limit):
            drop = None if masks is None else (masks[t, : d.prenet_first], masks[t, d.prenet_first :])
            query = self.attention_rnn(torch.cat([context, self.prenet(frame, drop)], 1), query)
            weights = self.attention(query, keys, cumulated, weights)
            cumulated = cumulated + weights
            context = torch.bmm(weights[:, None], memory)[:, 0]
            x = self.enter(torch.cat([context, query], 1))
            for i, lstm in enumerate(self.lstm):
                states[i] = lstm(x, states[i])
                x = x + states[i][0]
            output = self.frames(x).view(d.frames_per_step, d.n_features)
            frame = output[-1:]
            frames.append(output)
            attention.append(weights[0])
            if (output < stop).all():
                break
        coarse = torch.cat(frames)
        fine = self.leave(self.postnet(coarse[None]))[0]
        return fine * self.feature_deviation + self.feature_mean, coarse, torch.stack(attention)
