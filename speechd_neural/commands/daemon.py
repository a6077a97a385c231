"""`speechd-neural daemon`: the resident process behind every client. Usually started by systemd, D-Bus or the module."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from speechd_neural import files, loglines, paths, upgrade
from speechd_neural.errors import BrokenInstallation, ConfigError, broken
from speechd_neural.frontends import activation

if TYPE_CHECKING:
    import argparse

_HELD_BACK = 60.0  # s


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help=f"in place of {paths.config_file()}")
    parser.add_argument("--no-bus", action="store_true", help="offer nothing on the session bus (D-Bus)")


def run(arguments: argparse.Namespace) -> int:
    if arguments.config is not None and not arguments.config.exists():
        raise ConfigError(f"{arguments.config}: No such file or directory; accepted: a configuration file")
    return serve(arguments.config, with_bus=not arguments.no_bus)


def serve(config: Path | None = None, with_bus: bool = True) -> int:
    """Until it is told to end. `config`: in place of the user's; `with_bus`: on D-Bus, too."""
    gc.disable()  # until the voice is loaded (tidying.py): nothing that is imported is garbage
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, 1 << 30)  # the oldest generation's turn is never by itself (tidying.py)
    # Before numpy is imported: threads that wait for each other are slower, and keep a second processor busy.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    # Every utterance on D-Bus is a pipe, and an application may queue thousands of them.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    files.leave_no_core()
    os.umask(0o077)  # what it makes is this user's alone, whatever the session says; and the user's in any case
    loglines.begin()
    # Whoever started this may have held signals back, as threads of servers do: nobody could end it but by force.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, the fate of espeak-ng would be unknown
    try:
        home = activation.Home(paths.socket_path())
    except activation.AlreadyRunning as error:
        print(f"speechd-neural daemon: {error}")
        return 0
    try:
        import_lightly()
        import asyncio

        from speechd_neural.daemon import Daemon

        async def live() -> bool:
            daemon = Daemon(config, with_bus=with_bus)
            await daemon.run(home)
            return daemon.outdated

        if asyncio.run(live()):
            home.hand_on()
            upgrade.start_anew()
    except ImportError as error:
        print(f"speechd-neural daemon: {broken(error)}", file=sys.stderr, flush=True)
        _hold_back(home)
        return BrokenInstallation.exit_status
    finally:
        home.close()
    return 0


def import_lightly() -> None:
    """asyncio does without ssl where there is none, and numpy's functions without the texts that describe them: together a
    twentieth of the start."""
    with _replaced(None, "ssl"):
        importlib.import_module("asyncio")
    with _replaced(ModuleType("empty"), "numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars"):
        importlib.import_module("numpy")


@contextlib.contextmanager
def _replaced(by: ModuleType | None, *names: str) -> Iterator[None]:
    """For what is imported meanwhile; None: they cannot be found."""
    missing = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(missing, by))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]


def _hold_back(home: activation.Home) -> None:
    """Nothing can be spoken before somebody mends the installation. To end at once would be to be started anew at once:
    whoever comes within a minute is let go after a second, and speaks with espeak-ng."""
    activation.notify("READY=1")
    home.listening.settimeout(1.0)
    end = time.monotonic() + _HELD_BACK
    while time.monotonic() < end:
        activation.notify("WATCHDOG=1", patience=0)
        with contextlib.suppress(TimeoutError):
            client, _ = home.listening.accept()
            time.sleep(1.0)
            client.close()
