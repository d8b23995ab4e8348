"""The names of attributes are kept once, and read back as they were told."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agentreplay.model.receipt import Target
from agentreplay.model.span import Span
from agentreplay.store.sqlite import reading
from agentreplay.store.sqlite.connection import connect
from agentreplay.store.sqlite.reading import Remembered
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.store.sqlite.upkeep import vacuum
from agentreplay.testing import Maker, batch_of
from tests.store.observation import append

LONG = "what compresses well " * 50


@pytest.fixture
def make() -> Maker:
    return Maker()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(tmp_path)) as opened:
        yield opened


def test_spans_whose_attributes_have_the_same_names_share_them(make: Maker, store: SqliteStore) -> None:
    spans = [make.span(attributes={"step": step, "node": "act"}) for step in range(3)]

    append(store, batch_of(*spans))

    assert bags(store) == 1
    assert [found(store, span).attributes for span in spans] == [span.attributes for span in spans]


def test_a_resource_and_attributes_of_the_same_names_share_them(make: Maker, store: SqliteStore) -> None:
    span = make.span(attributes={"host": "a"}, resource={"host": "b"}, scope={"host": "c"})

    append(store, batch_of(span))

    assert bags(store) == 3, "the names, and the values of the resource and of the scope"
    assert (found(store, span).attributes, found(store, span).resource, found(store, span).scope) == (
        {"host": "a"}, {"host": "b"}, {"host": "c"},
    )  # fmt: skip


@pytest.mark.parametrize("value", ["", LONG, [LONG, {"": LONG}], 1 << 70, "\ud800"])
def test_attributes_come_back_in_their_order_however_long_they_are(make: Maker, store: SqliteStore, value: Any) -> None:
    span = make.span(attributes={"z": value, "\udfff": 1, "a": value}, resource={"b": value, "": 0})

    append(store, batch_of(span))

    assert list(found(store, span).attributes.items()) == [("z", value), ("\udfff", 1), ("a", value)]
    assert found(store, span).resource == {"b": value, "": 0}


def test_the_names_in_use_survive_a_deletion_and_a_vacuum_and_the_others_go(make: Maker, store: SqliteStore) -> None:
    kept = make.span(attributes={"kept": 1}, resource={"service": "s"})
    gone = make.span(attributes={"gone": 1}, resource={"forgotten": "s"}, session=make.new_session_id())
    append(store, batch_of(kept, gone))
    store.delete(Target(tenant=gone.tenant, project=gone.project, session=gone.session))
    assert bags(store) == 3

    vacuum(store.folder, lambda _done, _total: None)

    assert bags(store) == 3
    assert (found(store, kept).attributes, found(store, kept).resource) == (kept.attributes, kept.resource)


def found(store: SqliteStore, span: Span) -> Span:
    whole = store.spans.get(span.key)
    assert whole is not None
    return whole


def bags(store: SqliteStore) -> int:
    with closing(connect(store.folder)) as connection:
        return int(connection.execute("SELECT count(*) FROM bag").get)


def test_words_are_remembered_within_bounds_and_told_beyond_them(
    make: Maker, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(store, batch_of(*[make.span(name=f"name {number}") for number in range(30)]))
    monkeypatch.setattr(reading, "_REMEMBERED", 10)

    with closing(connect(store.folder)) as connection:
        told = dict(connection.execute("SELECT id, text FROM word"))
        names = Remembered(lambda: connection, "text FROM word")
        for number, text in told.items():
            assert names[number] == text
            assert len(names) <= 10
        for some in (list(told)[:8], list(told)[4:12], list(told)):
            names.learn_all([None, *some])
            assert [names.get(number) for number in some] == [told[number] for number in some]
