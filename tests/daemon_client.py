"""A client of the daemon on the event loop, for tests that run the daemon in their own process."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

from speechd_neural.frontends import wire

LAST = {"end", "stopped", "paused", "failed"}


class AsyncClient:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.parser = wire.Parser()
        self.frames: list[wire.Frame] = []
        self.ended: dict[int, list[str]] = {}

    @classmethod
    async def connect(cls, path: Path) -> AsyncClient:
        return cls(*await asyncio.open_unix_connection(path))

    def send(self, body: dict[str, Any]) -> None:
        self.writer.write(wire.encode(body))

    def speak(self, id: int, text: str, **more: Any) -> None:
        self.send({"do": "speak", "id": id, "text": text, **more})

    async def next(self) -> wire.Frame:
        while not self.frames:
            data = await asyncio.wait_for(self.reader.read(65536), 60)
            if not data:
                raise ConnectionError("closed")
            self.frames += self.parser.feed(data)
        frame = self.frames.pop(0)
        if isinstance(frame, wire.Message) and frame.body.get("event") in LAST:
            self.ended.setdefault(frame.body["id"], []).append(frame.body["event"])
        return frame

    async def utterance(self, id: int) -> list[wire.Frame]:
        """The frames of a request, up to its last event; others are dropped."""
        found: list[wire.Frame] = []
        while True:
            frame = await self.next()
            if isinstance(frame, wire.Pcm):
                if frame.id == id:
                    found.append(frame)
            elif isinstance(frame, wire.Message) and frame.body.get("id") == id:
                found.append(frame)
                if frame.body.get("event") in LAST:
                    return found

    async def reply(self, word: str) -> dict[str, Any]:
        while True:
            frame = await self.next()
            if isinstance(frame, wire.Message) and frame.body.get("reply") == word:
                return frame.body

    async def ask(self, body: dict[str, Any]) -> dict[str, Any]:
        self.send(body)
        return await self.reply(body["do"])

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


def events(frames: list[wire.Frame]) -> list[str]:
    return [frame.body["event"] for frame in frames if isinstance(frame, wire.Message)]


def seconds(frames: list[wire.Frame], rate: int = 16000) -> float:
    return sum(len(frame.data) for frame in frames if isinstance(frame, wire.Pcm)) / 2 / rate
