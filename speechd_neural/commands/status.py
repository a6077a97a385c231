"""`speechd-neural status`: what the daemon is doing, in plain lines that a screen reader reads well."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from speechd_neural import paths
from speechd_neural.commands import own_files
from speechd_neural.frontends.client import Client


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="everything, for programs")


def run(arguments: argparse.Namespace) -> int:
    with Client(paths.socket_path(), timeout=1.0) as client:
        status = client.ask({"do": "status"})
    # The daemon knows what it has read; what it goes on without stands in the files.
    status["mistakes"] = own_files.read(Path(status["config"])).mistakes
    if arguments.json:
        print(json.dumps({name: value for name, value in status.items() if name not in ("reply", "ok")}, indent=2))
    else:
        print("\n".join(lines(status)))
    return 0


def lines(status: dict[str, Any]) -> Iterator[str]:
    """The status in words, one fact a line."""
    yield f"Daemon version {status['version']}, process {status['pid']}, up for {duration(status['uptime_s'])}."
    if status["voice"]:
        yield f"Voice: {status['voice']}, {status['sample_rate']} samples per second."
    else:
        yield "Voice: none; espeak-ng speaks."
    others = [name for name in status["voices"] if name != status["voice"]]
    if others:
        yield f"Other voices: {', '.join(others)}. In memory: {', '.join(status['voices_in_memory']) or 'none'}."
    if status["voice_error"]:
        yield f"Voice problem: {status['voice_error']}"
    for reason in status["broken_voices"].values():
        if reason not in status["voice_error"]:
            yield f"Voice that cannot be used: {reason}"
    for name, found in status.get("bad_sound", {}).items():
        times = "once" if found["segments"] == 1 else f"{found['segments']} times"
        yield f"Voice {name} made no proper sound, {times}: {found['reason']}. The fallback spoke in its place."
    if status["config_error"]:
        yield f"Configuration problem: {status['config_error']}"
    for mistake in status["mistakes"]:
        if mistake != status["config_error"]:
            yield f"Mistake in a file of yours: {mistake}; the daemon goes on with what it had."
    yield f"State: {status['state']}."
    yield f"Clients: {status['clients']}. Being spoken: {status['streams']}. Waiting: {status['waiting']}."
    yield f"Requests: {status['requests']}, of which refused {status['refused']}. Fallback used: {status['fallbacks']}."
    if "latency_p50_ms" in status:
        yield (
            f"Request to first sound: {status['latency_p50_ms']:g} ms half of the time, "
            f"{status['latency_p95_ms']:g} ms or less in 95 of 100."
        )
    cache = status["cache"]
    if cache:
        hits = cache["hits_memory"] + cache["hits_disk"]
        yield f"Cache: {cache['memory_entries']} phrases in memory, {hits} found, {cache['misses']} not found."
        if status["to_warm"]:
            yield f"Still to be prepared: {status['to_warm']} phrases."
    else:
        yield "Cache: off."
    yield f"Memory: {status['memory_mb']:g} MB."


def duration(seconds: float) -> str:
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days >= 2:
        return f"{days:.0f} days"
    if hours >= 2:
        return f"{hours:.0f} hours"
    return f"{minutes:.0f} minutes" if minutes >= 2 else f"{seconds:.0f} seconds"
