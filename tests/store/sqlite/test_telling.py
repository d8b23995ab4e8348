"""Sessions come back from their two encoded halves as they were put."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agentreplay.model.query import SessionFilter
from agentreplay.model.session import SessionKey, SessionRow
from agentreplay.model.span import Span
from agentreplay.model.summary import summarise
from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage
from agentreplay.model.values import decode
from agentreplay.store.sqlite.connection import connect
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.testing import Maker, batch_of
from tests.store.observation import append

SOME = Usage(input=3, output=4)
MOST = NanoDollars((1 << 53) - 1)


@pytest.fixture
def make() -> Maker:
    return Maker()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(tmp_path)) as opened:
        yield opened


@pytest.mark.parametrize(
    "calls",
    [
        [],
        [{"model": "one"}],
        [{"model": "one", "usage": SOME}],
        [{"model": "one", "usage": SOME}, {"model": "one", "usage": SOME}],
        [{"model": "one", "usage": SOME}, {"model": "two", "usage": SOME}],
        [{"model": "one", "usage": SOME}, {"model": None, "usage": SOME}],
        [{"model": None, "usage": SOME}],
    ],
)
def test_a_summary_says_who_used_what_however_many_did(
    make: Maker, store: SqliteStore, calls: list[dict[str, Any]]
) -> None:
    spans = [make.span(), *[make.span(**call) for call in calls]]

    append(store, batch_of(*spans))

    assert found(store, spans[0]).summary == summarise(spans)


def test_what_one_model_used_is_kept_once(make: Maker, store: SqliteStore) -> None:
    span = make.span(model="one", usage=SOME)

    append(store, batch_of(span))

    with closing(connect(store.folder)) as connection:
        summary = decode(connection.execute("SELECT summary FROM session").get)
    assert "usage" not in summary
    assert summary["model_usage"] == {"one": {"input": 3, "output": 4}}


def test_a_list_holds_sessions_of_every_sort(make: Maker, store: SqliteStore) -> None:
    """They are decoded together, and one that needs the long way must not change the others."""
    told = make.session(name="told", labels={"team": "ü"})
    untold = [make.span(session=f"s{number}", model="one", usage=SOME) for number in range(3)]
    costly = [make.span(session="costly", cost=MOST) for _ in range(2_100)]

    append(store, batch_of(told, *untold, *costly))

    page = store.sessions.find(SessionFilter(tenant=told.tenant, project=told.project))
    rows = {row.session.id: row for row in page.items}
    assert rows[told.id].session == told
    assert rows[told.id].summary.usage is NO_USAGE
    assert [rows[span.session].summary.usage for span in untold] == [SOME] * 3
    assert rows[costly[0].session].summary.cost == 2_100 * MOST > 1 << 64
    assert [store.sessions.get(row.session.key) for row in page.items] == list(page.items)


def found(store: SqliteStore, span: Span) -> SessionRow:
    row = store.sessions.get(SessionKey(span.tenant, span.project, span.session))
    assert row is not None
    return row
