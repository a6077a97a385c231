"""The `voices` command, run in this process."""

from __future__ import annotations

import argparse

from speechd_neural.commands import voices


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    voices.add_arguments(parser)
    return voices.run(parser.parse_args(list(map(str, arguments))))
