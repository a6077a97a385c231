"""The families of networks that a voice may be made of, by the name that its manifest gives."""

from __future__ import annotations

from speechd_neural.voice.families import fullband, multiband, tacotron1, tacotron2
from speechd_neural.voice.family import AcousticFamily, VocoderFamily

ACOUSTICS: dict[str, AcousticFamily] = {family.name: family for family in (tacotron2.FAMILY, tacotron1.FAMILY)}
VOCODERS: dict[str, VocoderFamily] = {family.name: family for family in (multiband.FAMILY, fullband.FAMILY)}
