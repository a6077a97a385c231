"""The families of networks that a voice may be made of, by the name that its manifest gives."""

from __future__ import annotations

from collections.abc import Mapping

from speechd_neural.voice.families import fullband, multiband, tacotron1, tacotron2
from speechd_neural.voice.family import AcousticFamily, Family, VocoderFamily

ACOUSTICS: dict[str, AcousticFamily] = {family.name: family for family in (tacotron2.FAMILY, tacotron1.FAMILY)}
VOCODERS: dict[str, VocoderFamily] = {family.name: family for family in (multiband.FAMILY, fullband.FAMILY)}


def trained_here(families: Mapping[str, Family]) -> Family:
    """The first of these that has a trainer in this package; its record gives the reference model too."""
    return next(family for family in families.values() if family.trainer)
