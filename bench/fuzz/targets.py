"""All targets by name."""

from __future__ import annotations

from bench.fuzz import clients, daemon, files, texts
from bench.fuzz.running import Open

TARGETS: dict[str, Open] = {
    "module": clients.module,
    "frames": clients.frames,
    "wire": clients.wire_frames,
    "server": daemon.server,
    "dbus": daemon.dbus,
    "ssml": texts.ssml,
    "frontend": texts.front_end,
    "fallback": texts.fallback_pieces,
    "config": texts.configuration,
    "plainest": texts.plainest_yaml,
    "dictionary": texts.dictionary,
    "manifest": files.manifest,
    "weights": files.weights,
    "cache": files.cache,
    "archive": files.archive,
}
