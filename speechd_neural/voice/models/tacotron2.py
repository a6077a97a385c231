"""Tacotron 2 (Shen et al. 2018): symbols → mel features, with location-sensitive attention (Chorowski et al. 2015).

Shapes: S symbols, T decoder steps, R frames per step, F features. Sizes come from the bundle's manifest.

    encoder   embedding → 3 × (conv 5, batch norm, ReLU) → bidirectional LSTM            [S] → memory [S, encoder]
    prenet    the last frame → 2 × (linear, ReLU, dropout 0.5 always on)                  [F] → [prenet]
    step t    a_t = attention LSTM(prenet_t, context_{t-1})
              energies = v · tanh(query a_t + key memory + location conv(weights_{t-1}, cumulated weights))
              weights_t = softmax over a window that only moves forward;  context_t = weights_t · memory
              d_t = decoder LSTM(a_t, context_t);  frames, gate = linear(d_t, context_t)
    postnet   5 × (conv 5, batch norm, tanh) as a residual on the frames

Bounded decoding: the attention looks only at WINDOW symbols around its last position (see `window`), never back by
more than one, so it can neither skip a stretch of text nor return to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from speechd_neural.voice.models.recurrent import FastLstm

BACK, AHEAD = 1, 6  # symbols before and behind the last position that attention may look at


@dataclass(frozen=True, slots=True)
class Tacotron2Dims:
    """Layer widths. `window`: attention restricted to BACK + 1 + AHEAD symbols; False: over all of them, as in the paper."""

    n_symbols: int = 53
    n_features: int = 82
    frames_per_step: int = 2
    embedding: int = 256
    encoder: int = 256
    encoder_kernel: int = 5
    encoder_layers: int = 3
    prenet: int = 128
    attention_rnn: int = 384
    attention: int = 128
    location_filters: int = 32
    location_kernel: int = 11
    decoder_rnn: int = 384
    postnet: int = 128
    postnet_kernel: int = 5
    postnet_layers: int = 5
    window: bool = True


def conv_norm(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv1d(inputs, outputs, kernel, padding=kernel // 2), nn.BatchNorm1d(outputs))


class Encoder(nn.Module):
    """ids [batch, S], mask [batch, S] (1 = symbol, 0 = padding) → memory [batch, S, encoder]."""

    def __init__(self, dims: Tacotron2Dims) -> None:
        super().__init__()
        self.embedding = nn.Embedding(dims.n_symbols, dims.embedding)
        nn.init.normal_(self.embedding.weight, std=0.3)
        widths = [dims.embedding] + [dims.encoder] * dims.encoder_layers
        self.convolutions = nn.ModuleList(conv_norm(a, b, dims.encoder_kernel) for a, b in pairwise(widths))
        self.forward_lstm = FastLstm(dims.encoder, dims.encoder // 2)
        self.backward_lstm = FastLstm(dims.encoder, dims.encoder // 2)

    def forward(self, ids: Tensor, mask: Tensor, half: bool = False) -> Tensor:
        x = self.embedding(ids).transpose(1, 2) * mask[:, None]
        for convolution in self.convolutions:
            x = F.dropout(torch.relu(convolution(x)), 0.2, self.training) * mask[:, None]
        x = x.permute(2, 0, 1)
        lengths = mask.sum(1).long()
        # The backward pass reads every sequence reversed within its own length.
        positions = torch.arange(x.shape[0], device=x.device)[:, None]
        reverse = torch.where(positions < lengths, lengths - 1 - positions, positions)[..., None]
        there = self.forward_lstm(x, half)
        back = self.backward_lstm(x.gather(0, reverse.expand_as(x)), half)
        back = back.gather(0, reverse.expand_as(back))
        return torch.cat([there, back], 2).transpose(0, 1) * mask[..., None]


class Attention(nn.Module):
    """Energies of symbols from a query, the memory's keys and features of where attention has been."""

    def __init__(self, dims: Tacotron2Dims) -> None:
        super().__init__()
        self.query = nn.Linear(dims.attention_rnn, dims.attention, bias=False)
        self.key = nn.Linear(dims.encoder, dims.attention, bias=False)
        self.location_conv = nn.Conv1d(
            2, dims.location_filters, dims.location_kernel, padding=dims.location_kernel // 2, bias=False
        )
        self.location = nn.Linear(dims.location_filters, dims.attention, bias=False)
        self.score = nn.Linear(dims.attention, 1, bias=False)

    def energies(self, query: Tensor, keys: Tensor, location: Tensor) -> Tensor:
        """query [..., attention_rnn], keys [..., n, attention], location [..., n, filters] → [..., n]."""
        return self.score(torch.tanh(self.query(query).unsqueeze(-2) + keys + self.location(location))).squeeze(-1)


class Tacotron2(nn.Module):
    feature_mean: Tensor
    feature_deviation: Tensor

    def __init__(self, dims: Tacotron2Dims) -> None:
        super().__init__()
        self.dims = dims
        width = dims.n_features
        # Features are standardized inside: the contract's numbers outside, mean 0 and deviation 1 within.
        self.register_buffer("feature_mean", torch.zeros(width))
        self.register_buffer("feature_deviation", torch.ones(width))
        self.encoder = Encoder(dims)
        self.prenet = nn.ModuleList(
            [nn.Linear(width, dims.prenet, bias=False), nn.Linear(dims.prenet, dims.prenet, bias=False)]
        )
        self.attention_rnn = FastLstm(dims.prenet + dims.encoder, dims.attention_rnn)
        self.attention = Attention(dims)
        self.decoder_rnn = FastLstm(dims.attention_rnn + dims.encoder, dims.decoder_rnn)
        self.frames = nn.Linear(dims.decoder_rnn + dims.encoder, width * dims.frames_per_step)
        self.gate = nn.Linear(dims.decoder_rnn + dims.encoder, 1)
        widths = [width] + [dims.postnet] * (dims.postnet_layers - 1) + [width]
        self.postnet = nn.ModuleList(conv_norm(a, b, dims.postnet_kernel) for a, b in pairwise(widths))
        nn.init.zeros_(self.postnet[-1].get_submodule("1").get_parameter("weight"))

    def run_prenet(self, frame: Tensor, masks: Tensor | None = None) -> Tensor:
        """frame [..., F] (standardized) → [..., prenet]. masks [2, ..., prenet]: 0 or 2 each; None: drawn here."""
        for index, layer in enumerate(self.prenet):
            frame = torch.relu(layer(frame))
            frame = F.dropout(frame, 0.5, True) if masks is None else frame * masks[index]
        return frame

    def run_postnet(self, frames: Tensor) -> Tensor:
        """[batch, frames, F] → the same, with the residual added."""
        x = frames.transpose(1, 2)
        for index, layer in enumerate(self.postnet):
            x = layer(x)
            if index < len(self.postnet) - 1:
                x = torch.tanh(x)
            x = F.dropout(x, 0.2, self.training)
        return frames + x.transpose(1, 2)

    def standardize(self, features: Tensor) -> Tensor:
        return (features - self.feature_mean) / self.feature_deviation

    def restore(self, features: Tensor) -> Tensor:
        return features * self.feature_deviation + self.feature_mean

    def aligned(
        self, ids: Tensor, mask: Tensor, frames: Tensor, weights: Tensor, position: Tensor, half: bool = False
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Teacher forcing where the alignment is known, all steps at once: the known attention weights feed the attention
        LSTM, so nothing but the two LSTMs is sequential. Requires dims.window.

        ids, mask [batch, S]; frames [batch, T·R, F] standardized; weights [batch, T, S] known attention; position
        [batch, T] the symbol where step t's window is anchored (the known position of step t-1).
        → frames before and after the postnet [batch, T·R, F], gate logits [batch, T], log attention in the window
        [batch, T, BACK + 1 + AHEAD].
        """
        d = self.dims
        batch, steps, size = weights.shape
        memory = self.encoder(ids, mask, half)
        given = F.pad(frames[:, d.frames_per_step - 1 :: d.frames_per_step], (0, 0, 1, 0))[:, :steps]
        with torch.autocast(ids.device.type, torch.bfloat16, enabled=half):
            prenet = self.run_prenet(given)
        context = torch.bmm(weights, memory)
        before = F.pad(context, (0, 0, 1, 0))[:, :steps]
        query = self.attention_rnn(torch.cat([prenet.float(), before], 2).transpose(0, 1), half)
        query = F.dropout(query, 0.1, self.training).transpose(0, 1)
        # Only the window's energies are computed: gather keys, weights and cumulated weights around the anchor.
        reach = d.location_kernel // 2
        offsets = torch.arange(-BACK, AHEAD + 1, device=ids.device)
        window = position[..., None] + offsets  # [batch, T, W]
        inside = (window >= 0) & (window < mask.sum(1).long()[:, None, None])
        clamped = window.clamp(0, size - 1)
        rows = torch.arange(batch, device=ids.device)[:, None, None]
        keys = self.attention.key(memory)[rows, clamped]
        previous = F.pad(weights, (0, 0, 1, 0))[:, :steps]
        cumulated = torch.cumsum(previous, 1)
        wide = torch.arange(-BACK - reach, AHEAD + reach + 1, device=ids.device)
        around = (position[..., None] + wide + reach).clamp(0, size + 2 * reach - 1)
        located = torch.stack(
            [F.pad(previous, (reach, reach)).gather(2, around), F.pad(cumulated, (reach, reach)).gather(2, around)], 2
        )  # [batch, T, 2, W + 2·reach]
        patches = located.unfold(3, d.location_kernel, 1).transpose(2, 3).flatten(3)  # [batch, T, W, 2·kernel]
        location = F.linear(patches, self.attention.location_conv.weight.flatten(1))
        energies = self.attention.energies(query, keys, location).masked_fill(~inside, -1e4)
        log_weights = F.log_softmax(energies, -1)
        predicted = torch.einsum("btw,btwe->bte", log_weights.exp(), memory[rows, clamped])
        decoded = self.decoder_rnn(torch.cat([query, predicted], 2).transpose(0, 1), half)
        decoded = F.dropout(decoded, 0.1, self.training).transpose(0, 1)
        joined = torch.cat([decoded, predicted], 2)
        coarse = self.frames(joined).reshape(batch, steps * d.frames_per_step, d.n_features)
        gate = self.gate(joined).squeeze(-1)
        with torch.autocast(ids.device.type, torch.bfloat16, enabled=half):
            fine = self.run_postnet(coarse)
        return coarse, fine.float(), gate, log_weights

    @torch.no_grad()
    def infer(self, ids: Tensor, masks: Tensor, limit: int, threshold: float = 0.5) -> tuple[Tensor, Tensor, Tensor]:
        """Free-running reference for one text. ids [S]; masks [limit, 2, prenet] of 0 and 2 (the seeded dropout).
        → features [frames, F] in the contract's numbers, attention [steps, S], gate logits [steps]."""
        d = self.dims
        size = len(ids)
        memory = self.encoder(ids[None], torch.ones(1, size))
        keys = self.attention.key(memory)
        a_h = a_c = torch.zeros(1, d.attention_rnn)
        d_h = d_c = torch.zeros(1, d.decoder_rnn)
        context = torch.zeros(1, d.encoder)
        frame = torch.zeros(1, d.n_features)
        weights = cumulated = torch.zeros(1, size)
        position = 0
        frames, attention, gates = [], [], []
        for t in range(limit):
            prenet = self.run_prenet(frame, masks[t].unsqueeze(1))
            a_h, a_c = self.attention_rnn.step(torch.cat([prenet, context], 1), a_h, a_c)
            location = self.attention.location_conv(torch.stack([weights, cumulated], 1)).transpose(1, 2)
            energies = self.attention.energies(a_h, keys, location)
            if d.window:
                index = torch.arange(size)
                energies = energies.masked_fill((index < position - BACK) | (index > position + AHEAD), -1e4)
            weights = torch.softmax(energies, 1)
            cumulated = cumulated + weights
            context = torch.bmm(weights[:, None], memory)[:, 0]
            d_h, d_c = self.decoder_rnn.step(torch.cat([a_h, context], 1), d_h, d_c)
            joined = torch.cat([d_h, context], 1)
            output = self.frames(joined).view(d.frames_per_step, d.n_features)
            frame = output[-1:]
            position = max(position, int(weights.argmax()))
            frames.append(output)
            attention.append(weights[0])
            gates.append(self.gate(joined)[0, 0])
            if torch.sigmoid(gates[-1]) > threshold and position >= size - 2:
                break
        coarse = torch.cat(frames)[None]
        return self.restore(self.run_postnet(coarse)[0]), torch.stack(attention), torch.stack(gates)
