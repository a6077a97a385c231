"""A GPU where there is one, else torch's CPU device: the same code, without graphs."""

import torch

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
