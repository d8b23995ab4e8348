"""Readers of one store are of different threads, and remember together what its numbers stand for."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from agentreplay.store.sqlite import reading
from agentreplay.store.sqlite.readers import Readers
from agentreplay.store.sqlite.reading import Names
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.testing import Maker, batch_of
from tests.store.observation import append

THREADS = 4


@pytest.fixture
def told(make: Maker, tmp_path: Path) -> dict[int, str]:
    """The words of a store, by their numbers."""
    with closing(SqliteStore(tmp_path)) as store:
        append(store, batch_of(*[make.span(name=f"name {number}") for number in range(30)]))
    with closing(Readers(tmp_path)) as readers, readers.reading() as reader:
        return dict(reader.connection.execute("SELECT id, text FROM word"))


@pytest.fixture
def readers(told: dict[int, str], tmp_path: Path) -> Iterator[Readers]:  # the store is there
    with closing(Readers(tmp_path)) as opened:
        yield opened


def test_what_one_thread_looked_up_the_others_know(readers: Readers, told: dict[int, str]) -> None:
    def look(numbers: list[int]) -> tuple[Names, list[str]]:
        with readers.reading() as reader:
            return reader.names, [reader.names.words[number] for number in numbers]

    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        first, _ = one.submit(look, list(told)).result()
        second, _ = other.submit(look, []).result()

    assert {number: second.words.get(number) for number in told} == told
    assert first is second


def test_what_threads_remember_together_is_bounded_and_right_whoever_forgets(
    readers: Readers, told: dict[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_REMEMBERED", 3)
    together = Barrier(THREADS)

    def look() -> int:
        most = 0
        together.wait()
        with readers.reading() as reader:
            for _ in range(100):
                for number, text in told.items():
                    assert reader.names.words[number] == text
                    assert reader.names.shapes[None] == ()
                    most = max(most, len(reader.names.words))
        return most

    with ThreadPoolExecutor(THREADS) as threads:
        found = [threads.submit(look) for _ in range(THREADS)]

    assert max(one.result() for one in found) <= 3 + THREADS
