"""The recipe for Fedora, built with rpmbuild on Debian: all but the macros that only Fedora has is as it would be there."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from speechd_neural import __version__
from speechd_neural.desktop import checks

ROOT = Path(__file__).parents[2]
PYTHON = ".".join(map(str, sys.version_info[:2]))
# What Fedora's packages of Python, systemd and the compiler define. Without optimization: nobody runs it.
MACROS = {
    "python3": sys.executable,
    "python3_version": PYTHON,
    "_userunitdir": "/usr/lib/systemd/user",
    "systemd_user_post()": "systemctl --global preset %*",
    "systemd_user_preun()": "systemctl --global disable %*",
    "build_ldflags": "-Wl,-z,relro",
    "optflags": "-O0",
    "_binary_payload": "w1.gzdio",
}


def rpm(package: Path, *arguments: str) -> list[str]:
    done = subprocess.run(["rpm", "-qp", *arguments, package], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("rpm")
    name = f"speechd-neural-{__version__}"
    source = top / "source" / name
    for part in ("packaging", "speechd_neural", "config", "systemd"):
        shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    for file in ROOT.glob("[A-Zp]*"):
        if file.is_file():
            shutil.copy(file, source)
    (top / "SOURCES").mkdir()
    archive = top / "SOURCES" / f"{name}.tar.gz"
    subprocess.run(["tar", "-C", source.parent, "-I", "gzip -1", "-cf", archive, name], check=True)
    nanobind = subprocess.run(
        [sys.executable, "-m", "nanobind", "--cmake_dir"], capture_output=True, text=True, check=True
    ).stdout.strip()
    environment = {
        "HOME": str(top), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin:/usr/sbin:/sbin", "NANOBIND": nanobind,
        "CMAKE_ARGS": "-DCMAKE_BUILD_TYPE=None",
    }  # fmt: skip
    defined = [word for name, value in {"_topdir": top, **MACROS}.items() for word in ("--define", f"{name} {value}")]
    done = subprocess.run(
        ["rpmbuild", "-bb", "--nodeps", *defined, ROOT / "packaging" / "speechd-neural.spec"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]  # a file that is in no list fails it, too
    (built,) = (top / "RPMS").rglob("*.rpm")
    return built


def test_everything_is_where_fedoras_programs_look(package: Path) -> None:
    files = set(rpm(package, "--list"))
    assert files >= {
        "/usr/bin/speechd-neural",
        "/etc/speech-dispatcher/modules/neural.conf",
        "/usr/lib/systemd/user/speechd-neural.socket",
        "/usr/lib/systemd/user-preset/90-speechd-neural.preset",
        "/usr/lib64/speechd-neural/speechd_neural/voices/fenrir/voice.yaml",
        f"/usr/lib64/speechd-neural/speechd_neural/voice/_native{sysconfig.get_config_var('EXT_SUFFIX')}",
    }
    # Where the doctor and set-up look for it: Fedora's Speech Dispatcher is built for lib64.
    (module,) = [name for name in files if name.endswith("/sd_neural")]
    assert module == "/usr/lib64/speech-dispatcher-modules/sd_neural"
    assert str(Path(module).parent) in checks._SYSTEM_MODULES
    assert rpm(package, "--configfiles") == ["/etc/speech-dispatcher/modules/neural.conf"]


def test_it_fits_one_python_alone_and_switches_the_socket_on(package: Path) -> None:
    required = rpm(package, "--requires")
    assert f"python(abi) = {PYTHON}" in required
    assert {"espeak-ng", "python3-numpy", "speech-dispatcher >= 0.11"} <= set(required)
    scripts = rpm(package, "--scripts")
    assert "systemctl --global preset speechd-neural.socket speechd-neural.service" in scripts
    assert "systemctl --global disable speechd-neural.socket speechd-neural.service" in scripts


def test_what_it_installs_runs(package: Path, tmp_path: Path) -> None:
    with subprocess.Popen(["rpm2cpio", package], stdout=subprocess.PIPE) as unpacking:
        subprocess.run(["cpio", "-idm", "--quiet"], stdin=unpacking.stdout, cwd=tmp_path, check=True)
    site = tmp_path / "usr/lib64/speechd-neural"
    program = (tmp_path / "usr/bin/speechd-neural").read_text().replace("/usr/lib64/speechd-neural", str(site))
    done = subprocess.run(
        [sys.executable, "-c", program, "--version"], env={}, capture_output=True, text=True, check=False
    )
    assert done.stdout == f"speechd-neural {__version__}\n", done.stderr
    native = "import speechd_neural.voice._native as native; print(native.__file__, native.chosen())"
    done = subprocess.run(
        [sys.executable, "-S", "-c", native],
        env={"PYTHONPATH": str(site)},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith(f"{site}/"), done.stderr
