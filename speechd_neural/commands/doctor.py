"""`speechd-neural doctor`: is everything there, and does it speak? One line for each thing, and a spoken summary."""

from __future__ import annotations

import argparse
import importlib
import os
import shlex
import sys
import warnings
from pathlib import Path

from speechd_neural import paths
from speechd_neural.desktop import aloud, installation, trial
from speechd_neural.desktop.checks import Answer, Check, Finding, fail, findings, ok
from speechd_neural.errors import SetupError, SpeechError, VoiceError, mend


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="do not speak a word to test the sound")
    parser.add_argument("--speak", action="store_true", help="also speak the result")


def run(arguments: argparse.Namespace) -> int:
    found = []
    for finding in findings(not arguments.quiet, CHECKS):
        print(finding, flush=True)
        found.append(finding)
    if arguments.speak:
        _speak(found)
    failed = any(finding.state == "FAIL" for finding in found)
    return SetupError.exit_status if failed else 0


def _packages() -> Answer:
    """Everything that speaking imports, one by one: after an upgrade of the system it may be for another Python."""
    problems = []
    for names in (("numpy",), ("yaml",), ("num2words",), ("regex",), ("dbus_next", "dbus_fast")):
        reasons = []
        for name in names:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    importlib.import_module(name)
                break
            except Exception as error:  # what a broken package raises is anything
                reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
                reasons.append(f"{name}: {reason}")
        else:
            problems.append(" and ".join(reasons))
    version = ".".join(map(str, sys.version_info[:3]))
    if problems:
        return fail(f"Python {version} cannot import {'; '.join(problems)}", mend())
    return ok(f"Python {version} ({sys.executable}) has all that speaking needs")


def _files() -> Answer:
    wrong = installation.damaged()
    if wrong is None:
        return ok("nobody has a list of them, as in a clone")
    if wrong:
        return fail(f"missing or damaged: {wrong[0]}{f' and {len(wrong) - 1} more' if wrong[1:] else ''}", mend())
    return ok("all are there")


def _settings() -> Answer:
    """The configuration, the voice that it names, and the pronunciation dictionary."""
    from speechd_neural.commands import own_files
    from speechd_neural.voice.store import DEFAULT, find, installed

    file = paths.config_file()
    own = own_files.read(file)
    if own.mistakes:
        return fail("; ".join(own.mistakes), _edit(file if "config.yaml" in own.mistakes[0] else paths.lexicon_file()))
    places = (paths.user_voices(), paths.packaged_voices())
    try:
        find(own.config.voice.name, places)
    except VoiceError as error:
        return fail(str(error), f"type: speechd-neural voices use {DEFAULT}" if DEFAULT in installed(places) else mend())
    return ok(f"{file if file.exists() else 'as they come'}; {len(own.lexicon)} pronunciations of your own")


def _edit(file: Path) -> str:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "nano"
    return f"type: {editor} {shlex.quote(str(file))}"


def _voices() -> Answer:
    from speechd_neural.voice import bundle

    names, damaged, own = [], [], []
    for directory in (paths.user_voices(), paths.packaged_voices()):
        for manifest in sorted(directory.glob("*/" + bundle.MANIFEST)):
            try:
                loaded = bundle.load(manifest.parent)
                names.append(f"{loaded.manifest.name} ({', '.join(loaded.manifest.languages)})")
            except SpeechError as error:
                damaged.append(str(error))
                if directory == paths.user_voices():
                    own.append(f"speechd-neural voices remove {shlex.quote(manifest.parent.name)}")
    if damaged:
        return fail("; ".join(damaged), f"type: {' && '.join(own)}" if len(own) == len(damaged) else mend())
    if not names:
        return fail(f"no voice in {paths.user_voices()} or {paths.packaged_voices()}", mend())
    return ok(", ".join(names))


def _native() -> Answer:
    from speechd_neural.voice import _native as native

    return ok(f"uses this processor's {native.chosen()} instructions")


CHECKS = [
    Check("packages", _packages, mend),
    Check("its files", _files, mend),
    Check("settings", _settings, _edit(paths.config_file())),
    Check("voice files", _voices, mend),
    Check("native extension", _native, mend),
]


def _speak(found: list[Finding]) -> None:
    failed = [finding for finding in found if finding.state == "FAIL"]
    good = len(found) - len(failed)
    text = f"{good} checks passed." if good != 1 else "One check passed."
    for finding in failed:
        text += f" The check of {finding.subject} failed: {finding.text}."
    try:
        with trial.private_server() as server:
            trial.speak(server, text)
    except (SpeechError, OSError):
        # Whoever cannot see must hear it all the same: past Speech Dispatcher, to the sound device.
        aloud.espeak(text)
