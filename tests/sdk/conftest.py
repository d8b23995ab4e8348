"""A data folder to record into, and what was recorded there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import agentreplay
from agentreplay.sdk import recorder, session
from agentreplay.sdk.instrument import uninstrument
from tests.sdk.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """What this test records goes here, and the seams are out again behind it."""
    before = session._chosen.copy()
    recorder.troubles.clear()
    agentreplay.init(db_path=tmp_path / "data", project="default", tenant="local")
    yield Home(tmp_path / "data")
    uninstrument()
    session._chosen.clear()
    session._chosen.update(before)
    recorder.troubles.clear()
