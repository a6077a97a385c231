import os
import time

import pytest

from speechd_neural.errors import ConfigError
from speechd_neural.text.english.pronounce import lexicon
from speechd_neural.text.english.pronounce.lexicon import UserLexicon
from speechd_neural.text.english.pronounce.pronouncer import Pronouncer


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "lexicon.txt"
    path.write_text(
        "# mine\n"
        "nginx = EN-jin-EKS   # as its makers say it\n"
        "Siobhan = /ʃɪˈvɔːn/\n"
        "gif = G IH1 F\n"
        "k9s = say canines\n"
        "ROSE! = spell\n"
        "/v(\\d+)beta/ = say version \\1 beta\n"
        "/x{3,}/ = EKS-eks\n",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize(
    ("word", "phones", "line"),
    [
        ("nginx", "eh1 n jh ih0 n eh1 k s", 2),
        ("NGINX", "eh1 n jh ih0 n eh1 k s", 2),
        ("siobhan", "sh ih0 v ao1 n", 3),
        ("GIF", "g ih1 f", 4),
        ("k9s", "k ey1 n ay2 n z", 5),
        ("ROSE", "aa2 r ow2 eh2 s iy1", 6),
        ("xxxxx", "eh1 k s eh0 k s", 8),
    ],
)
def test_entries_win_and_say_their_line(file, word, phones, line):
    said, why = Pronouncer(UserLexicon(file)).phones(word)
    assert (" ".join(said), why) == (phones, f"user lexicon line {line}")


def test_capitals_only_entry_leaves_the_plain_word_alone(file):
    assert Pronouncer(UserLexicon(file)).phones("rose") == (("r", "ow1", "z"), "dictionary")


def test_groups_are_filled_in(file):
    found = UserLexicon(file).find("v2beta")
    assert found is not None
    assert found.words == ("version", "2", "beta")
    said, _ = Pronouncer(UserLexicon(file)).phones("v2beta")
    assert " ".join(said) == "v er1 zh ax n t uw1 b ey1 t ax"


def test_patterns_match_whole_words_only(file):
    assert UserLexicon(file).find("axxxx") is None


def test_missing_file_is_empty_and_may_appear_later(tmp_path):
    path = tmp_path / "none.txt"
    lex = UserLexicon(path)
    assert lex.find("anything") is None
    path.write_text("anything = B\n")
    wait_for(lambda: lex.find("anything") is not None)
    path.unlink()
    wait_for(lambda: lex.find("anything") is None)


def test_change_is_seen_and_a_mistake_keeps_the_old_entries(file):
    lex = UserLexicon(file)
    before = lex.version
    file.write_text("gif = JH IH1 F\n")
    wait_for(lambda: lex.find("gif") and lex.find("gif").phones[0] == "jh")
    assert lex.version > before
    file.write_text("gif = JH QQ9 F\n")
    wait_for(lambda: (lex.refresh() or True) and lex.error)
    assert f"{file}:1: " in lex.error
    assert lex.find("gif").phones == ("jh", "ih1", "f")
    file.write_text("gif = G IH1 F\n")
    wait_for(lambda: lex.find("gif").phones[0] == "g")
    assert lex.error is None


def test_a_change_in_the_same_tick_of_the_file_systems_clock_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(lexicon, "FRESH", 600.0)
    path = tmp_path / "lexicon.txt"
    path.write_text("gif = JH QQ9 F\n")
    status = path.stat()
    lex = UserLexicon(path, strict=False)
    path.write_text("gif = JH IH1 F\n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    wait_for(lambda: lex.find("gif") is not None)


def test_a_mistake_at_the_start_is_no_end_where_one_speaks_on(tmp_path):
    path = tmp_path / "lexicon.txt"
    path.write_text("gif = JH QQ9 F\n")
    lex = UserLexicon(path, strict=False)
    assert f"{path}:1: " in lex.error and lex.find("gif") is None
    path.write_text("gif = JH IH1 F\n")
    wait_for(lambda: lex.find("gif") is not None)
    assert lex.error is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("word\n", 1),
        ("# fine\n\nword = \n", 3),
        ("word = HH QQ1\n", 1),
        ("good = G UH1 D\nbad = /☃/\n", 2),
        ("/(/ = B\n", 1),
        ("/a*/ = B\n", 1),
        ("/ab/ = say \\1\n", 1),
        ("/(a)b/ = say \\g<1>\n", 1),
        ("two words = B\n", 1),
    ],
)
def test_errors_name_file_line_and_what_is_accepted(tmp_path, text, line):
    path = tmp_path / "lexicon.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        UserLexicon(path)
    message = str(caught.value)
    assert message.startswith(f"{path}:{line}: ")
    assert "accepted" in message or "must match" in message or "has 0" in message or "may follow" in message
    assert "\n" not in message


def test_not_utf8_names_the_line(tmp_path):
    path = tmp_path / "lexicon.txt"
    path.write_bytes(b"a = B\nb = \xff\n")
    with pytest.raises(ConfigError, match=r":2: not UTF-8"):
        UserLexicon(path)


def test_directory_and_oversize_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        UserLexicon(tmp_path)
    path = tmp_path / "big.txt"
    path.write_bytes(b"#" * (lexicon.SIZE_LIMIT + 1))
    with pytest.raises(ConfigError, match="larger than 4 MB"):
        UserLexicon(path)


def test_byte_order_mark_and_windows_line_ends(tmp_path):
    path = tmp_path / "lexicon.txt"
    path.write_bytes("\ufeffgif = G IH1 F\r\npng = say ping\r\n".encode())
    lex = UserLexicon(path)
    assert lex.find("gif").phones == ("g", "ih1", "f")
    assert lex.find("png").words == ("ping",)


def test_entries_that_lead_to_each_other_end(tmp_path):
    path = tmp_path / "lexicon.txt"
    path.write_text("ping = say pong\npong = say ping\n")
    assert Pronouncer(UserLexicon(path)).phones("ping")[0]


def test_unreadable_pattern_subject_is_not_tried(file):
    assert UserLexicon(file).find("x" * 1000) is None
    os.utime(file)  # only the time changed: read again without harm
    assert UserLexicon(file).find("xxx") is not None


def test_a_pattern_that_takes_too_long_is_left_out_and_the_others_hold(tmp_path, caplog):
    path = tmp_path / "lexicon.txt"
    path.write_text("/(a|aa)+b/ = say never\n/(x)y/ = say why \\1\ngnu = say new\n")
    lexicon = UserLexicon(path)
    assert lexicon.find("a" * 60) is None
    assert lexicon.error is not None and lexicon.error.startswith(f"{path}:1: the regular expression takes too long")
    assert lexicon.find("a" * 60) is None
    assert lexicon.find("xy").words == ("why", "x")
    assert lexicon.find("gnu").words == ("new",)
    assert caplog.text.count("takes too long") == 1
    assert "aaaa" not in caplog.text


def test_there_is_an_end_to_expressions_that_are_tried_on_every_word():
    lines = [f"/x{number}[a-z]/ = say x" for number in range(lexicon.MOST_PATTERNS + 1)]
    assert len(lexicon.parse("\n".join(lines[:-1]), "x").patterns) == lexicon.MOST_PATTERNS
    with pytest.raises(ConfigError, match=f"x:{len(lines)}: more than 1000 regular expressions"):
        lexicon.parse("\n".join(lines), "x")
