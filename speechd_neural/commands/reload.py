"""`speechd-neural reload`: the daemon reads its configuration and its voice again."""

from __future__ import annotations

import argparse

from speechd_neural import paths
from speechd_neural.errors import ConfigError, DaemonError, VoiceError
from speechd_neural.frontends.client import Client


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(arguments: argparse.Namespace) -> int:
    with Client(paths.socket_path(), timeout=1.0) as client:
        try:
            client.ask({"do": "reload"}, timeout=5.0)
        except DaemonError as error:
            if str(error).startswith(str(paths.config_file())):
                raise ConfigError(f"{error}. The daemon goes on with what it had before") from None
            raise
        client.ask({"do": "voices"}, timeout=30.0)
        problem = client.ask({"do": "status"})["voice_error"]
    if problem:
        raise VoiceError(problem)
    print("The configuration has been read again.")
    return 0
