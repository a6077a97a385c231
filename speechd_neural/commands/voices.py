"""`speechd-neural voices`: list, show, choose, import, install and remove voices. Nothing is fetched unasked."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from speechd_neural import paths
from speechd_neural.commands.settings_file import write_setting
from speechd_neural.errors import OutputError, UsageError, VoiceError
from speechd_neural.text.languages import is_tag


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="what", metavar="list|info|use|remove|import|install", required=True)
    commands.add_parser("list", help="the voices there are, and those that can be installed")
    commands.add_parser("info", help="what a voice is made of").add_argument("name")
    commands.add_parser("use", help="make a voice the one that speaks").add_argument("name")
    commands.add_parser("remove", help="delete a voice of this user").add_argument("name")
    bring = commands.add_parser("import", help="make a voice of two public checkpoints, or take one that is made")
    bring.add_argument("path", nargs="+", type=Path,
                       help="an acoustic model and a vocoder, each in an archive or not; or one archive or directory of both, "
                            "or of a voice")  # fmt: skip
    install = commands.add_parser("install", help="fetch a voice by its name in the catalogue, or from an address")
    install.add_argument("source", nargs="+", metavar="NAME|URL", help="a name; an archive; or the two checkpoints")
    install.add_argument("--sha256", action="append", default=[], help="of each file, in the same order")
    install.add_argument("--unverified", action="store_true",
                         help="accept files whose hash is not known; that of what arrives is told")  # fmt: skip
    install.add_argument("--catalogue", type=Path, help="a file of names besides the one of this package")
    install.add_argument("--keep-current", action="store_true", help="install it, but do not choose it")
    for command in (bring, install):
        command.add_argument("--name", help="of the voice (default: from the file's name)")
        command.add_argument("--language", action="append", help="that it speaks (default en-US)")
        command.add_argument("--licence", help="of the weights")


def run(arguments: argparse.Namespace) -> int:
    for language in getattr(arguments, "language", None) or ():
        if not is_tag(language):
            raise UsageError(f"--language {language[:60]!r}: no language tag; accepted: such as en-US")
    steps = {"list": _list, "info": _info, "use": _use, "remove": _remove, "import": _import, "install": _install}
    return steps[arguments.what](arguments)


def _places() -> tuple[Path, Path]:
    return paths.user_voices(), paths.packaged_voices()


def _chosen() -> tuple[str, Path | None]:
    """The voice of the configuration: its name and where it is, if it is there."""
    from speechd_neural.config import load
    from speechd_neural.voice.store import DEFAULT, find

    name = load(paths.config_file()).voice.name or DEFAULT
    try:
        return name, find(name, _places())
    except VoiceError:
        return name, None


def printable(text: str) -> str:
    """What somebody else wrote, without what would steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def _list(_: argparse.Namespace) -> int:
    from speechd_neural.voice import catalogue
    from speechd_neural.voice.store import DEFAULT, installed

    voices, (name, chosen) = installed(_places()), _chosen()
    width = max(map(len, voices), default=0)
    for voice, path in sorted(voices.items()):
        # The word too: many a screen reader passes over the star.
        print(f"{'*' if path == chosen else ' '} {voice:<{width}}  {path}{'  (chosen)' if path == chosen else ''}")
    if not voices:
        print("no voices")
    if chosen is None:
        print(f"the chosen voice, {name!r}, is not there; {DEFAULT} speaks in its place")
    elif chosen not in voices.values():
        print(f"* {name}  (chosen)")
    offered = {n: e for n, e in catalogue.read(paths.PACKAGE / "data" / "voices.yaml").items() if n not in voices}
    for voice, entry in sorted(offered.items()):
        size = f"{entry.size / 1e6:.0f} MB to fetch; " if entry.size is not None else ""
        print(printable(f"  {voice}: {entry.title}; {', '.join(entry.languages)}; {size}{entry.licence}"))
    return 0


def _info(arguments: argparse.Namespace) -> int:
    from speechd_neural.voice.bundle import load
    from speechd_neural.voice.store import find

    bundle = load(find(arguments.name, _places()))
    manifest, contract = bundle.manifest, bundle.manifest.contract
    size = sum(file.stat().st_size for file in bundle.path.iterdir())
    rows = {
        "name": bundle.info.name, "place": str(bundle.path), "languages": ", ".join(manifest.languages),
        "licence": manifest.licence, "made from": manifest.provenance,
        "reads": f"{manifest.reads} ({len(manifest.symbols)} symbols)",
        "models": f"{manifest.acoustic.family} and {manifest.vocoder.family}",
        "sound": f"{contract.sample_rate} Hz, {contract.n_mels} bands every {contract.hop_length} samples",
        "size": f"{size / 1e6:.1f} MB",
    }  # fmt: skip
    for label, value in rows.items():
        print(f"{label:<10} {printable(value)}")
    return 0


def _use(arguments: argparse.Namespace) -> int:
    from speechd_neural.voice.bundle import load
    from speechd_neural.voice.store import find

    path = find(arguments.name, _places())
    load(path)  # a damaged one is refused here, where somebody reads it
    # The daemon is started elsewhere than this command.
    choose(str(path.resolve()) if "/" in arguments.name else arguments.name, paths.config_file())
    print(f"{arguments.name} is chosen; a running daemon takes it after 'speechd-neural reload'")
    return 0


def choose(name: str, file: Path) -> None:
    """Write voice.name into the configuration. Raises as `write_setting` does."""
    write_setting(file, "voice", "name", name)


def _remove(arguments: argparse.Namespace) -> int:
    from speechd_neural.voice.store import installed

    own = installed((paths.user_voices(),))
    if arguments.name not in own:
        packaged = arguments.name in installed((paths.packaged_voices(),))
        reason = "came with this program and stays" if packaged else f"is not there; there are: {', '.join(own) or 'none'}"
        raise VoiceError(f"voice {arguments.name!r} {reason}")
    path, (_, chosen) = own[arguments.name], _chosen()
    if chosen is not None and chosen.resolve() == path.resolve():
        raise UsageError(f"{arguments.name} is the voice that speaks; choose another with 'speechd-neural voices use NAME' first")
    try:
        if path.is_symlink():
            path.unlink()
        else:
            shutil.rmtree(path)
    except OSError as error:
        raise OutputError(f"{error.filename}: {error.strerror}") from None
    print(f"{arguments.name} is removed")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    from speechd_neural.commands.voices_install import import_checkpoints

    name = import_checkpoints(arguments)
    print(f"{name} is imported; 'speechd-neural voices use {name}' chooses it")
    return 0


def _install(arguments: argparse.Namespace) -> int:
    from speechd_neural.commands.voices_install import install

    name = install(arguments)
    if arguments.keep_current:
        print(f"{name} is installed; 'speechd-neural voices use {name}' chooses it")
    else:
        choose(name, paths.config_file())
        print(f"{name} is installed and chosen; a running daemon takes it after 'speechd-neural reload'")
    return 0
