"""A sound server of a test's own, with null sinks: PipeWire where that is installed, PulseAudio elsewhere.

Programs reach either at `address`, as PULSE_SERVER has it. What is installed and cannot be started fails the test.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.waiting import listening, wait_for

PIPEWIRE = ("pipewire", "wireplumber", "pipewire-pulse")
LIMIT = 90  # s; nothing takes long, but a busy machine may
# A sound card plays late and says so; PipeWire's null sink says 0. Speech Dispatcher 0.12 takes a sound for played once no
# more is left than the card says it holds, but PipeWire never plays what is less than a period (10 ms): with a null sink it
# would wait for ever, or until a busy machine is late enough. The longest resampler has 11 ms at 44.1 kHz, and more below.
CARD = """stream.rules = [{
  matches = [{ application.name = "~speech-dispatcher.*" }]
  actions = { update-props = { resample.quality = 14 } }
}]
"""


def uses_pipewire() -> bool:
    return all(map(shutil.which, PIPEWIRE))


def address(run_dir: Path) -> str:
    return f"unix:{run_dir}/pulse/native"


def start(spawn: Callable[..., subprocess.Popen], run_dir: Path, environment: Mapping[str, str], **sinks: int) -> None:
    """Start the server with one null sink for each of `sinks`, name=rate; the first is the default.

    spawn(program, argument, ...) starts a program with `environment`, in which $XDG_RUNTIME_DIR is `run_dir`.
    """
    socket = run_dir / "pulse/native"
    modules = [("module-null-sink", f"sink_name={name}", f"rate={rate}", "channels=1") for name, rate in sinks.items()]
    socket.parent.mkdir(mode=0o700, exist_ok=True)
    if uses_pipewire():
        card = run_dir / "pipewire/pipewire-pulse.conf.d/card.conf"
        card.parent.mkdir(parents=True, exist_ok=True)
        card.write_text(CARD)
        # WirePlumber notes its choices, now and then, in the home that the tests compare.
        own = ("env", f"XDG_STATE_HOME={run_dir}", f"XDG_CONFIG_HOME={run_dir}")
        running = [spawn(*own, PIPEWIRE[0])]
        wait_for("PipeWire", lambda: listening(run_dir / "pipewire-0"), LIMIT)  # without it the others end
        running += [spawn(*own, program) for program in PIPEWIRE[1:]]
    else:
        loaded = [("module-native-protocol-unix", "auth-anonymous=1", f"socket={socket}"), *modules]
        running = [
            spawn(
                "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=false", "--realtime=false",
                "--high-priority=false", "--log-target=stderr", *(part for module in loaded for part in ("-L", " ".join(module))),
            )
        ]  # fmt: skip

    def pactl(*command: str) -> bool:
        ended = [process.args for process in running if process.poll() is not None]
        assert not ended, f"the sound server has ended: {ended}"
        return subprocess.run(["pactl", *command], env=environment, capture_output=True, check=False).returncode == 0

    wait_for("the sound server", lambda: pactl("info"), LIMIT)
    if uses_pipewire():
        for module in modules:
            assert pactl("load-module", *module)
    for name in reversed(sinks):
        wait_for(f"the sink {name}", lambda name=name: pactl("set-default-sink", name), LIMIT)
