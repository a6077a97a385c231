"""The module's line to the daemon: connects in the background, starts a daemon where none listens, never makes a
speaker wait longer than it said it would."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from speechd_neural.errors import DaemonError
from speechd_neural.frontends import wire
from speechd_neural.frontends.client import Client, Stranger
from speechd_neural.module.trouble import Trouble

_PATIENCE = 15.0  # s to go on trying to connect after the last time somebody wanted the daemon
_QUICK = 0.02  # s between two attempts to connect to a daemon that is being started
_STARTING = 3.0  # s that a daemon may take to start and to load its voice
_START_AGAIN, _START_AGAIN_MOST = 1.0, 60.0  # s before the second start of one that ended within these, and then doubled
_FIRST = 0.75  # s that the first message, and what follows within them, waits for one that does: once in this process
_DYING = 0.1  # s after which a connection to a daemon counts as one to a living one
_ALIVE = 0.1  # s for a question whether it lives to go out
_LET_GO_MOST = 1.0  # s until the next attempt where each connection is closed at once
_REFUSED = 60.0  # s until one that cannot be spoken to is tried again


class Daemon:
    """`receive` gets every frame and `lost` is called when the connection breaks, both in this object's own thread."""

    def __init__(
        self,
        path: str,
        command: Sequence[str],
        receive: Callable[[wire.Frame], None],
        lost: Callable[[], None],
        log: Callable[[str], None],
    ) -> None:
        self._path = path
        self._command = list(command)
        self._receive = receive
        self._lost = lost
        self._log = log
        self._trouble = Trouble(log)
        self._greeted = False  # by the daemon that there is a connection to, and it had its voice
        self._let_go = 0  # connections in a row that were closed before a voice was there
        self._connected = 0.0  # when that connection was made
        self._heard = 0.0  # when anything came over it
        self._asked = 0.0  # when it was asked whether it lives
        self._refused = -_REFUSED  # when a daemon was there that cannot be spoken to
        self._changed = threading.Condition()
        self._client: Client | None = None
        self._connecting = True
        self._wanted = time.monotonic()
        self._sending = threading.Lock()
        self._speaking: int | None = None  # what was sent last
        self._latest = 0
        self._ended = 0  # the last that the daemon has ended; only the listening thread writes it, without waiting for a send
        self._beginning = threading.Lock()  # for the three below
        self._process: subprocess.Popen[bytes] | None = None
        self._started = self._start_at = 0.0  # when one was started last, and when the next may be
        self._early_ends = 0  # daemons that ended soon after their start, one after the other
        self._patient_until: float | None = None
        self._thread: threading.Thread | None = None
        self._begin()

    def _begin(self) -> None:
        """Where no thread can be started, as many being there as this user may have, the next message tries again."""
        thread = threading.Thread(target=self._run, daemon=True, name="daemon")
        self._connecting = True
        try:
            thread.start()
            self._thread = thread
        except RuntimeError as error:
            self._connecting = False
            self._trouble.failed("starting a thread", error)

    def speak(self, body: Mapping[str, Any], timeout: float, wanted: Callable[[], bool] = lambda: True) -> bool:
        """Send a speak request, after a stop for the one before it; ids only grow.

        False when no daemon takes it within `timeout` s, when it is not wanted any more, or when a later one has already
        been sent.
        """
        end = time.monotonic() + timeout
        if self._thread is None:
            self._begin()
        with self._changed:
            self._wanted = time.monotonic()
            self._changed.notify_all()
            while self._client is None and (self._connecting or self.patience(0.0)) and wanted():
                if (left := end - time.monotonic()) <= 0:
                    break
                self._changed.wait(min(left, _QUICK))
        with self._sending:
            if body["id"] <= self._latest or not wanted():
                return False
            if self._speaking not in (None, self._ended):
                self._send({"do": "stop", "id": self._speaking}, end)
            self._latest = int(body["id"])
            self._speaking = self._latest if self._send(body, end) else None
            return self._speaking is not None

    def patience(self, deadline: float) -> float:
        """Seconds that a message should wait: its deadline, and longer for the first daemon where that is being started."""
        now = time.monotonic()
        if self._patient_until is None:
            self._patient_until = now + max(_FIRST, deadline)
        return max(deadline, self._patient_until - now) if self._starting() else deadline

    def _starting(self) -> bool:
        """Whether a daemon is on its way: accepted by systemd's socket and without its voice, or started here."""
        now = time.monotonic()
        if self._client is not None:
            return not self._greeted and now - self._connected < _STARTING
        if self._process is not None:
            return now - self._started < _STARTING
        return self._connecting and not self._connected  # the first attempt is under way

    def quiet(self) -> float:
        """Seconds for which it has left unanswered whether it lives; asks that anew where it has answered."""
        now = time.monotonic()
        if self._heard >= self._asked:
            self._asked = now
            with self._sending:
                self._send(wire.hello("speech-dispatcher"), now + _ALIVE)
        return now - self._asked

    def stop(self, id: int) -> None:
        """No more of request `id`."""
        with self._sending:
            if self._speaking == id != self._ended:
                self._speaking = None
                self._send({"do": "stop", "id": id}, time.monotonic() + 1.0)

    def ended(self, id: int) -> None:
        """The daemon has sent the last event of `id`."""
        self._ended = id

    def _send(self, body: Mapping[str, Any], end: float) -> bool:
        client = self._client
        if client is None:
            return False
        try:
            client.send(body, max(0.01, end - time.monotonic()))
            return True
        except DaemonError as error:
            self._log(str(error))
            _hang_up(client)  # half a frame may have gone out: this connection is of no more use
            return False

    def _run(self) -> None:
        wait = 0.05
        while True:
            try:
                client = self._connect()
            except Exception as error:  # a thread that ended here would leave espeak-ng until the server starts again
                self._trouble.failed("connecting to the daemon", error)
                client = None
            if client is None:
                with self._changed:
                    self._connecting = False
                    self._changed.notify_all()
                    patient = time.monotonic() - self._wanted < _PATIENCE
                    starting = self._process is not None and time.monotonic() - self._started < _STARTING
                    self._changed.wait((_QUICK if starting else wait) if patient else None)
                    if not patient:
                        wait = 0.025
                wait = min(wait * 2, 0.25)
                continue
            wait = 0.05
            self._listen(client)
            # One that closes every connection at once must keep no processor busy.
            self._let_go = 0 if self._greeted else self._let_go + 1
            time.sleep(min(0.01 * 2 ** min(self._let_go, 10), _LET_GO_MOST))

    def _connect(self) -> Client | None:
        if time.monotonic() - self._refused < _REFUSED:
            return None
        try:
            return Client(self._path)
        except Stranger as error:
            self._trouble.tell(str(error))
            self._refused = time.monotonic()
            return None
        except DaemonError as error:
            with self._beginning:
                if self._process is not None and self._process.poll() is not None:
                    self._has_ended(self._process.returncode)
                if self._process is None and time.monotonic() >= self._start_at:
                    self._trouble.tell(f"{error}; starting one")
                    self._start()
            return None

    def _watch(self, client: Client) -> None:
        """Once the daemon has gone, the next one starts while what is left of its sound plays: who listens comes to the end
        only behind that."""
        connection = os.dup(client.fileno())
        try:
            threading.Thread(target=self._succeed, args=(client, connection), daemon=True, name="watching").start()
        except RuntimeError:  # as many threads as this user may have
            os.close(connection)

    def _succeed(self, client: Client, connection: int) -> None:
        with socket.socket(fileno=connection) as copy:
            _gone(copy.fileno(), None)
        until = time.monotonic() + _STARTING
        try:
            while self._client is client and time.monotonic() < until:
                if (next_one := self._connect()) is not None:
                    died = _gone(next_one.fileno(), _DYING)  # one that is being killed takes connections to the last
                    next_one.close()
                    if not died:
                        return
                time.sleep(_QUICK)
        except Exception as error:
            self._trouble.failed("connecting to the daemon", error)

    def _has_ended(self, status: int) -> None:
        """The daemon that was started: the next one at once, but one that ends again and again is started ever less often."""
        self._process = None
        now = time.monotonic()
        self._early_ends = self._early_ends + 1 if now - self._started < _STARTING else 0
        wait = min(_START_AGAIN * 2 ** (self._early_ends - 2), _START_AGAIN_MOST) if self._early_ends > 1 else 0.0
        self._start_at = now + wait
        self._trouble.tell(f"the daemon that was started ended with status {status}")

    def _start(self) -> None:
        self._started = time.monotonic()
        self._start_at = self._started + _START_AGAIN  # where it cannot even begin
        if not self._command:
            return
        try:
            # A session of its own and no descriptor of ours: it outlives this process, and never holds its pipes.
            with open(self._open_log(), "wb") as log:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    cwd="/",
                )
        except (OSError, ValueError) as error:  # ValueError: a command with a null character
            self._trouble.tell(f"the daemon cannot be started: {error}")

    def _open_log(self) -> int:
        """`daemon.log` beside the socket, for its owner only; anew with every start."""
        path = os.path.join(os.path.dirname(self._path), "daemon.log")
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
        except OSError:
            return os.open(os.devnull, os.O_WRONLY)

    def _listen(self, client: Client) -> None:
        try:
            self._connected, self._greeted = time.monotonic(), False
            client.send(wire.hello("speech-dispatcher"))
            client.send({"do": "voices", "follow": True})
            with self._changed:
                self._client = client
                self._connecting = False
                self._changed.notify_all()
            self._watch(client)
            for frame in client.listen():
                self._heard = time.monotonic()
                self._take(frame)
        except _Refused as error:
            self._trouble.tell(str(error))
            self._refused = time.monotonic()
        except DaemonError as error:
            self._trouble.tell(str(error))
        except Exception as error:
            self._trouble.failed("listening to the daemon", error)
        with self._sending, self._changed:
            self._client = None
            self._speaking = None
            self._wanted = time.monotonic()
            self._connecting = True
            self._changed.notify_all()
        _hang_up(client)
        client.close()
        self._lost()

    def _take(self, frame: wire.Frame) -> None:
        """A frame with an unexpected value costs that frame, not the connection. Raises _Refused."""
        if isinstance(frame, wire.Message) and frame.body.get("reply") == "hello":
            if problem := wire.misunderstanding(frame.body):
                raise _Refused(problem)
            if not frame.body.get("ok"):
                raise _Refused(f"the daemon refuses this module: {str(frame.body.get('error', ''))[:300]}")
            self._greeted = self._greeted or bool(frame.body.get("voice"))
        elif isinstance(frame, wire.Message) and frame.body.get("reply") == "voices":
            self._greeted = True  # it answers that once its voice is loaded
        try:
            self._receive(frame)
        except Exception as error:
            self._trouble.failed("taking a frame of the daemon", error)


def _gone(connection: int, wait: float | None) -> bool:
    """Whether the other end closes a connection within so many seconds; None: wait for that."""
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    return bool(poll.poll(None if wait is None else 1000 * wait))


def _hang_up(client: Client) -> None:
    """Whoever waits for this connection, at either end, sees its end."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(client.fileno())) as copy:
        copy.shutdown(socket.SHUT_RDWR)


class _Refused(DaemonError):
    """The daemon speaks another protocol."""
