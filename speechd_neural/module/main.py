"""`sd_neural`, the output module that Speech Dispatcher starts: thin, so that it is there at once and cannot fail.

Threads: the main one reads commands and never waits for anything (commands); one writes (output); one
listens to the daemon (daemon); one per utterance decides who speaks it (utterance).

INIT is answered before anything else is imported: the server loads its modules one after another, and its first word
waits for the slowest. Python itself takes 20 ms, the imports 60 to 120.
"""

from __future__ import annotations

import fcntl
import os
import stat
import sys

from speechd_neural import __version__

_PIPE = 8192  # bytes; the default of 64 KiB holds more than a second of sound in front of a 703
LOADED = f"299-speechd-neural {__version__}\n299 OK LOADED SUCCESSFULLY\n".encode()


def main() -> None:
    """Speak the protocol on stdin and stdout. The only argument is the path of the module's configuration file."""
    pipe = _own_descriptors()
    first = os.read(0, 1 << 16)
    if first.startswith(b"INIT\n"):
        os.write(pipe, LOADED)
        first = first[5:]
    try:
        from speechd_neural.module.commands import serve
        from speechd_neural.module.output import Output

        output = Output(pipe)
    except Exception as error:  # half an installation raises anything; or no thread can be started
        return _refuse(pipe, first, error)
    serve(sys.argv[1] if len(sys.argv) > 1 else "", output, first, LOADED)
    os._exit(0)  # threads may be inside a write to a server that has gone


def _refuse(pipe: int, data: bytes, error: Exception) -> None:
    """Answer every command with an error, until the server gives this module up and uses its others.

    A server whose module ends in this place ends with it, and nobody speaks at all.
    """
    os.write(2, f"speechd-neural: {type(error).__name__}: {error}; type: speechd-neural doctor\n".encode(errors="replace"))
    while True:
        os.write(pipe, b"300 ERR HALF OF THIS MODULE IS MISSING\n" * data.count(b"\n"))
        if not (data := os.read(0, 1 << 16)):
            os._exit(1)


def _own_descriptors() -> int:
    """A private copy of stdout for the protocol; stdout itself becomes stderr, and what else was inherited is closed.

    The server leaves the pipes of the modules before this one open in it: a process that holds them keeps those
    modules alive after the server has gone.
    """
    for standard in range(3):  # a server may have closed one; what is opened next would be taken for it
        try:
            os.fstat(standard)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    try:
        inherited = [int(name) for name in os.listdir("/proc/self/fd") if int(name) > 2]
    except (OSError, ValueError):  # no /proc here
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        inherited = []
    for descriptor in inherited:
        try:
            os.close(descriptor)
        except OSError:
            continue  # the one that listed the directory is gone already
    pipe = os.dup(1)
    os.dup2(2, 1)
    if stat.S_ISFIFO(os.fstat(pipe).st_mode):
        try:  # noqa: SIM105 -- contextlib is one more import in front of the first reply
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
        except OSError:
            pass  # this user's pipes hold as much as they may: it is smaller already
    return pipe


if __name__ == "__main__":
    main()
