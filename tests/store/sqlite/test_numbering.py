"""What an indexer remembers of its store is bounded, and what it forgot it finds there again."""

from collections.abc import Iterator, Sized
from contextlib import closing
from pathlib import Path

import pytest

from agentreplay.model.query import SpanFilter
from agentreplay.store.sqlite import keeping, numbering
from agentreplay.store.sqlite.connection import connect
from agentreplay.store.sqlite.numbering import Numbering
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.testing import Maker, batch_of
from tests.store.observation import all_spans, append
from tests.store.world import World, assert_same, never_had


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(tmp_path)) as store:
        yield store


def test_a_store_is_the_same_whatever_its_indexer_forgot(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setattr(numbering, "_REMEMBERED", 1)
    monkeypatch.setattr(numbering, "_REMEMBERED_PLACES", 1)
    monkeypatch.setattr(keeping, "_REMEMBERED_LINKS", 1)

    world.fill(store)

    assert_same(store, never_had(world), world)


def test_a_name_that_was_forgotten_is_indexed_once(
    make: Maker, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbering, "_REMEMBERED", 1)

    for _ in range(3):
        append(store, batch_of(make.span(name="lookup")))

    with closing(connect(store.folder)) as connection:
        assert connection.execute("SELECT count(*) FROM name_text WHERE name_text MATCH 'lookup'").get == 1
        connection.execute("INSERT INTO name_text (name_text, rank) VALUES ('integrity-check', 0)")
    assert len(all_spans(store, SpanFilter(tenant=make.span().tenant, name="lookup"))) == 3


def test_what_is_remembered_is_bounded(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbering, "_REMEMBERED", 10)
    monkeypatch.setattr(numbering, "_REMEMBERED_PLACES", 10)
    with closing(connect(store.folder, writer=True)) as connection:
        known = Numbering(connection)

        for number in range(100):
            [found] = known.words([f"word {number}"], [0])
            assert known.text(found) == f"word {number}"
            known.bags([(None, b"%d" % number)])
            known.sessions([(1, f"session {number}")])
            known.traces([(1, b"%016d" % number)])

        held = [len(value) for value in vars(known).values() if isinstance(value, Sized)]
        assert held
        assert max(held) <= 11
