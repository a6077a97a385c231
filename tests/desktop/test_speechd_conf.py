"""Lines added to speechd.conf and taken out again."""

import pytest

from speechd_neural.desktop import speechd_conf
from speechd_neural.desktop.speechd_conf import Conf, with_default, with_module, without_ours

LISTED = (
    '# AddModule "x" "y" "z"\n  addmodule "espeak-ng" "sd_espeak-ng" "espeak-ng.conf"\nAddModule flite sd_flite\n#end'
)
PLAIN = "LogLevel 3\n\n# DefaultModule nobody\nDefaultModule espeak-ng\nDefaultVolume 100\n"


def conf(text):
    return Conf(speechd_conf.user_path(), text)


def test_reads_modules_and_default():
    assert conf(LISTED).modules == ["espeak-ng", "flite"] and conf(LISTED).default is None
    assert conf(PLAIN).modules == [] and conf(PLAIN).default == "espeak-ng"


def test_a_module_is_added_once_behind_the_others():
    once = with_module(LISTED, "neural", "/x/sd_neural", "neural.conf")
    assert conf(once).modules == ["espeak-ng", "flite", "neural"]
    assert with_module(once, "neural", "/x/sd_neural", "neural.conf") == once
    assert without_ours(once) == LISTED


@pytest.mark.parametrize("text", [PLAIN, "", "DefaultVolume 100\n", "DefaultModule a\nDefaultModule b\n"])
def test_a_default_replaces_another_and_gives_it_back(text):
    once = with_default(text, "neural")
    assert conf(once).default == "neural" and conf(once).modules == []
    assert with_default(once, "neural") == once
    assert without_ours(once) == text


def test_both_together():
    both = with_default(with_module(LISTED, "neural", "b", "c"), "neural")
    assert conf(both).default == "neural" and conf(both).modules[-1] == "neural"
    assert without_ours(both) == LISTED + "\n"
    assert with_module(both, "neural", "b", "c") == both


def test_the_users_file_is_used_before_the_systems(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    system = tmp_path / "system.conf"
    assert speechd_conf.in_use(system).text == ""
    system.write_text(PLAIN)
    assert speechd_conf.in_use(system) == (system, PLAIN) and not speechd_conf.in_use(system).user
    own = tmp_path / "speech-dispatcher/speechd.conf"
    own.parent.mkdir()
    own.write_bytes(b"\xff\n" + LISTED.encode())
    found = speechd_conf.in_use(system)
    assert found.user and found.modules == ["espeak-ng", "flite"]
    assert found.text.encode("utf-8", "surrogateescape") == own.read_bytes()
