"""Who may import whom, and that the light things stay light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "speechd_neural"
LEAVES = {"types", "errors", "arrays", "system", "records", "files"}

# The part of the package → the parts it imports, beside the leaves; docs/developers/architecture.md draws them.
ALLOWED = {
    "types": set(),
    "errors": set(),
    "system": set(),
    "records": set(),
    "arrays": set(),
    "files": set(),
    "loglines": set(),
    "paths": set(),
    "plainest": set(),
    "plainyaml": {"plainest"},
    "patterns": set(),
    "upgrade": set(),
    "watching": set(),
    "tidying": set(),
    "expressions": set(),
    "config": {"paths", "plainest", "plainyaml", "patterns"},
    "text": {"patterns", "expressions"},
    "audio": set(),
    "core": {"text", "audio"},
    "voice": {"core", "text", "plainyaml", "expressions"},
    "frontends": {"core"},
    "module": {"frontends", "core", "paths"},  # MODULE_PARTS says which files of them
    "train": {"voice", "core", "text"},
    "parts": {"core", "text", "voice", "config", "paths", "expressions"},
    "configured": {"core", "audio", "config", "paths", "patterns"},
    "loading": {"parts", "core", "config", "tidying"},
    "daemon": {
        "loading", "parts", "configured", "frontends", "core", "config", "paths", "upgrade", "watching", "tidying",
    },
    "desktop": {"core", "frontends", "audio", "paths", "config"},
    "commands": {
        "daemon", "desktop", "frontends", "train", "voice", "core", "audio", "text", "config", "paths", "upgrade", "loglines",
    },
    "cli": set(),  # it imports the one command that is asked for, by name
    "__main__": {"cli"},
    "__init__": set(),
}

# Third-party package → the only places that may import it.
CONFINED = {
    "torch": ("voice/models/", "voice/importers/", "voice/gpu", "train/", "commands/"),
    "sounddevice": ("audio/sink.py",),
    "dbus_next": ("frontends/bus.py",),
    "dbus_fast": ("frontends/bus.py",),
    "yaml": ("plainyaml.py", "config.py", "voice/bundle.py"),
    "regex": ("patterns.py",),
    "num2words": ("text/english/normalize/",),
}

# What the output module, which is another process and starts in milliseconds, may import.
MODULE_PARTS = (
    "module/",
    "frontends/client.py",
    "frontends/long_json.py",
    "frontends/messages.py",
    "frontends/wire.py",
    "frontends/peer.py",
    "core/fallback.py",
    "core/markup.py",
    "types.py",
    "errors.py",
    "system.py",
    "records.py",
    "files.py",
    "paths.py",
)

# Programs that an earlier set-up has installed start the module there.
EARLIER_ENTRY = PACKAGE / "frontends/speechd_module.py"


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Full dotted names that a file imports anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def part_of(path: Path) -> str:
    if path == EARLIER_ENTRY:
        return "module"
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def arrows(path: Path) -> set[str]:
    """The other parts that a file imports from, leaves left out."""
    names = [name.split(".") for name in imported(path) if name.startswith("speechd_neural.")]
    return {parts[1] for parts in names} - LEAVES - {"__version__", part_of(path)}


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_follow_the_arrows(path: Path) -> None:
    assert arrows(path) <= ALLOWED[part_of(path)]


def test_no_arrow_is_allowed_that_does_not_exist() -> None:
    found: dict[str, set[str]] = {part: set() for part in ALLOWED}
    for path in modules():
        found[part_of(path)] |= arrows(path)
    assert {part: ALLOWED[part] - there for part, there in found.items() if ALLOWED[part] - there} == {}


def test_no_file_imports_itself_by_way_of_others() -> None:
    places = {str(path.relative_to(PACKAGE.parent).with_suffix("")).replace("/", "."): path for path in modules()}
    left = {}
    for place, path in places.items():
        names = imported(path)
        left[place] = {other for other in places if other in names or any(n.rpartition(".")[0] == other for n in names)}
    while free := [place for place, others in left.items() if not others & left.keys()]:
        for place in free:
            del left[place]
    assert not left, f"in a circle, or above one: {', '.join(sorted(left))}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_heavy_packages_stay_where_they_belong(path: Path) -> None:
    place = str(path.relative_to(PACKAGE))
    for name in imported(path):
        allowed = CONFINED.get(name.split(".")[0])
        assert allowed is None or place.startswith(allowed), f"{place} imports {name}"


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("module/*.py")), ids=lambda p: p.name)
def test_the_output_module_needs_the_standard_library_only(path: Path) -> None:
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "speechd_neural":
            place = "/".join(parts[1:])
            light = tuple(part.removesuffix(".py") for part in MODULE_PARTS)
            assert place.startswith(light) or place == "__version__", f"{path.name} imports {name}"
        else:
            assert parts[0] in sys.stdlib_module_names, f"{path.name} imports {name}"


# Who may know a language by its name; everybody else finds it by its tag, through text/wings.py.
KNOWS_ENGLISH = ("text/english/", "train/", "voice/importers/", "commands/")


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_language_is_found_by_its_tag(path: Path) -> None:
    place = str(path.relative_to(PACKAGE))
    known = [name for name in imported(path) if name.startswith("speechd_neural.text.english")]
    assert not known or place.startswith(KNOWS_ENGLISH), f"{place} imports {known}"


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("frontends/*.py")), ids=lambda p: p.name)
def test_frontends_know_nothing_behind_the_session(path: Path) -> None:
    behind = {name for name in imported(path) if name.startswith("speechd_neural.core.")}
    assert all(name.startswith("speechd_neural.core.session.") for name in behind), behind


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import speechd_neural.cli",
        "import speechd_neural.module.main",
        "import speechd_neural.frontends.speechd_module",
    ],
)
def test_light_things_load_nothing_heavy(statement: str) -> None:
    assert not loaded_by(statement) & {"numpy", "torch", "yaml", "sounddevice", "dbus_next", "num2words"}


def test_speaking_does_not_load_torch() -> None:
    assert "torch" not in loaded_by("import speechd_neural.voice.engine, speechd_neural.daemon")


def test_the_daemon_starts_without_what_a_first_message_does_not_need() -> None:
    loaded = loaded_by("from speechd_neural.commands import daemon; daemon.import_lightly(); import speechd_neural.daemon")
    assert {"asyncio", "numpy"} < loaded and not loaded & {"ssl", "argparse", "yaml", "dbus_next", "regex", "num2words"}
