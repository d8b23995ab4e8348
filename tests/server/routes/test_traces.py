"""Traces over HTTP."""

from tests.server.population import Population
from tests.server.running import Running


def test_the_spans_of_a_trace_are_read(server: Running, stored: Population) -> None:
    items = server.ask(f"/api/v1/traces/{stored.trace}?project=demo").json["items"]

    assert [item["span_id"] for item in items] == [stored.tool, stored.second, stored.first, stored.root]


def test_a_trace_that_is_not_there(server: Running) -> None:
    assert server.ask(f"/api/v1/traces/{'0' * 31}1").json["error"]["kind"] == "TraceMissing"
    assert server.ask("/api/v1/traces/0").status == 400
