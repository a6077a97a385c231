"""A GRU over a sequence with its backward pass written out: on a CPU several times faster than autograd over single steps,
because the weight gradient becomes one matrix product and, with `half`, all products run in bfloat16.

Gate order and equations are torch.nn.GRU's (reset, update, new), so weights are interchangeable with it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class _GruSequence(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, gx: Tensor, h: Tensor, weight: Tensor, bias: Tensor, half: bool) -> Tensor:
        steps, batch, _ = gx.shape
        size = h.shape[1]
        w = (weight.bfloat16() if half else weight).t().contiguous()
        b = bias.bfloat16() if half else bias
        states = gx.new_empty(steps + 1, batch, size)
        states[0] = h
        rz = gx.new_empty(steps, batch, 2 * size)
        new = gx.new_empty(steps, batch, size)
        inner = gx.new_empty(steps, batch, size)
        for t in range(steps):
            previous = states[t]
            gh = torch.addmm(b, previous.bfloat16() if half else previous, w)
            torch.add(gx[t, :, : 2 * size], gh[:, : 2 * size], out=rz[t])
            rz[t].sigmoid_()
            inner[t] = gh[:, 2 * size :]
            torch.addcmul(gx[t, :, 2 * size :], rz[t, :, :size], inner[t], out=new[t])
            new[t].tanh_()
            torch.lerp(new[t], previous, rz[t, :, size:], out=states[t + 1])
        ctx.save_for_backward(states, rz, new, inner, weight)
        ctx.half = half
        return states[1:]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, None]:
        states, rz, new, inner, weight = ctx.saved_tensors
        grad = gradients[0]
        steps, batch, size = grad.shape
        w = weight.bfloat16() if ctx.half else weight
        r, z = rz[..., :size], rz[..., size:]
        # Everything that does not depend on the running gradient, for all steps at once.
        to_update = (states[:-1] - new) * z * (1 - z)
        to_new = (1 - z) * (1 - new * new)
        to_reset = inner * r * (1 - r)
        dgx = torch.empty(steps, batch, 3 * size, dtype=grad.dtype)
        dgh = torch.empty(steps, batch, 3 * size, dtype=w.dtype)
        dh = torch.zeros_like(grad[0])
        for t in range(steps - 1, -1, -1):
            dh = dh + grad[t]
            out = dgx[t]
            torch.mul(dh, to_new[t], out=out[:, 2 * size :])
            torch.mul(dh, to_update[t], out=out[:, size : 2 * size])
            torch.mul(out[:, 2 * size :], to_reset[t], out=out[:, :size])
            dgh[t, :, : 2 * size] = out[:, : 2 * size]
            dgh[t, :, 2 * size :] = out[:, 2 * size :] * r[t]
            dh = torch.addcmul(torch.mm(dgh[t], w).to(dh.dtype), dh, z[t])
        flat = dgh.reshape(-1, 3 * size)
        before = states[:-1].reshape(-1, size)
        dweight = torch.mm(flat.t(), before.bfloat16() if ctx.half else before).to(weight.dtype)
        # As a product: summing a bfloat16 matrix over its rows would first copy it.
        dbias = torch.mm(flat.new_ones(1, len(flat)), flat)[0].to(weight.dtype)
        return dgx, dh, dweight, dbias, None


class FastGru(nn.Module):
    """inputs: already times the input weights and with their bias, [steps, batch, 3·size]; → states [steps, batch, size]."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.weight_hh = nn.Parameter(torch.empty(3 * size, size))
        self.bias_hh = nn.Parameter(torch.zeros(3 * size))
        for gate in range(3):
            nn.init.orthogonal_(self.weight_hh.data[gate * size : (gate + 1) * size])

    def forward(self, gates: Tensor, state: Tensor, half: bool = False) -> Tensor:
        if gates.is_cuda:
            return self._stepwise(gates, state)
        return _GruSequence.apply(gates, state, self.weight_hh, self.bias_hh, half)

    def step(self, gates: Tensor, state: Tensor) -> Tensor:
        """One step: gates [batch, 3·size], state [batch, size] → the next state."""
        r_x, z_x, n_x = gates.chunk(3, -1)
        r_h, z_h, n_h = torch.addmm(self.bias_hh, state, self.weight_hh.t()).chunk(3, -1)
        new = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
        return torch.lerp(new, state, torch.sigmoid(z_x + z_h))

    def _stepwise(self, gates: Tensor, state: Tensor) -> Tensor:
        states = []
        for step in gates:
            state = self.step(step, state)
            states.append(state)
        return torch.stack(states)


class _LstmSequence(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, gx: Tensor, weight: Tensor, bias: Tensor, half: bool) -> Tensor:
        steps, batch, width = gx.shape
        size = width // 4
        w = (weight.bfloat16() if half else weight).t().contiguous()
        states = gx.new_zeros(steps + 1, batch, size)
        cells = gx.new_zeros(steps + 1, batch, size)
        gates = gx.new_empty(steps, batch, 4 * size)
        gx = gx + bias
        for t in range(steps):
            gh = torch.mm(states[t].bfloat16() if half else states[t], w)
            torch.add(gx[t], gh, out=gates[t])
            gates[t, :, : 2 * size].sigmoid_()
            gates[t, :, 2 * size : 3 * size].tanh_()
            gates[t, :, 3 * size :].sigmoid_()
            i, f, g, o = gates[t].chunk(4, 1)
            torch.addcmul(i * g, f, cells[t], out=cells[t + 1])
            torch.mul(o, torch.tanh(cells[t + 1]), out=states[t + 1])
        ctx.save_for_backward(states, cells, gates, weight)
        ctx.half = half
        return states[1:]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        states, cells, gates, weight = ctx.saved_tensors
        grad = gradients[0]
        steps, _, size = grad.shape
        w = weight.bfloat16() if ctx.half else weight
        i, f, g, o = gates.chunk(4, 2)
        tanh_c = torch.tanh(cells[1:])
        through_cell = o * (1 - tanh_c * tanh_c)
        factors = torch.cat([g * i * (1 - i), cells[:-1] * f * (1 - f), i * (1 - g * g)], 2)
        to_output = tanh_c * o * (1 - o)
        dgates = torch.empty_like(gates)
        dh = torch.zeros_like(grad[0])
        dc = torch.zeros_like(grad[0])
        for t in range(steps - 1, -1, -1):
            dh = dh + grad[t]
            dc = torch.addcmul(dc, dh, through_cell[t])
            torch.mul(dc.repeat(1, 3), factors[t], out=dgates[t, :, : 3 * size])
            torch.mul(dh, to_output[t], out=dgates[t, :, 3 * size :])
            dh = torch.mm(dgates[t].bfloat16() if ctx.half else dgates[t], w).to(dh.dtype)
            dc = dc * f[t]
        flat = dgates.reshape(-1, 4 * size)
        before = states[:-1].reshape(-1, size)
        a, b = (flat.bfloat16(), before.bfloat16()) if ctx.half else (flat, before)
        dweight = torch.mm(a.t(), b).to(weight.dtype)
        return dgates, dweight, flat.sum(0), None


class FastLstm(nn.Module):
    """An LSTM layer with torch.nn.LSTM's equations and gate order (input, forget, cell, output), starting from zero.

    forward: [steps, batch, inputs] → states [steps, batch, size]; step: one step, for inference.
    """

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__()
        self.size = size
        bound = size**-0.5
        self.weight_ih = nn.Parameter(torch.empty(4 * size, inputs).uniform_(-bound, bound))
        self.weight_hh = nn.Parameter(torch.empty(4 * size, size).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(4 * size))
        self.bias.data[size : 2 * size] = 1.0  # remember at first

    def forward(self, inputs: Tensor, half: bool = False) -> Tensor:
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=half):
            gates = torch.nn.functional.linear(inputs, self.weight_ih)
        gates = gates.float()
        if not gates.is_cuda:
            return _LstmSequence.apply(gates, self.weight_hh, self.bias, half)
        state = cell = gates.new_zeros(gates.shape[1], self.size)
        states = []
        for gate in gates:
            state, cell = self._cell(gate, state, cell)
            states.append(state)
        return torch.stack(states)

    def step(self, inputs: Tensor, state: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        """inputs [batch, inputs], state and cell [batch, size] → the next state and cell."""
        return self._cell(torch.nn.functional.linear(inputs, self.weight_ih), state, cell)

    def _cell(self, gates: Tensor, state: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        i, f, g, o = (gates + torch.nn.functional.linear(state, self.weight_hh) + self.bias).chunk(4, 1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cell), cell
