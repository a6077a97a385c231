"""`make install DESTDIR=...`, as a packager runs it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_everything_is_below_destdir_with_the_distributions_paths(tmp_path):
    destination = tmp_path / "a destination"
    environment = {**os.environ, "PYTHON": sys.executable, "PYTHON_SITE": "/usr/lib/site"}
    environment |= {"SPEECHD_MODULES": "/usr/libexec/speech-dispatcher-modules"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["make", "-C", ROOT, "install", f"DESTDIR={destination}"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = {str(path.relative_to(destination)): path for path in destination.rglob("*") if path.is_file()}
    package = [name for name in found if name.startswith("usr/lib/site/")]
    assert "usr/lib/site/speechd_neural/desktop/files/neural.conf" in package
    assert any(name.startswith("usr/lib/site/speechd_neural/voice/_native.cpython") for name in package)
    assert not [name for name in package if name.endswith((".cpp", ".h", ".pyc"))]
    assert set(found) - set(package) == {
        "usr/bin/speechd-neural",
        "usr/libexec/speech-dispatcher-modules/sd_neural",
        "etc/speech-dispatcher/modules/neural.conf",
        "usr/lib/systemd/user-preset/90-speechd-neural.preset",
        "usr/share/bash-completion/completions/speechd-neural",
        "usr/share/doc/speechd-neural/examples/config.yaml",
        "usr/share/fish/vendor_completions.d/speechd-neural.fish",
        "usr/share/man/man1/speechd-neural.1",
        "usr/share/metainfo/org.speechd_neural.speechd_neural.metainfo.xml",
        "usr/share/zsh/site-functions/_speechd-neural",
        "usr/lib/systemd/user/speechd-neural.service",
        "usr/lib/systemd/user/speechd-neural.socket",
        "usr/share/dbus-1/services/org.speechd_neural.Daemon.service",
        "usr/share/dbus-1/services/org.speechd_neural.Speech.Provider.service",
    }
    assert (
        "ExecStart=/usr/bin/speechd-neural daemon\n" in found["usr/lib/systemd/user/speechd-neural.service"].read_text()
    )
    for name in ("usr/bin/speechd-neural", "usr/libexec/speech-dispatcher-modules/sd_neural"):
        assert stat.S_IMODE(found[name].stat().st_mode) == 0o755
        assert "/usr/lib/site" in found[name].read_text() and str(tmp_path) not in found[name].read_text()
    # The command works once the package is where it will be.
    program = found["usr/bin/speechd-neural"].read_text().replace("/usr/lib/site", str(destination / "usr/lib/site"))
    done = subprocess.run(
        [sys.executable, "-c", program, "--version"], env={}, cwd="/", capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("speechd-neural "), done.stderr
    # So does the extension, which is the one that lies there.
    loaded = "import speechd_neural.voice._native as native; print(native.__file__)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", loaded], env={"PYTHONPATH": str(destination / "usr/lib/site")}, cwd="/",
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.startswith(f"{destination}/usr/lib/site/"), done.stdout + done.stderr
