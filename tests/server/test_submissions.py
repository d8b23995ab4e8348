"""Sessions and spans as JSON, taken in by a real server."""

import gzip
import json

import pytest

from tests.server.running import Running, spans_of

NOW = 1_700_000_000_000_000_000
SPAN = {"session": "s1", "span_id": "00000000000000a1", "start": NOW, "name": "one"}


def test_what_was_acknowledged_is_there_and_an_open_span_can_be_closed(anybody: Running) -> None:
    begun = {"project": "submissions", "spans": [SPAN], "sessions": [{"id": "s1"}]}
    ended = {"project": "submissions", "spans": [{**SPAN, "end": str(NOW + 9)}, {"name": "no"}]}
    first = anybody.ask("/api/v1/ingest", json.dumps(begun).encode(), "POST")
    packed = gzip.compress(json.dumps(ended).encode())
    second = anybody.ask("/api/v1/ingest", packed, "POST", content_encoding="gzip")

    assert (first.status, first.json["spans"], first.json["sessions"]) == (200, 1, 1)
    assert (second.json["spans"], second.json["rejected"]) == (1, 1)
    assert second.json["problems"][0]["index"] == 1
    mine = [span for span in spans_of(anybody.folder) if span.project == "submissions"]
    assert [(span.name, span.duration) for span in mine] == [("one", 9)]


@pytest.mark.parametrize("body", [b"", b"{}x", b'{"spans": [{}]}'])
def test_what_holds_nothing_that_makes_sense_is_refused(anybody: Running, body: bytes) -> None:
    answer = anybody.ask("/api/v1/ingest", body, "POST")

    assert answer.status == 400
    assert answer.json["error"]["message"]
