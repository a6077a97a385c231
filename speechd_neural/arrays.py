"""The kinds of numpy arrays that travel between the parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]  # a network's, by name
Floats = npt.NDArray[np.float32]
Samples16 = npt.NDArray[np.int16]  # sound as it is handed on
