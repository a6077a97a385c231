"""A critic of mel patches, which the postnet of Tacotron 2 is trained against so that its mels do not blur.

Absolute and squared errors are smallest at the mean of all mels that a text may have, which is smoother than any of
them. The critic sees patches of PATCH frames and learns to tell recorded ones from predicted ones (least-squares GAN,
Mao et al. 2017; patches as in Isola et al. 2017); the postnet learns to give it nothing to tell them by, and to agree
with the recording in what the critic's layers see (feature matching, as in MelGAN, Kumar et al. 2019).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PATCH = 32  # frames
MATCHING = 4.0  # weight of feature matching, relative to the critic's verdict


class MelCritic(nn.Module):
    """Standardized mel patches [batch, PATCH, n_mels] → what each layer sees; the last one is the verdict (1: recorded)."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            [
                nn.Conv2d(1, width, 5, stride=(1, 2), padding=2),
                nn.Conv2d(width, 2 * width, 5, stride=2, padding=2),
                nn.Conv2d(2 * width, 2 * width, 5, stride=2, padding=2),
                nn.Conv2d(2 * width, 1, 3, padding=1),
            ]
        )

    def forward(self, patches: Tensor) -> list[Tensor]:
        x = patches[:, None]
        seen = []
        for layer in self.layers[:-1]:
            x = F.leaky_relu(layer(x), 0.2)
            seen.append(x)
        return [*seen, self.layers[-1](x)]


def cut_patches(heard: Tensor, *frames: Tensor, most: int) -> tuple[Tensor, ...]:
    """The same places of each of `frames` [batch, T, F]: at most `most` patches [n, PATCH, F] that lie within what is
    `heard` [batch, T] (1 or 0), drawn with torch's random numbers; n may be 0."""
    whole = F.avg_pool1d(heard[:, None], PATCH, 1)[:, 0] > 0.999 if heard.shape[1] >= PATCH else heard[:, :0] > 0
    places = whole.nonzero()
    chosen = places[torch.randperm(len(places), device=places.device)[:most]]
    index = chosen[:, 1, None] + torch.arange(PATCH, device=places.device)
    return tuple(frame[chosen[:, :1], index] for frame in frames)


def critic_loss(critic: MelCritic, recorded: Tensor, predicted: Tensor) -> Tensor:
    """What the critic minimizes: recorded patches are 1, predicted ones 0."""
    verdict, other = critic(recorded)[-1], critic(predicted.detach())[-1]
    return 0.5 * ((verdict - 1) ** 2).mean() + 0.5 * (other**2).mean()


def deception_loss(critic: MelCritic, recorded: Tensor, predicted: Tensor) -> Tensor:
    """What the postnet minimizes: predicted patches pass for recorded ones."""
    with torch.no_grad():
        wanted = critic(recorded)
    *seen, verdict = critic(predicted)
    matching = torch.stack([(a - b).abs().mean() for a, b in zip(seen, wanted[:-1], strict=True)]).mean()
    return 0.5 * ((verdict - 1) ** 2).mean() + MATCHING * matching
