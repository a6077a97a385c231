"""`speechd-neural stop`: silence. Everything that is spoken or waits to be, for every client of the daemon, ends."""

from __future__ import annotations

import argparse

from speechd_neural import paths
from speechd_neural.frontends.client import Client


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(arguments: argparse.Namespace) -> int:
    with Client(paths.socket_path(), timeout=1.0) as client:
        client.send({"do": "stop", "id": "everyone"})
        client.ask({"do": "hello", "client": "stop"})  # answered when the stop has been carried out
    return 0
