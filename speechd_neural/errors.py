"""Every error this package raises on purpose, as one tree.

    SpeechError
    ├── UsageError        the command line or a request asks for something that does not exist     exit 2
    ├── ConfigError       a configuration file: names file, line, key and what is accepted         exit 3
    ├── VoiceError        a voice bundle is missing, damaged, mismatched or too new                exit 4
    ├── TextError         text that cannot be read (encoding)                                      exit 5
    ├── SynthesisError    the voice could not speak this text; another voice may                   exit 6
    ├── AudioError        no sound device, or it went away                                         exit 7
    │   └── Hung          it is there and plays nothing                                            exit 7
    ├── OutputError       a file or pipe cannot be written                                         exit 8
    ├── DaemonError       the daemon cannot be reached, or answers nonsense                        exit 9
    ├── SetupError        installation into the desktop could not be done or undone                exit 10
    │   └── BrokenInstallation  a package is missing, or was made for another Python              exit 10
    └── DownloadError     a voice could not be fetched                                             exit 11

The message is one line that says what, where, and what would be accepted. It
never holds the text that was to be spoken.
"""

import shlex
import sys

from speechd_neural import system


def needs(who: str, what: str, package: str) -> str:
    """A message about a package that is not installed, with the command that installs it for this program."""
    if not system.packaged():
        return f"{who} needs {what}: {sys.executable} -m pip install {package}"
    if package in system.PYTHON:
        return f"{who} needs {what}; {system.install(system.PYTHON[package])}"
    return f"{who} needs {what}, which is no package of this system; in a clone, type: .venv/bin/pip install {package}"


def where(error: BaseException) -> str:
    """What went wrong and where, without the message of the exception: it could quote the text."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        place = f" at {trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return type(error).__name__ + place


def broken(error: ImportError) -> str:
    """What cannot be imported, why, and what to type: after an upgrade of the system packages may be for another Python."""
    what = (error.name or "a package").removeprefix("speechd_neural.")
    reason = next((line.strip() for line in str(error).splitlines() if line.strip()), "no reason given")
    version = ".".join(map(str, sys.version_info[:2]))
    return f"{what} cannot be imported by Python {version}: {reason}; {mend()}"


def mend() -> str:
    """What to type to have every package again, for the Python that runs this."""
    if system.packaged():
        return system.install("speechd-neural", "python3-numpy", "python3-yaml", "python3-regex", again=True)
    if own := system.environment():
        return f"in a clone, type: rm -r {shlex.quote(str(own))} && make setup; else, type: pipx reinstall speechd-neural"
    pip = f"{shlex.quote(sys.executable)} -m pip install --force-reinstall"
    return f"in the folder of its wheel, type: {pip} ./speechd_neural-*.whl"


class SpeechError(Exception):
    """Base of all errors of this package; `exit_status` is what the command line returns for it."""

    exit_status = 1


class UsageError(SpeechError):
    exit_status = 2


class ConfigError(SpeechError):
    exit_status = 3


class VoiceError(SpeechError):
    exit_status = 4


class TextError(SpeechError):
    exit_status = 5


class SynthesisError(SpeechError):
    exit_status = 6


class AudioError(SpeechError):
    exit_status = 7


class Hung(AudioError):
    pass


class OutputError(SpeechError):
    exit_status = 8


class DaemonError(SpeechError):
    exit_status = 9


class SetupError(SpeechError):
    exit_status = 10


class BrokenInstallation(SetupError):
    pass


class DownloadError(SpeechError):
    exit_status = 11
