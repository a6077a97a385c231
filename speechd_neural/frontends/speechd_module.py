"""Where an `sd_neural` that an earlier set-up has installed looks for the module; a new one names its place itself."""

from __future__ import annotations

from speechd_neural.module.main import main

__all__ = ["main"]
