"""What the screen reader sends is spoken by our module."""

import json
import os
import re
import time
from pathlib import Path

from tests.e2e.conftest import wait_for

HERE = Path(__file__).parent
LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")


def opened(desktop, sent, word, patience=20):
    """Show the window; whether the screen reader said the word. On a busy machine the window may have the focus before its
    toolkit has found the accessibility bus, which then never hears of it; such a window is closed again.
    """
    start = len(sent())
    application = desktop.spawn("/usr/bin/python3", str(HERE / "window.py"))
    search = ("xdotool", "search", "--onlyvisible", "--name", "^Letter$")
    window = wait_for("the window", lambda: desktop.run(*search).stdout.split())[-1]
    desktop.run("xdotool", "windowfocus", window)
    end = time.monotonic() + patience
    while word not in sent(start):
        if time.monotonic() > end:
            application.terminate()
            application.wait()
            return False
        time.sleep(0.05)
    return True


def test_orca_speaks_through_our_module(desktop):
    done = desktop.neural("setup", "--no-default", "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    protocol = desktop.root / "ssip.log"
    # Orca is told to use the module by its own setting: the server's default stays another one.
    desktop.start_server(f'CustomLogFile "protocol" "{protocol}"\nDefaultModule espeak-ng\n')
    desktop.record()

    display_file = desktop.root / "display"
    desktop.spawn("sh", "-c", f"exec Xvfb -displayfd 5 -screen 0 800x600x24 -nolisten tcp -noreset 5>{display_file}")
    wait_for("Xvfb", lambda: display_file.exists() and display_file.read_text().strip())
    desktop.environment |= {
        "DISPLAY": ":" + display_file.read_text().strip(),
        "GDK_BACKEND": "x11",
        "GSETTINGS_BACKEND": "keyfile",
        "GTK_MODULES": "gail:atk-bridge",
        "XDG_SESSION_TYPE": "x11",
        "XDG_CURRENT_DESKTOP": "GNOME",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    for key in (
        "org.gnome.desktop.interface toolkit-accessibility",
        "org.gnome.desktop.a11y.applications screen-reader-enabled",
    ):
        assert desktop.run("gsettings", "set", *key.split(), "true").returncode == 0
    launcher = next(path for path in LAUNCHERS if os.path.exists(path))
    desktop.spawn(launcher, "--launch-immediately", "--a11y=1", "--screen-reader=1")
    settings = {
        "enableBraille": False, "enableBrailleMonitor": False, "enableSpeech": True, "enableKeyEcho": True,
        "speechServerFactory": "speechdispatcherfactory", "speechServerInfo": ["neural", "neural"],
        "profile": ["Default", "default"], "startingProfile": ["Default", "default"],
    }  # fmt: skip
    profile = settings | {"pronunciations": {}, "keybindings": {}}
    stored = {"general": settings, "profiles": {"default": profile}, "pronunciations": {}, "keybindings": {}}
    folder = desktop.home / ".local/share/orca"
    folder.mkdir(parents=True)
    (folder / "user-settings.conf").write_text(json.dumps(stored))

    def sent(after=0):
        return protocol.read_text(errors="replace")[after:] if protocol.exists() else ""

    desktop.spawn("/usr/bin/orca", "--replace")
    wait_for("Orca's first words", lambda: "SPEAK" in sent())
    assert re.search(r"SET SELF OUTPUT_MODULE neural", sent(), re.IGNORECASE)
    desktop.hears()
    desktop.falls_silent(0)

    sound = desktop.now()
    wait_for("the text field", lambda: opened(desktop, sent, "text"), limit=180)
    desktop.hears(sound)
    desktop.falls_silent(sound)

    start, sound = len(sent()), desktop.now()
    desktop.run("xdotool", "key", "h")
    wait_for("the key's echo", lambda: re.search(r"((CHAR|KEY) h|<speak>.*?h\s*</speak>)", sent(start)))
    assert "CANCEL" in sent(start)
    desktop.hears(sound)

    start = len(sent())
    desktop.run("xdotool", "key", "Tab")
    wait_for("the check box", lambda: "copy" in sent(start) and "check" in sent(start))
    desktop.falls_silent(sound)
    start, sound = len(sent()), desktop.now()
    desktop.run("xdotool", "key", "Tab")
    wait_for("the button", lambda: "Send" in sent(start))
    desktop.hears(sound)

    log = (desktop.run_dir / "speech-dispatcher/log/neural.log").read_text()
    assert "Traceback" not in log
