"""One real server for all tests that only need one: each works in a project of its own."""

from collections.abc import Iterator

import pytest

from tests.server.running import Running, running

__all__ = ["anybody"]


@pytest.fixture(scope="session")
def anybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that needs no key, as most people run it."""
    with running(tmp_path_factory.mktemp("anybody")) as started:
        yield started
