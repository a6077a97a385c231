"""Writes what the shells and man(1) know of the commands, from the commands' own parsers.

    python packaging/describe.py DIRECTORY

A package is described while it is built; numpy and PyYAML are needed for that.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from speechd_neural import __version__
from speechd_neural.cli import COMMANDS, parser_for

# Options and arguments that take the name of an installed voice.
_VOICES = "speechd-neural voices list 2>/dev/null | cut -d' ' -f1"
EXIT = """0 done; 2 wrong arguments; 3 configuration; 4 voice; 5 text; 6 could not be spoken; 7 sound device; 8 output file;
9 daemon; 10 set-up; 11 download; 130 interrupted."""


class Option(NamedTuple):
    """names: -o, --output; takes: what it takes ("": nothing); choices: those that are accepted ((): anything)."""

    names: tuple[str, ...]
    takes: str
    choices: tuple[str, ...]
    help: str


class Command(NamedTuple):
    """words: such as "voices install"."""

    words: str
    help: str
    options: tuple[Option, ...]
    arguments: tuple[Option, ...]


def commands() -> Iterator[Command]:
    for name, text in COMMANDS.items():
        yield from _commands(name, text, parser_for(name))


def _commands(words: str, help: str, parser: argparse.ArgumentParser) -> Iterator[Command]:
    options, arguments, below = [], [], []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            below = [(f"{words} {name}", helps.get(name, ""), inner) for name, inner in action.choices.items()]
            continue
        takes = action.metavar or (action.dest.upper() if action.option_strings else action.dest)
        choices = tuple(map(str, action.choices or ()))
        # Where a help tells a default below the home directory, it is everybody's.
        text = " ".join((action.help or "").split()).replace(str(Path.home()), "~")
        found = Option(tuple(action.option_strings), "" if action.nargs == 0 else str(takes), choices, text)
        if action.help != argparse.SUPPRESS:
            (options if action.option_strings else arguments).append(found)
    yield Command(words, help, tuple(options), tuple(arguments))
    for inner in below:
        yield from _commands(*inner)


def bash() -> str:
    cases = []
    for command in commands():
        names = [name for option in command.options for name in option.names]
        deeper = [other.words.split()[-1] for other in commands() if other.words.rpartition(" ")[0] == command.words]
        cases.append(f"        {command.words!r}) words={' '.join(deeper + names)!r} ;;".replace('"', "'"))
    choices = []
    for command in commands():
        for option in command.options:
            if option.choices:
                pattern = "|".join(f"'{command.words} {name}'" for name in option.names)
                given = " ".join(option.choices)
                choices.append(f"        {pattern}) COMPREPLY=($(compgen -W '{given}' -- \"$word\")); return ;;")
    return f"""# bash completion of speechd-neural; written by packaging/describe.py
_speechd_neural() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command=${{COMP_WORDS[1]}} words=
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W '{" ".join(COMMANDS)} --help --version' -- "$word"))
        return
    fi
    case $command in
        train|voices) ((COMP_CWORD > 2)) && command="$command ${{COMP_WORDS[2]}}" ;;
    esac
    case "$command $before" in
{chr(10).join(choices)}
        *' --voice'|'voices use voices'|'voices info voices'|'voices use use'|'voices info info'|'voices remove remove')
            COMPREPLY=($(compgen -W "$({_VOICES})" -- "$word")); return ;;
    esac
    case $command in
{chr(10).join(cases)}
    esac
    [[ $word == -* || $command == voices || $command == train || $command == cache ]] &&
        COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _speechd_neural speechd-neural
"""


def _zsh_text(text: str) -> str:
    return text.replace("'", "'\\''").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")


def zsh() -> str:
    blocks = []
    for command in commands():
        lines = []
        for option in command.options:
            value = f":{_zsh_text(option.takes)}:({' '.join(option.choices)})" if option.choices else ""
            value = value or (f":{_zsh_text(option.takes)}:_files" if option.takes else "")
            lines += [f"            '{name}[{_zsh_text(option.help)}]{value}'" for name in option.names]
        deeper = [other for other in commands() if other.words.rpartition(" ")[0] == command.words]
        if deeper:
            names = " ".join(f"'{other.words.split()[-1]}:{_zsh_text(other.help)}'" for other in deeper)
            blocks.append(f"        '{command.words} ')\n            local -a below=({names})")
            blocks.append("            _describe command below ;;")
        lines.append("            '*:file:_files'")
        joined = " \\\n".join(lines)
        blocks.append(f"        '{command.words}')\n            _arguments \\\n{joined} ;;")
    names = " ".join(f"'{name}:{_zsh_text(text)}'" for name, text in COMMANDS.items())
    return f"""#compdef speechd-neural
# zsh completion of speechd-neural; written by packaging/describe.py
_speechd_neural() {{
    local command=$words[2]
    if ((CURRENT == 2)); then
        local -a names=({names})
        _describe command names
        return
    fi
    case $command in
        train|voices) if ((CURRENT == 3)); then command="$command "; else command="$command $words[3]"; fi ;;
    esac
    case $command in
{chr(10).join(blocks)}
    esac
}}
_speechd_neural "$@"
"""


def _fish_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def fish() -> str:
    lines = ["# fish completion of speechd-neural; written by packaging/describe.py"]
    for name, text in COMMANDS.items():
        lines.append(f"complete -c speechd-neural -n __fish_use_subcommand -a {name} -d '{_fish_text(text)}'")
    for command in commands():
        words = command.words.split()
        seen = "; and ".join(f"__fish_seen_subcommand_from {word}" for word in words)
        if len(words) > 1:
            condition = f"__fish_seen_subcommand_from {words[0]}"
            lines.append(f"complete -c speechd-neural -n '{condition}' -a {words[1]} -d '{_fish_text(command.help)}'")
        for option in command.options:
            names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
            value = f" -x -a '{' '.join(option.choices)}'" if option.choices else " -r" if option.takes else ""
            if option.names == ("--voice",):
                value = f' -x -a "({_VOICES})"'
            lines.append(f"complete -c speechd-neural -n '{seen}' {names}{value} -d '{_fish_text(option.help)}'")
    return "\n".join(lines) + "\n"


def _roff(text: str) -> str:
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def manual() -> str:
    lines = [
        '.\\" Written by packaging/describe.py',
        f'.TH SPEECHD\\-NEURAL 1 "" "speechd\\-neural {__version__}" "User Commands"',
        ".SH NAME", "speechd\\-neural \\- a neural voice for the Linux desktop",
        ".SH SYNOPSIS", ".B speechd\\-neural", ".I COMMAND", "[argument ...]",
        ".SH DESCRIPTION",
        "A voice for Orca, for", ".BR spd\\-say (1),", "and for every program that speaks through Speech Dispatcher or D\\-Bus.",
        "It runs on this computer; nothing that is spoken leaves it.",
        "A daemon holds the voice; it is started by the first who speaks.",
        "Where the voice cannot answer in time,", ".BR espeak\\-ng (1)", "speaks instead.",
        ".SH COMMANDS",
    ]  # fmt: skip
    for command in commands():
        arguments = " ".join(option.takes for option in command.arguments)
        sentence = command.help[:1].upper() + command.help[1:] + "."
        lines += [f".SS {_roff(command.words)} {_roff(arguments)}".rstrip(), _roff(sentence)]
        for option in command.arguments + command.options:
            if option.names == ("-h", "--help"):
                continue
            names = ", ".join(f"\\fB{_roff(name)}\\fR" for name in option.names)
            takes = "|".join(option.choices) or option.takes
            value = f"\\fI{_roff(takes)}\\fR" if takes else ""
            lines += [".TP", f"{names} {value}".strip(), _roff(option.help)]
    lines += [".SH EXIT STATUS", _roff(EXIT), ".B doctor", "ends with 10 where something is missing.", ".SH FILES"]
    for path, text in (
        ("~/.config/speechd-neural/config.yaml", "Settings; /usr/share/doc/speechd-neural/examples/config.yaml explains each."),
        ("~/.config/speechd-neural/lexicon.txt", "Pronunciations of your own; on each line a word, =, and how it sounds."),
        ("~/.local/share/speechd-neural/voices", "Voices that were installed or imported."),
        ("/etc/speech-dispatcher/modules/neural.conf", "Settings of the Speech Dispatcher module."),
    ):
        lines += [".TP", f".I {_roff(path)}", _roff(text)]
    lines += [".SH EXAMPLES"]
    for example, text in (
        ("speechd-neural say \"Good morning.\"", "Speak here and now."),
        ("spd-say -o neural \"Hello\"", "Speak through Speech Dispatcher."),
        ("speechd-neural doctor --speak", "Check everything that speech needs, and hear the result."),
    ):
        lines += [".TP", f".B {_roff(example)}", _roff(text)]
    lines += [".SH SEE ALSO", ".BR spd\\-say (1),", ".BR speech\\-dispatcher (1),", ".BR orca (1),", ".BR espeak\\-ng (1)"]
    return "\n".join(lines) + "\n"


def main(directory: Path) -> None:
    for suffix, text in ((".bash", bash()), (".zsh", zsh()), (".fish", fish()), (".1", manual())):
        (directory / f"speechd-neural{suffix}").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
