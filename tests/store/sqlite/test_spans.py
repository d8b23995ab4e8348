"""Spans that have an attribute are found in whichever way costs least, and are the same in each."""

from contextlib import closing
from pathlib import Path

import pytest

from agentreplay.model.page import PageRequest
from agentreplay.model.query import AttributeMatch, SpanFilter
from agentreplay.store.sqlite import spans as module
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.testing import Maker, batch_of
from tests.store.observation import all_items

COUNT = 60


@pytest.mark.parametrize(
    ("scarce", "reaches"),
    [(COUNT, (COUNT,)), (3, (COUNT,)), (3, (7,)), (3, (7, 12)), (3, (7, COUNT)), (COUNT, (7, COUNT))],
    ids=[
        "one by one",
        "by time",
        "by time, not all known",
        "by time, more known later",
        "by time, all known later",
        "one by one later",
    ],
)
def test_the_same_spans_are_found_in_each_way(
    scarce: int, reaches: tuple[int, ...], make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SCARCE", scarce)
    monkeypatch.setattr(module, "_REACHES", reaches)
    monkeypatch.setattr(module, "_UNKNOWN", 2)
    told = [make.span(attributes={"colour": "red" if number % 3 else "blue"}) for number in range(COUNT)]
    with closing(SqliteStore(tmp_path)) as store:
        # Another order than that of time, so that who came last did not begin last.
        for span in (*told[20:], *told[:20]):
            store.append(batch_of(span))
        store.drain()

        where = SpanFilter(tenant=make.tenant, attributes=(AttributeMatch(key="colour", values=("blue",)),))
        found = all_items(lambda request: store.spans.find(where, request), limit=7)
        first = store.spans.find(where, PageRequest(limit=5)).items

    expected = [span.span_id for span in reversed(told) if span.attributes["colour"] == "blue"]
    assert [row.span_id for row in found] == expected
    assert [row.span_id for row in first] == expected[:5]
