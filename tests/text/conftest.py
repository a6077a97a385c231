"""One front end for all tests of text: the dictionary is read once. Built-in names, whatever is installed."""

from __future__ import annotations

import pytest

from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd


@pytest.fixture(scope="session")
def front_end() -> FrontEnd:
    return FrontEnd(English(), dictionaries=())
