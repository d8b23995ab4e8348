"""A disk that fails when told to, and writers on it."""

from pathlib import Path

import pytest

from agentreplay.settings import Durability
from agentreplay.store.journal.writer import JournalWriter
from tests.store.journal.disk import Disk
from tests.store.journal.written import OpenWriter


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def open_writer(tmp_path: Path, disk: Disk) -> OpenWriter:
    def open_one(durability: Durability = "process") -> JournalWriter:
        return JournalWriter(tmp_path, durability, disk)

    return open_one
