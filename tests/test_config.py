from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from speechd_neural import config
from speechd_neural.config import Config, parse
from speechd_neural.errors import ConfigError
from speechd_neural.patterns import Pattern
from speechd_neural.types import Capitals, Punctuation, Settings

TEMPLATE = Path(__file__).parent.parent / "config" / "speechd-neural.yaml"


def test_a_missing_or_empty_file_says_nothing(tmp_path):
    assert config.load(tmp_path / "none.yaml") == Config()
    for text in ("", "# only a comment\n", "voice:\n", "---\n"):
        assert parse(text, "x") == Config()


def test_the_template_is_the_defaults_and_names_every_key():
    text = TEMPLATE.read_text()
    assert parse(text, "x") == Config()
    document = yaml.safe_load(text)
    for section in fields(Config):
        assert set(document[section.name]) == {key.name for key in fields(section.default)}


def test_every_key_is_read(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(
        "voice: {name: anna}\ndevice: {compute: cpu, threads: 2, half: true, idle_unload_s: 60}\n"
        "cache: {memory_mb: 8, disk_mb: 0, directory: ~/phrases, warm: false, private: ['pin \\d+']}\n"
        "fallback: {deadline_ms: 200}\naudio: {device: 3, keep_awake_s: 0}\n"
        "speech: {rate: 40, pitch: -5, pitch_range: 1.5, volume: 90, punctuation: some, capitals: icon}\n"
        "text: {digits: true, lexicon: /etc/words}\nlog: {level: debug}\n"
    )
    read = config.load(path)
    assert read.voice.name == "anna"
    assert (read.device.compute, read.device.threads) == ("cpu", 2)
    assert (read.device.half, read.device.idle_unload_s) == (True, 60)
    assert read.cache.directory == Path.home() / "phrases" and read.cache.disk_mb == 0
    assert read.cache.private == (Pattern(r"pin \d+"),)
    assert (read.audio.device, read.audio.keep_awake_s) == (3, 0)
    assert read.speech.settings() == Settings(
        rate=40, pitch=-5, pitch_range=1.5, volume=90, punctuation=Punctuation.SOME, capitals=Capitals.ICON
    )
    assert read.text.digits and read.text.lexicon == Path("/etc/words")
    assert read.fallback.deadline_ms == 200 and read.log.level == "debug"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("voice:\n  name: x\nvioce:\n  name: y\n", 3, ["vioce", "voice", "cache"]),
        ("cache:\n  memory: 3\n", 2, ["memory", "memory_mb", "disk_mb"]),
        ("\n\nspeech:\n  rate: fast\n", 4, ["speech.rate", "-100 to 100"]),
        ("speech: {rate: 101}\n", 1, ["speech.rate", "-100 to 100"]),
        ("speech:\n  volume: .nan\n", 2, ["speech.volume"]),
        ("speech:\n  rate: true\n", 2, ["speech.rate", "number"]),
        ("speech:\n  punctuation: lots\n", 2, ["none, some, most, all"]),
        ("speech:\n  punctuation:\n", 2, ["none, some, most, all"]),
        ("cache:\n  warm: sometimes\n", 2, ["true or false"]),
        ("cache:\n  private: ['(']\n", 2, ["cache.private", "regular expressions"]),
        ("cache:\n  private: secret\n", 2, ["list"]),
        ("cache:\n  directory: phrases\n", 2, ["absolute path"]),
        ("device:\n  threads: 0\n", 2, ["auto", "1 to 16"]),
        ("device:\n  idle_unload_s: soon\n", 2, ["device.idle_unload_s", "0 to 86400"]),
        ("audio:\n  device: [1]\n", 2, ["sound device"]),
        ("voice: anna\n", 1, ["keys in 'voice'", "name"]),
        ("- voice\n", 1, ["sections", "voice"]),
        ("log:\n  level: info\n  level: debug\n", 3, ["level", "second time"]),
        ("voice:\n  name: 'open\n", 2, ["section:"]),
        ("voice:\n\tname: x\n", 2, ["section:"]),
        ("a: b\n---\nc: d\n", 2, ["section:"]),
        ("voice:\n  name: !!python/object:os.system x\n", 2, ["the tag", "plain values"]),
        ("voice:\n  name: !!timestamp x\n", 2, ["the tag '!!timestamp'", "plain values"]),
        ('cache:\n  disk_mb: !!int ""\n', 2, ["the tag '!!int'", "plain values"]),
        ('cache:\n  disk_mb: !!float ""\n', 2, ["the tag '!!float'", "plain values"]),
        ("cache:\n  warm: !!bool x\n", 2, ["the tag '!!bool'", "plain values"]),
        ("voice: !!timestamp x\n", 1, ["the tag '!!timestamp'", "plain values"]),
        ("cache:\n  disk_mb: 0x_\n", 2, ["'0x_' is not a number"]),
        ("cache:\n  disk_mb: .nan\n", 2, ["cache.disk_mb", "0 to 65536"]),
        ("voice: &a\n  name: x\naudio: *a\n", 1, ["an alias", "once more"]),
        ("voice:\n  name: \x07\n", 2, ["control character"]),
    ],
)
def test_an_error_names_file_line_key_and_what_is_accepted(text, line, words):
    with pytest.raises(ConfigError) as error:
        parse(text, "/home/x/config.yaml")
    message = str(error.value)
    assert message.startswith(f"/home/x/config.yaml, line {line}: "), message
    assert "\n" not in message
    for word in words:
        assert word in message


# A busy machine is no fault of what is tested.
calm = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@calm
@given(st.text(max_size=60) | st.text("voice: {}[]\n\t'\"&*!|>%@-#\\0", max_size=40))
def test_any_text_is_read_or_refused_in_one_line(text):
    try:
        parse(text, "x")
    except ConfigError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("data", [b"voice:\n  name: \xff\n", b"\0" * 20, b"# " + b"x" * (2 << 20)])
def test_bytes_that_are_no_configuration(tmp_path, data):
    path = tmp_path / "config.yaml"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=str(path)):
        config.load(path)


def test_a_directory_in_its_place(tmp_path):
    with pytest.raises(ConfigError, match=str(tmp_path)):
        config.load(tmp_path)
