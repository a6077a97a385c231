"""A vocoder's run in torch: single-file at first, then many folds of the segment side by side.

A step of the network takes a GPU about as long for one sample as for sixty-four, so a stretch of sound is cut into
folds that are spoken at the same time. Fold 0 goes on from the state that the stretch before has left. Every other
fold begins LEAD frames early, from silence, to find its way; in the last FADE of them it is faded in over the end of
the fold before. Folds meet where the sound is quietest nearby, and the gains of the fade keep the power whatever the
two have in common. At the seams the level then differs from an unfolded run's no more than that of another seed does.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from speechd_neural.arrays import Floats
from speechd_neural.voice.gpu.networks import Network, Tensors
from speechd_neural.voice.gpu.replay import Replay
from speechd_neural.voice.randomness import SAMPLE_STREAM, uniforms_at
from speechd_neural.voice.subbands import FilterBank

LEAD, FADE = 2, 1  # frames
EARLY = 32  # frames from the beginning up to which folds are short, so that the listener is not kept waiting
SHORT_FOLD, FOLD = 4, 8  # frames of a fold, about; the quietest place is looked for within a quarter of them
ROWS = (1, 4, 16, 64)  # folds that a set of fixed tensors is made for


class Steps:
    """A network's steps for `rows` folds on tensors that keep their place."""

    def __init__(self, network: Network, rows: int) -> None:
        device = network.device
        with torch.inference_mode():
            self.given, self.state = network.given(rows), network.state(rows)
            self.draws = torch.full((rows, network.count, network.draws), 0.5, device=device)
            self.out = torch.zeros(rows, network.count, network.bands, device=device)
            self.replay = Replay(lambda: network.work(self.state, self.given, self.draws, self.out), device)


class TorchVocoder:
    """See vocoders.Vocoder; fixed tensors and graphs are shared by all runs, which load and save their state."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._steps: dict[int, Steps] = {}
        self._fresh: Tensors | None = None

    def steps(self, rows: int) -> Steps:
        if rows not in self._steps:
            self._steps[rows] = Steps(self.network, rows)
        return self._steps[rows]

    def fresh(self) -> Tensors:
        """The state of one row before its first step."""
        if self._fresh is None:
            self._fresh = self.network.state(1)
        return self._fresh

    def speak(self, seed: int, folded: bool = True) -> FoldedRun:
        return FoldedRun(self, seed, folded)


class Round:
    """A stretch of `count` frames from frame `first` of the segment in folds that begin at `cuts` (counted from first)."""

    def __init__(
        self, vocoder: TorchVocoder, features: Floats, first: int, count: int, cuts: Sequence[int], state: Tensors
    ) -> None:
        network = vocoder.network
        self._network = network
        self.cuts = [*cuts, count]
        lengths = [b - a + (LEAD if i else 0) for i, (a, b) in enumerate(zip(self.cuts, self.cuts[1:], strict=False))]
        self.length = max(lengths)  # frames that every fold is spoken for
        # The last fold ends where the stretch ends, so that its state can go on; the others may speak on for nothing.
        self.starts = [max(0, cut - LEAD) for cut in cuts]
        self.starts[-1] = count - self.length
        self.rows = next((rows for rows in ROWS if rows >= len(cuts)), len(cuts))
        self._first, self._given = first, network.condition(features)
        self._last = count - 1
        self._steps = vocoder.steps(self.rows)
        fresh = vocoder.fresh()
        self._state = {name: torch.cat([state[name], *[fresh[name]] * (self.rows - 1)]) for name in fresh}
        self._parts: list[Tensor] = []
        self._done = 0

    @property
    def finished(self) -> bool:
        return self._done == self.length * self._network.per_frame

    def go_on(self, seed: int) -> None:
        """One graph's steps for all folds."""
        network, steps = self._network, self._steps
        frame, within = divmod(self._done, network.per_frame)
        starts = np.array(self.starts + [0] * (self.rows - len(self.starts)))
        index = torch.from_numpy(np.clip(starts + frame, 0, self._last)).to(steps.out.device)
        for name, value in self._given.items():
            steps.given[name].copy_(value[index])
        network.within_frame(steps.given, within)
        at = (starts + self._first) * network.per_frame + self._done
        numbers = (at[:, None, None] + np.arange(network.count)[:, None]) * network.draws + np.arange(network.draws)
        steps.draws.copy_(torch.from_numpy(uniforms_at(seed, SAMPLE_STREAM, numbers)))
        for name, value in steps.state.items():
            value.copy_(self._state[name])
        steps.replay()
        self._state = {name: value.clone() for name, value in steps.state.items()}
        self._parts.append(steps.out.clone())
        self._done += network.count

    def end(self) -> tuple[Floats, Tensors]:
        """The stretch's steps [count · per_frame, bands], folds joined, and the state at its end."""
        sound = torch.cat(self._parts, 1).cpu().numpy()
        per_frame, last = self._network.per_frame, len(self.starts) - 1
        out = np.empty((self.cuts[-1] * per_frame, self._network.bands), np.float32)
        for i, start in enumerate(self.starts):
            begin, stop = self.cuts[i] * per_frame, self.cuts[i + 1] * per_frame
            lead = begin - start * per_frame
            out[begin:stop] = sound[i, lead : lead + stop - begin]
            if i:
                fade = FADE * per_frame
                out[begin - fade : begin] = cross_fade(out[begin - fade : begin], sound[i, lead - fade : lead])
        return out, {name: value[last : last + 1].clone() for name, value in self._state.items()}


def cross_fade(leaving: Floats, coming: Floats) -> Floats:
    """[n, bands] each → one out, the other in; equal power, corrected by what the two have in common, band by band."""
    n = len(leaving)
    angle = (np.arange(n)[:, None] + 0.5) / n * (np.pi / 2)
    away, near = np.cos(angle) ** 2, np.sin(angle) ** 2
    power = np.sqrt((leaving**2).sum(0) * (coming**2).sum(0))
    common = np.clip((leaving * coming).sum(0) / np.maximum(power, 1e-12), -0.5, 1.0)
    gain = 1 / np.sqrt(away**2 + near**2 + 2 * common * away * near)
    return ((away * leaving + near * coming) * gain).astype(np.float32)


class FoldedRun:
    """A vocoder in the middle of a segment: see vocoders.VocoderRun. folded: False speaks single-file throughout."""

    def __init__(self, vocoder: TorchVocoder, seed: int, folded: bool) -> None:
        self._vocoder, self._network, self._seed, self._folded = vocoder, vocoder.network, seed, folded
        self._features: Floats | None = None
        self._made = 0  # frames spoken
        self._ended = False
        self._state = vocoder.fresh()
        self._round: Round | None = None
        self._joiner = Joiner(FilterBank.create(self._network.bands)) if self._network.bands > 1 else None
        self._ready: Floats = np.zeros(0, np.float32)
        self._joined = self._joiner is None
        self.seams: list[int] = []  # samples at which folds were joined

    @property
    def known(self) -> int:
        """Frames from the beginning that can be had with the features fed so far; joining bands keeps less than one back."""
        return self._fed if self._ended else max(0, self._fed - self._network.reach - (self._joiner is not None))

    @property
    def finished(self) -> bool:
        return self._ended and self._made == self._fed and self._joined and len(self._ready) == 0

    @property
    def _fed(self) -> int:
        return 0 if self._features is None else len(self._features)

    def feed(self, features: Floats) -> None:
        if self._ended:
            raise ValueError("vocoder: features after the end")
        if len(features):
            self._features = features if self._features is None else np.concatenate([self._features, features])

    def end(self) -> None:
        self._ended = True

    @torch.inference_mode()
    def run(self, frames: int, milliseconds: float = 1e9) -> Floats:
        """Samples of at most `frames` more frames; none while a stretch is under way and the time is up."""
        begun = time.perf_counter()
        hop = self._network.per_frame * self._network.bands
        while len(self._ready) < frames * hop:
            if self._round is None and not self._begin(frames):
                break
            assert self._round is not None
            self._round.go_on(self._seed)
            if self._round.finished:
                self._finish(self._round)
            if 1000 * (time.perf_counter() - begun) >= milliseconds:
                break
        if self._ended and self._made == self._fed and not self._joined:
            self._joined = True
            self._add(self._joiner.finish() if self._joiner is not None and self._made else self._ready[:0])
        out, self._ready = self._ready[: frames * hop], self._ready[frames * hop :]
        return out

    def _begin(self, frames: int) -> bool:
        """Begin the next stretch, if anything can be spoken."""
        net, fed = self._network, self._fed
        known = fed if self._ended else fed - net.reach
        count = known - self._made
        if count <= 0 or self._features is None:
            return False
        # Whoever listens waits for the first frames; and folds want company.
        fold = SHORT_FOLD if self._made < EARLY else FOLD
        if not self._folded or self._made == 0 or count < 2 * fold:
            count = min(count, frames)
            cuts = [0]
        else:
            cuts = cut(self._features[self._made : self._made + count], fold)
        first, last = self._made - net.reach, self._made + count + net.reach
        window = self._features[max(0, first) : last]
        mode: str = "constant" if net.silent_edges else "edge"
        window = np.pad(net.read(window), ((max(0, -first), max(0, last - fed)), (0, 0)), mode=mode)  # type: ignore[call-overload]
        self._round = Round(self._vocoder, np.ascontiguousarray(window), self._made, count, cuts, self._state)
        return True

    def _finish(self, done: Round) -> None:
        steps, self._state = done.end()
        hop = self._network.per_frame * self._network.bands
        self.seams += [(self._made + cut) * hop for cut in done.cuts[1:-1]]
        self._made += done.cuts[-1]
        self._round = None
        self._add(steps[:, 0] if self._joiner is None else self._joiner.feed(steps))

    def _add(self, samples: Floats) -> None:
        self._ready = np.concatenate([self._ready, np.clip(samples, -1, 1)])


def cut(features: Floats, fold: int) -> list[int]:
    """Where folds of about `fold` frames begin: at even distances, or at the quietest frame near by."""
    count = len(features)
    folds, near = min(max(1, count // fold), ROWS[-1]), fold // 4
    level = features[:, : max(1, features.shape[1] - 2)].mean(axis=1)
    cuts = [0]
    for i in range(1, folds):
        even = i * count // folds
        low = max(even - near, cuts[-1] + LEAD)
        high = min(even + near, count - LEAD)
        cuts.append(low + int(level[low : high + 1].argmin()) if high > low else even)
    return cuts


class Joiner:
    """Sub-band steps → samples, as they come; the last ones wait for their neighbours."""

    def __init__(self, bank: FilterBank) -> None:
        self._bank = bank
        self._reach = -(-(bank.synthesis_filters.shape[1] // 2) // bank.bands)
        self._steps: Floats = np.zeros((self._reach, bank.bands), np.float32)

    def feed(self, steps: Floats) -> Floats:
        known = np.concatenate([self._steps, steps])
        ready = max(0, len(known) - 2 * self._reach)
        self._steps = known[ready:]
        samples = self._bank.synthesis(known)
        return samples[self._reach * self._bank.bands : (self._reach + ready) * self._bank.bands]

    def finish(self) -> Floats:
        return self.feed(np.zeros((self._reach, self._bank.bands), np.float32))
