"""A daemon in the test's own process, with toy parts and a toy sound device."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import numpy as np

from speechd_neural.daemon import Daemon
from speechd_neural.errors import AudioError
from speechd_neural.frontends import activation
from tests.daemon_client import AsyncClient
from tests.frontends import spiel_client
from tests.toy_engine import ToyParts

LONG = ". ".join(["abcdefghij klmnopqrst"] * 60)  # 50 s of sound


class FastDevice:
    """A sound device that plays sixteen times as fast as it should, and remembers what was heard."""

    SPEED = 16

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.heard = 0.0
        self.stops = 0
        self.broken = False
        self.answers = threading.Event()  # else what is played is not taken
        self.answers.set()
        self.silent = self.given_up = self.closed = False
        self._until = 0.0

    @property
    def queued(self) -> float:
        return max(0.0, self._until - time.monotonic()) + self.silent

    def play(self, pcm: np.ndarray) -> None:
        if self.broken:
            raise AudioError("no sound device")
        self.answers.wait(60)
        length = len(pcm) / self.rate / self.SPEED
        self._until = max(self._until, time.monotonic()) + length
        self.heard += length * self.SPEED

    def stop(self) -> None:
        self.stops += 1
        self._until = 0.0

    def close(self) -> None:
        self._until = 0.0
        self.closed = True

    def give_up(self) -> None:
        self.given_up = True


class Running:
    """A daemon in this process, its socket and its parts."""

    def __init__(self, directory, config_text: str = "", parts: Any = None, with_bus: bool = False) -> None:
        self.path = directory / "run" / "socket"
        self.config = directory / "config.yaml"
        self.config.write_text("cache: {disk_mb: 0, warm: false}\nfallback: {deadline_ms: 0}\n" + config_text)
        self.parts = parts or ToyParts()
        self.with_bus = with_bus
        self.devices: list[FastDevice] = []
        self._clients: list[AsyncClient] = []

    async def start(self) -> None:
        self.home = activation.Home(self.path)
        self.daemon = Daemon(self.config, self.parts, with_bus=self.with_bus)
        self.daemon.speech.change_output(self.open_device)
        self.serving = asyncio.create_task(self.daemon.run(self.home))
        await self.daemon.voice_loaded()
        if self.with_bus:
            await spiel_client.provided()

    def open_device(self, rate: int) -> FastDevice:
        self.devices.append(FastDevice(rate))
        return self.devices[-1]

    async def client(self) -> AsyncClient:
        client = await AsyncClient.connect(self.path)
        self._clients.append(client)
        return client

    async def close(self) -> None:
        for client in self._clients:
            await client.close()
        self.daemon.stop()
        await asyncio.wait_for(self.serving, 60)
        self.home.close()
