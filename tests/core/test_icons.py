import wave

import numpy as np
import pytest

from speechd_neural.core.icons import read_wave


def write(path, data: bytes, channels=1, width=2, rate=8000):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data)


def test_reads_waves_of_one_or_two_channels_and_8_or_16_bits(tmp_path):
    path = tmp_path / "x.wav"
    write(path, np.array([1000, -1000, 32767], "<i2").tobytes())
    samples, rate = read_wave(str(path))
    assert samples.tolist() == [1000, -1000, 32767] and rate == 8000
    write(path, np.array([1000, 3000, -10, -20], "<i2").tobytes(), channels=2)
    assert read_wave(str(path))[0].tolist() == [2000, -15]
    write(path, bytes([128, 255, 0]), width=1)
    assert read_wave(str(path))[0].tolist() == [0, 127 * 256, -32768]


@pytest.mark.parametrize("data", [b"", b"RIFF", b"OggS" + bytes(100), b"RIFF\x10\0\0\0WAVEfmt \x10\0\0\0" + bytes(16)])
def test_what_is_no_wave_is_none(tmp_path, data):
    path = tmp_path / "x.wav"
    path.write_bytes(data)
    assert read_wave(str(path)) is None
    assert read_wave(str(tmp_path / "missing")) is None


def test_24_bits_are_left_to_others_and_long_files_are_cut(tmp_path):
    path = tmp_path / "x.wav"
    write(path, bytes(30), width=3)
    assert read_wave(str(path)) is None
    write(path, bytes(2 * 8000 * 12))
    assert len(read_wave(str(path))[0]) == 80000
