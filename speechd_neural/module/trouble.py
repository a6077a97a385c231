"""What goes wrong in a thread that must not end: it is said once, without what was spoken, and the thread goes on."""

from __future__ import annotations

from collections.abc import Callable

MOST = 50  # kinds that are told; whoever sends ever new nonsense does not fill the disk


class Trouble:
    """`log` is told of each kind of trouble once."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log
        self._told: set[str] = set()

    def tell(self, text: str) -> None:
        if text not in self._told and len(self._told) < MOST:
            self._told.add(text)
            self._log(text)

    def failed(self, what: str, error: BaseException) -> None:
        """The place of an error, without its message: that could quote the text."""
        trace = error.__traceback__
        place = ""
        while trace is not None:
            place = f" at {trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
            trace = trace.tb_next
        self.tell(f"{what} failed ({type(error).__name__}{place}); going on")
