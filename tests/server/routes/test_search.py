"""Full text over HTTP."""

from tests.server.population import Population
from tests.server.running import Running


def test_words_are_found_with_their_passages(server: Running, stored: Population) -> None:
    (hit,) = server.ask("/api/v1/search?project=demo&q=kind:tool%20friday").json["items"]

    assert hit["span"]["span_id"] == stored.tool
    assert {"text": "Friday", "matches": True} in hit["passages"]


def test_without_words_the_newest_come_first(server: Running, stored: Population) -> None:
    hits = server.ask("/api/v1/search?project=demo&q=kind:llm").json["items"]

    assert [(hit["span"]["span_id"], hit["snippet"]) for hit in hits] == [(stored.second, ""), (stored.first, "")]


def test_words_that_are_none_are_refused(server: Running) -> None:
    assert server.ask("/api/v1/search?q=...").json["error"]["kind"] == "QueryInvalid"
