import pytest

from speechd_neural.audio.cache import PhraseCache
from speechd_neural.core.means import Means, Options
from speechd_neural.core.pipeline import Pipeline
from speechd_neural.core.voices import Voices
from tests.toy_engine import ToyEngine, ToyFrontEnd


@pytest.fixture
def engine():
    return ToyEngine()


@pytest.fixture
def pipeline(engine):
    """The real pipeline around the toy voice, with a cache in memory and no hurry."""
    return Pipeline(Means(ToyFrontEnd(), PhraseCache(), Voices(engine), Options(deadline=0)))
