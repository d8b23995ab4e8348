"""What attributes say again takes no room of its own, and all that is made of attributes knows it."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agentreplay.contents.messages import split
from agentreplay.model.query import Attribute, SpanFilter
from agentreplay.model.receipt import Target
from agentreplay.model.span import Span
from agentreplay.store.sqlite.connection import connect
from agentreplay.store.sqlite.salvage import salvage
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.store.sqlite.upkeep import rebuild, vacuum
from agentreplay.testing import Maker, batch_of
from tests.store.observation import all_spans, append

CALLS = 40


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(tmp_path / "store")) as opened:
        yield opened


def conversation(make: Maker) -> list[Any]:
    """A conversation of many calls, each of which tells all that was said so far."""
    random, told = Random(1), list[Any]()
    messages = [
        {"role": role, "content": " ".join(f"{random.getrandbits(24):x}" for _ in range(150))}
        for _ in range(CALLS)
        for role in ("user", "assistant")
    ]
    for calls in range(1, CALLS + 1):
        said = messages[: 2 * calls - 1]
        talk = split(said)
        told += [make.span(attributes={"input": json.dumps(said), "turn": calls}, context=talk.ref), talk]
    return told


def spans_in(told: list[Any]) -> list[Span]:
    return [one for one in told if isinstance(one, Span)]


def attributes_in(store: SqliteStore, told: list[Any]) -> list[Any]:
    found = [store.spans.get(span.key) for span in spans_in(told)]
    return [span and span.attributes for span in found]


def bytes_of_bodies(store: SqliteStore) -> int:
    with closing(connect(store.folder)) as connection:
        size: int = connection.execute("SELECT sum(length(data)) FROM body").get
    return size


def test_a_conversation_that_is_told_at_each_of_its_calls_takes_the_room_of_its_messages(
    make: Maker, store: SqliteStore
) -> None:
    told = conversation(make)

    append(store, batch_of(*told))

    assert bytes_of_bodies(store) < 50 * CALLS
    assert attributes_in(store, told) == [span.attributes for span in spans_in(told)]


def test_derived_anew_they_are_found_and_forgotten_as_before(make: Maker, store: SqliteStore) -> None:
    told = conversation(make)
    span, other = spans_in(told)[-2:]
    append(store, batch_of(*told))
    where = SpanFilter(tenant=make.tenant, attribute=Attribute("input", span.attributes["input"]))

    rebuild(store.folder, lambda _done, _total: None)
    assert [row.key for row in all_spans(store, where)] == [span.key]

    store.delete(Target(tenant=make.tenant, project=make.project, trace_id=other.trace_id, span_id=other.span_id))
    store.delete(Target(tenant=make.tenant, project=make.project, session=span.session))
    vacuum(store.folder, lambda _done, _total: None)
    with closing(connect(store.folder)) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.word_left USING fts5vocab (main, attribute_text, row)")
        left = connection.execute("SELECT count(*) FROM word_left").get
    assert left == 0


def test_a_salvaged_store_has_them_as_they_were_told(make: Maker, store: SqliteStore, tmp_path: Path) -> None:
    told = conversation(make)
    append(store, batch_of(*told))

    salvage(store.folder, tmp_path / "new", lambda _done, _total: None)

    with closing(SqliteStore(tmp_path / "new")) as rescued:
        assert attributes_in(rescued, told) == [span.attributes for span in spans_in(told)]


def test_a_span_whose_contents_are_lost_is_read_without_them(make: Maker, store: SqliteStore) -> None:
    told = conversation(make)
    append(store, batch_of(*told))

    with closing(connect(store.folder, writer=True)) as connection:
        connection.execute("UPDATE block SET data = zeroblob(length(data))")

    span = spans_in(told)[0]
    found = store.spans.get(span.key)
    assert found is not None
    assert found.attributes == {"turn": span.attributes["turn"]}
