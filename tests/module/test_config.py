"""The module's configuration file and the voices it remembers."""

from pathlib import Path

import pytest

from speechd_neural import paths
from speechd_neural.errors import DaemonError
from speechd_neural.module import protocol
from speechd_neural.module.config import daemon_command, read_config
from speechd_neural.module.voices import Voices
from speechd_neural.types import DEADLINE, MODULE_DEADLINE


def test_a_missing_or_empty_file_is_all_defaults(tmp_path):
    config, complaints = read_config(str(tmp_path / "none"))
    assert complaints == [] and config.deadline == 0.15 and config.server_plays
    assert config.daemon == daemon_command() and config.socket == str(paths.socket_path())
    (tmp_path / "empty").write_text("# nothing\n\n")
    assert read_config(str(tmp_path / "empty")) == (config, [])


def test_everything_can_be_set(tmp_path):
    file = tmp_path / "conf"
    file.write_text('deadline 20\nSocket "/a b/c"\nDaemonCommand "/x y/z" daemon\nAudio module # ours\n')
    config, complaints = read_config(str(file))
    assert complaints == []
    assert config == (0.02, "/a b/c", ("/x y/z", "daemon"), False)


@pytest.mark.parametrize(
    "line",
    [
        *("Deadline", "Deadline -1", "Deadline 5001", "Deadline 1 2", "Deadline " + 5000 * "9"),
        *("Socket a", "Audio loud", "Colour blue", '"'),
    ],
)
def test_mistakes_are_named_with_file_and_line(tmp_path, line):
    file = tmp_path / "conf"
    file.write_text(f"# first\n{line}\nDeadline 30\n")
    config, complaints = read_config(str(file))
    assert len(complaints) == 1 and complaints[0].startswith(f"{file}:2: ")
    assert config.deadline == 0.03


def test_of_a_file_without_end_only_the_beginning_is_read(tmp_path):
    file = tmp_path / "conf"
    with file.open("wb") as hole:
        hole.write(b"Deadline 30\n")
        hole.truncate(1 << 40)
    config, complaints = read_config(str(file))
    assert config.deadline == 0.03 and complaints[0] == f"{file}: longer than 65536 bytes, what follows is not read"


def test_a_directory_of_somebody_else_gets_nothing(monkeypatch, tmp_path):
    def not_ours():
        raise DaemonError("/tmp/x is not a private directory of this user")

    monkeypatch.setattr(paths, "runtime_dir", not_ours)
    config, complaints = read_config(str(tmp_path / "none"))
    assert config.socket == "/dev/null" and config.daemon == ()
    assert complaints == ["/tmp/x is not a private directory of this user; espeak-ng speaks until then"]
    (tmp_path / "own").write_text('Socket "/a/b"\n')
    assert read_config(str(tmp_path / "own"))[1] == []


def test_the_template_names_the_defaults():
    template = (Path(__file__).parents[2] / "config/neural.conf").read_text()
    assert f"# Deadline {1000 * MODULE_DEADLINE:g}\n" in template
    assert DEADLINE < MODULE_DEADLINE  # the daemon's own fallback comes first


IN_THE_BOX = [
    (name, language, gender)
    for name, gender in (("fenrir", "male"), ("heart", "female"), ("rms", "male"))
    for language in ("en-US", "en")
]


def test_before_anybody_has_told_the_manifests_do_a_users_own_too(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    for name, manifest in {"a": "name: a b\n", "u": "name: uta\nlanguages:\n- de\nreads: phones\n- x\n", "b": "\xff"}.items():
        (paths.user_voices() / name).mkdir(parents=True)
        (paths.user_voices() / name / "voice.yaml").write_text(manifest, encoding="latin-1")
    assert Voices().listing() == [*IN_THE_BOX, ("uta", "de", "none")]
    monkeypatch.setattr(paths, "packaged_voices", lambda: tmp_path / "gone")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "gone"))
    assert Voices().listing() == [("neural", "en-US", "none")]


def test_voices_are_learned_and_remembered(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    voices = Voices()
    assert voices.listing() == IN_THE_BOX
    voices.learn({"reply": "voices", "voices": []})
    voices.learn({"reply": "hello", "voices": [{"name": "x"}]})
    voices.learn({"reply": "voices", "voices": [{"name": " "}, {"languages": ["de"]}, "nonsense", {"name": 3}]})
    assert voices.listing() == IN_THE_BOX
    voices.learn({"reply": "voices", "voices": [{"name": "A B", "languages": ["en-US", "de"]}]})
    assert voices.listing() == Voices().listing() == [("A B", "en-US", "none"), ("A B", "de", "none")]
    for language in ("de_AT.UTF-8", "en", "EN-gb"):
        assert voices.settled({"voice": "A B", "language": language}) == {"voice": "A B", "language": language}
    for language in ("fr", None, "", "xx_YY@z"):
        assert voices.settled({"voice": "A B", "language": language})["language"] == "en-US"
    for unnamed in ({"language": "fr"}, {"voice": None, "language": "fr"}, {"voice": "gone", "language": "fr"}, {}):
        assert voices.settled(unnamed) == unnamed
    (tmp_path / "speechd-neural/module-voices").write_bytes(b"\xff\t\n")
    assert Voices().listing() == IN_THE_BOX


def test_a_voice_type_chooses_where_no_voice_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    voices = Voices()
    told = [
        ("adam", "male", ["en-US"]), ("eva", "female", ["en-US", "en"]), ("bob", "male", ["en-US"]), ("Uta", "female", ["de"]),
    ]
    voices.learn({"reply": "voices", "voices": [{"name": n, "gender": g, "languages": t} for n, g, t in told]})
    asked = {"male1": None, "female1": "eva", "female2": "eva", "male2": "bob", "child_female": "eva", "child_male": None}
    for kind, name in asked.items():
        expected = {"language": "en"} | ({"voice": name} if name else {})
        assert voices.settled({"voice_type": kind, "language": "en"}) == expected
    assert voices.settled({"voice_type": "female1", "language": "de"}) == {"voice": "Uta", "language": "de"}
    assert voices.settled({"voice_type": "female1", "language": "fr"}) == {"language": "fr"}
    assert voices.settled({"voice_type": "female1", "voice": "bob", "language": "en"}) == {"voice": "bob", "language": "en"}
    voices.learn({"reply": "voices", "voices": [{"name": "x"}, {"name": "adam", "gender": "male"}]})
    assert voices.settled({"voice_type": "male1"}) == {}  # what everybody asks who asks for nothing


def test_the_kind_of_voice_is_read_from_the_settings():
    assert protocol.settings({"voice_type": "FEMALE1"}) == {"voice_type": "female1"}
    assert protocol.settings({"voice_type": "robot9"}) == protocol.settings({"voice_type": ""}) == {}
