"""Requests of HTTP are kept in one form."""

from agentreplay.core.http import body_value, request
from agentreplay.intake.providers.samples import sound


def test_a_request_joins_headers_of_one_name_and_hides_who_asks() -> None:
    kept = request("GET", "https://me:secret@a.example/b?c=d", [("X-A", "1"), ("x-a", "2")], b"")

    assert kept.operation == "GET a.example/b"
    assert kept.head["headers"] == {"x-a": "1, 2"}


def test_the_media_type_is_that_of_the_body() -> None:
    assert request("POST", "http://a/b", [("content-type", "text/PLAIN; charset=x")], b"a").media == "text/plain"
    assert request("GET", "http://a/b", [("content-type", "text/plain")], b"").media == "application/json"


def test_a_body_of_bytes_says_what_it_is() -> None:
    assert body_value(request("POST", "http://a/b", [], sound())) == {"media": "audio/wav", "bytes": len(sound())}
    assert body_value(request("POST", "http://a/b", [], b"{}")) == {}
    assert body_value(request("POST", "http://a/b", [], b"who knows")) is None
