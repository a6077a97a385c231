"""The daemon: puts the parts together and keeps them running. One process per user, one event loop, a few threads.

In the order of starting: a look at which voices there are, the socket, the voice in threads of its own, meanwhile the
D-Bus names, and "ready" to systemd.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from speechd_neural import __version__, config, paths
from speechd_neural.config import Config
from speechd_neural.configured import open_cache, options_for, output_for
from speechd_neural.core.means import Means
from speechd_neural.core.pipeline import Pipeline
from speechd_neural.core.session import Speech
from speechd_neural.core.synthesis import Synthesis
from speechd_neural.core.warming import phrases
from speechd_neural.errors import ConfigError, DaemonError, where
from speechd_neural.frontends import activation
from speechd_neural.frontends.socket_server import SocketServer
from speechd_neural.loading import Loading
from speechd_neural.parts import Parts, RealParts, import_later
from speechd_neural.tidying import Tidying
from speechd_neural.upgrade import Upgrade
from speechd_neural.watching import Watching

HANG = 10.0  # s that one piece of synthesis may take before the watchdog is told
QUIET = 3  # looks without anything to say before a daemon whose socket has gone leaves: what was made last is being heard
BUS_AGAIN = 0.5  # s between two looks whether a session bus is there again
FILES = 3  # looks between two at the package's files: an installation may take some seconds
_LOG = logging.getLogger(__name__)


class Daemon:
    """`run` serves until SIGTERM, SIGINT, `stop()`, the end of the session bus, or the loss of its socket to another."""

    def __init__(self, config_path: Path | None = None, parts: Parts | None = None, with_bus: bool = True) -> None:
        self._config_path = config_path or paths.config_file()
        self._with_bus = with_bus
        self.config = Config()
        self._config_error = ""
        self._started = time.monotonic()
        self._upgrade = Upgrade()
        self._looks = self._quiet_looks = self._lost_for = self._hang_ups = 0
        self.outdated = False  # it ended so that a new process with new files can take its place
        self._stopping = asyncio.Event()
        self._voice_ready = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._reloading = asyncio.Lock()
        self._background: set[asyncio.Task[None]] = set()
        try:
            self.config = config.load(self._config_path)
        except ConfigError as error:
            self._config_error = str(error)
        _set_log_level(self.config)
        if self._config_error:
            _LOG.error("%s; the defaults hold until it is mended", self._config_error)
        self.means = Means(cache=open_cache(self.config), options=options_for(self.config))
        self.pipeline = Pipeline(self.means)
        self.loading = Loading(parts or RealParts(), self.means, self._loaded, lambda: self._soon(self.speech.changed))
        self.synthesis = Synthesis(self.pipeline.background.step)
        self.speech = Speech(self.pipeline, self.synthesis, output_for(self.config))
        self.speech.change_defaults(self.config.speech.settings())
        self.tidying = Tidying(self.speech.asked, self.speech.alive, import_later)
        self.server = SocketServer(self.speech, self)

    async def run(self, home: activation.Home) -> None:
        """Serve on its socket, which listens already."""
        # The loop and the synthesis thread share the interpreter: shorter turns, quicker answers.
        sys.setswitchinterval(0.001)
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self.stop)
        self._loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        self.synthesis.start()
        await self._loop.run_in_executor(None, self.loading.look, self.config)
        await self.server.start(home.listening)
        self.loading.load()
        offers = await self._offer_on_bus() if self._with_bus else []
        activation.notify("READY=1")
        _LOG.info("version %s is ready", __version__)
        watchdog = asyncio.create_task(self._watchdog())
        looks = {"socket": lambda: self._leave_with_socket(home), "files": self._leave_for_new_files}
        watching = Watching(voices=self.loading.look_again, memory=self.tidying.look, **looks)
        watching.start()
        try:
            await self._stopping.wait()
        finally:
            activation.notify("STOPPING=1")
            watchdog.cancel()
            await self._loop.run_in_executor(None, watching.close)
            await self._close(offers)

    def stop(self) -> None:
        self._stopping.set()

    async def _close(self, offers: list[Any]) -> None:
        for offer in offers:
            try:
                await asyncio.wait_for(offer.close(), 1.0)
            except Exception as error:
                _LOG.warning("not closed in order: %s", where(error))
        await self.server.close()
        await self.speech.close()
        self.synthesis.close()
        if self.means.cache is not None:
            await self._loop.run_in_executor(None, self.means.cache.close)
        gc.unfreeze()  # the native parts of the voices want to be given back before the interpreter ends
        await self._loop.run_in_executor(None, self.loading.close)

    # The D-Bus frontends

    async def _offer_on_bus(self) -> list[Any]:
        """Offer speech on the session bus; what is returned has to be closed, in this order."""
        from speechd_neural.frontends import control, spiel
        from speechd_neural.frontends.bus import Bus

        offers: list[Any] = []
        try:
            bus = Bus()
            provider, controls = spiel.Provider(bus, self.speech), control.Control(bus, self.speech)
            await bus.connect()
            offers = [provider, controls, bus]
            # The provider's name last: by it the service is known to be there.
            await self._own_names(bus, control.BUS_NAME, spiel.BUS_NAME)
        except DaemonError as error:
            _LOG.warning("%s; going on without", error)
        if offers:
            self._keep(self._leave_with(bus, control.BUS_NAME, spiel.BUS_NAME))
        return offers

    async def _own_names(self, bus: Any, *names: str) -> None:
        for name in names:
            if not await bus.own(name):
                _LOG.warning("the D-Bus name %s is another process's until that gives it up", name)

    # In the watching thread

    def _leave_with_socket(self, home: activation.Home) -> None:
        """One that no client finds any more has only to say what it has begun: another listens in its place."""
        self._lost_for = 0 if home.found() or self._busy() else self._lost_for + 1
        if self._lost_for == QUIET:
            _LOG.info("another socket is at %s now", home.path)
            self._soon(self.stop)

    def _leave_for_new_files(self) -> None:
        """After an upgrade, once nothing is being said any more."""
        self._looks += 1
        self._quiet_looks = 0 if self._busy() else self._quiet_looks + 1  # its listener may not have taken all of it yet
        if self._looks % FILES or not self._upgrade.ready() or self._quiet_looks < QUIET:
            return
        if not self._upgrade.works():
            _LOG.error("the files of this program have changed and cannot be used; it speaks on without them")
        elif not self._busy():
            _LOG.warning("the files of this program have changed; it starts anew with them")
            self.outdated = True
            self._soon(self.stop)

    def _busy(self) -> bool:
        return self.speech.state() == "speaking" or self.synthesis.open_streams > 0

    async def _leave_with(self, bus: Any, *names: str) -> None:
        """The session bus ends with the session; but who is connected to the socket is served on, also beyond another bus."""
        while True:
            await bus.gone.wait()
            if self._stopping.is_set():
                return
            _LOG.info("the session bus has ended")
            while bus.gone.is_set() and not self._stopping.is_set():
                if not self.server.connections and not self.speech.alive():
                    return self.stop()
                await asyncio.sleep(BUS_AGAIN)
                with contextlib.suppress(DaemonError):
                    await bus.connect()
                    await self._own_names(bus, *names)
                    _LOG.info("there is a session bus again")

    # The voice

    def _loaded(self, config: Config) -> None:
        """In the loading thread."""
        self.tidying.loaded()
        self._soon(lambda: self._has_loaded(config))
        if config.cache.warm and self.means.cache is not None:
            self._warm()

    def _has_loaded(self, config: Config) -> None:
        if config is self.config:  # else a newer one is about to be loaded
            self._voice_ready.set()
        self.speech.changed()

    def _soon(self, call: Callable[[], None]) -> None:
        """From any thread: have it called on the loop."""
        with contextlib.suppress(RuntimeError):  # the daemon has ended meanwhile
            self._loop.call_soon_threadsafe(call)

    def _warm(self) -> int:
        """Any thread; reads the phrase packs."""
        front_end = self.means.reader(self.means.voices.active)
        packs = front_end.phrase_packs if front_end is not None else None
        work = self.pipeline.background.warm(phrases([packs] if packs is not None else []))
        self.synthesis.do_spare_work()
        return work.total

    # What clients may ask

    def status(self) -> dict[str, Any]:
        cache, warming = self.means.cache, self.pipeline.background.warming
        return {
            "version": __version__,
            "pid": os.getpid(),
            "uptime_s": round(time.monotonic() - self._started, 1),
            "config": str(self._config_path),
            "config_error": self._config_error,
            "voice_error": self.loading.problem(),
            "voices": [info.name for info in self.speech.voices()],
            "voices_in_memory": self.means.voices.in_memory(),
            "broken_voices": self.loading.problems(),
            "clients": len(self.server.connections),
            "memory_mb": round(resident_bytes() / 2**20, 1),
            **self.speech.statistics(),
            "to_warm": warming.total - warming.done if warming is not None else 0,
            "cache": cache.stats() if cache is not None else {},
        }

    async def voice_loaded(self) -> None:
        await self._voice_ready.wait()

    async def cache(self, action: str) -> dict[str, Any]:
        cache = self.means.cache
        if cache is None:
            raise DaemonError("the cache is turned off in the configuration (cache.memory_mb and cache.disk_mb are 0)")
        if action == "clear":
            left = await self._loop.run_in_executor(None, cache.clear)
            if left is not None:
                raise DaemonError(f"not all could be removed: {left} is still there; the disk may be read-only")
            return {}
        if action == "warm":
            return {"phrases": await self._loop.run_in_executor(None, self._warm)}
        return await self._loop.run_in_executor(None, lambda: cache.stats(walk=True))

    async def reload(self) -> None:
        """Read the configuration again. Raises ConfigError, and then what held before still holds."""
        async with self._reloading:
            activation.notify("RELOADING=1")
            try:
                wanted = await self._loop.run_in_executor(None, config.load, self._config_path)
            except ConfigError as error:
                self._config_error = str(error)
                _LOG.error("%s; what held before still holds", error)
                raise
            finally:
                activation.notify("READY=1")
            self._config_error = ""
            before, self.config = self.config, wanted
            _set_log_level(wanted)
            self.means.change_options(options_for(wanted))
            self.speech.change_defaults(wanted.speech.settings())
            if wanted.audio != before.audio:
                self.speech.change_output(output_for(wanted))
            if replace(wanted.cache, private=(), warm=True) != replace(before.cache, private=(), warm=True):
                old = self.means.change_cache(None)
                if old is not None:  # it has to be out of its folder before that is perhaps removed
                    await self._loop.run_in_executor(None, old.close)
                self.means.change_cache(await self._loop.run_in_executor(None, open_cache, wanted))
            self._voice_ready.clear()
            await self._loop.run_in_executor(None, self.loading.look, wanted)
            self.loading.load()
            _LOG.info("configuration read again")

    def _hang_up(self) -> None:
        """SIGHUP. However many come while the configuration is read, it is read once more."""
        self._hang_ups += 1
        if self._hang_ups == 1:
            self._keep(self._reload_for_signals())

    async def _reload_for_signals(self) -> None:
        while before := self._hang_ups:
            try:
                await self.reload()
            except Exception as error:
                if not isinstance(error, ConfigError):  # that has been logged
                    _LOG.error("the configuration cannot be read again: %s", where(error))
            self._hang_ups = 1 if self._hang_ups > before else 0

    def _keep(self, work: Any) -> None:
        running = self._loop.create_task(work)
        self._background.add(running)
        running.add_done_callback(self._background.discard)

    async def _watchdog(self) -> None:
        """Tell systemd that all is well, as long as the synthesis thread gets on."""
        interval = activation.watchdog_interval()
        while interval is not None:
            if self.synthesis.busy_for() < max(HANG, interval):
                activation.notify("WATCHDOG=1", patience=0)  # another one follows
            else:
                _LOG.error("the synthesis hangs; waiting to be restarted")
            await asyncio.sleep(interval)


def resident_bytes() -> int:
    """0 where there is no /proc."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _set_log_level(wanted: Config) -> None:
    logging.getLogger("speechd_neural").setLevel(wanted.log.level.upper())
