"""Measures over HTTP."""

from tests.server.running import Running

YEAR = "since=2025-12-31&until=2026-01-03"


def test_measures_are_split_by_time_and_dimensions(server: Running) -> None:
    items = server.ask(f"/api/v1/measures?{YEAR}&grain=day&by=kind&by=tool&kind=tool").json["items"]

    assert [(item["dimensions"], item["spans"]) for item in items] == [({"kind": "tool", "tool": "lookup"}, 1)]
    assert items[0]["bucket"] == "1767225600000000000"
    assert items[0]["percentiles"]["p95"] > 0


def test_the_most_of_something_comes_first(server: Running) -> None:
    items = server.ask(f"/api/v1/measures?{YEAR}&by=kind&order=tokens&limit=1").json["items"]

    assert [item["dimensions"]["kind"] for item in items] == ["llm"]


def test_a_period_is_checked(server: Running) -> None:
    assert (
        server.ask("/api/v1/measures?since=soon")
        .json["error"]["message"]
        .startswith("The query cannot be answered: since: 'soon' is no time")
    )
    assert server.ask("/api/v1/measures?since=2026-01-03&until=2026-01-01").status == 400
    assert server.ask("/api/v1/measures?by=colour").status == 400
