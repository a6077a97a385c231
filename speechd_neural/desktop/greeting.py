"""What a daemon says of itself that may only just have been started."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from speechd_neural.errors import DaemonError
from speechd_neural.frontends.client import Client


def greeting(path: Path, patience: float, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers to `hello` and `status` (docs/developers/daemon.md), once its voice has been loaded, or could not be.

    name: who asks. Raises DaemonError where no daemon has answered at `path` within `patience` s.
    """
    end = time.monotonic() + patience
    while True:
        try:
            with Client(path, timeout=1.0) as client:
                # Answered when the voice has been loaded, or could not be.
                client.ask({"do": "voices"}, timeout=max(1.0, end - time.monotonic()))
                return client.ask({"do": "hello", "client": name}), client.ask({"do": "status"})
        except DaemonError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
