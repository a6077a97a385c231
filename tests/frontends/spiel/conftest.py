"""The speech provider around a toy voice on a private bus, and its strict client, with either D-Bus library."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from speechd_neural.frontends.bus import LIBRARIES
from speechd_neural.frontends.spiel import Provider
from tests.frontends.spiel_client import Client, ToySpeech, private_bus, serving


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with private_bus() as address:
        yield address


@pytest.fixture
def speech() -> ToySpeech:
    return ToySpeech()


@pytest.fixture(params=sorted(LIBRARIES))
async def provider(address: str, speech: ToySpeech, request: pytest.FixtureRequest) -> AsyncIterator[Provider]:
    async with serving(address, request.param, speech) as provider:
        yield provider


@pytest.fixture
async def client(address: str, provider: Provider) -> AsyncIterator[Client]:
    client = await Client.connect(address)
    yield client
    await client.close()
