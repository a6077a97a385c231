"""`speechd-neural cache`: asks the daemon where it runs, else works on the files."""

from __future__ import annotations

import argparse
from typing import Any

from speechd_neural import config, paths
from speechd_neural.audio.phrase_store import forget, usage
from speechd_neural.errors import DaemonError, OutputError
from speechd_neural.frontends.client import Client

ANSWER = 2.5  # s for a daemon to show that it lives
LABELS = {
    "directory": "folder",
    "disk_entries": "phrases on disk",
    "said_entries": "of them said on three days",
    "disk_bytes": "size on disk",
    "disk_limit": "limit on disk",
    "memory_entries": "phrases in memory",
    "memory_bytes": "size in memory",
    "memory_limit": "limit in memory",
    "hits_memory": "found in memory",
    "hits_disk": "found on disk",
    "misses": "not found",
    "stored": "added",
    "not_written": "not written, disk too slow",
    "damaged": "damaged entries dropped",
    "disk_failures": "disk errors",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=("stats", "warm", "clear"),
        help="stats: what it holds and how often it helped; warm: synthesize the phrase packs in the background "
        "(needs the daemon); clear: remove every phrase, on disk and in memory",
    )


def run(arguments: argparse.Namespace) -> int:
    try:
        client = Client(paths.socket_path())
    except DaemonError:
        return _without_daemon(arguments.action)
    with client:
        try:
            client.ask({"do": "hello", "client": "cache"}, timeout=ANSWER)  # one that lives answers at once, a cache may be large
        except DaemonError as error:
            if arguments.action != "clear":
                raise
            _without_daemon("clear")
            raise DaemonError(f"{error}; until it ends it remembers what it has said since it began") from None
        reply = client.ask({"do": "cache", "action": arguments.action}, timeout=30)
    if arguments.action == "warm":
        print(f"warming has begun: {reply['phrases']} phrases")
        return 0
    _show({name: value for name, value in reply.items() if name not in ("reply", "ok", "action")})
    return 0


def _without_daemon(action: str) -> int:
    if action == "warm":
        raise DaemonError("only the daemon can warm the cache; start it with 'systemctl --user start speechd-neural'")
    directory = config.load().cache.folder()
    if action == "clear":
        if left := forget(directory, paths.secret_file()):
            raise OutputError(f"not all could be removed: {left} is still there; the disk may be read-only")
        print(f"cleared {directory}")
    else:
        _show({"directory": str(directory), **usage(directory)})
        print("the daemon does not run: no counts of use")
    return 0


def _show(found: dict[str, Any]) -> None:
    nested = [found.pop(name) for name, value in list(found.items()) if isinstance(value, dict)]
    for part in nested:
        found |= part
    if not found:
        print("cleared")
    width = max((len(LABELS.get(name, name)) for name in found), default=0)
    for name, value in found.items():
        shown = f"{value / (1 << 20):.1f} MiB" if name.endswith(("_bytes", "_limit")) else value
        print(f"{LABELS.get(name, name.replace('_', ' ')):<{width}}  {shown}")
