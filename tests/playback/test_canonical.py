"""Only what matters makes two requests differ."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.model.call import Answer, Request
from agentreplay.playback.canonical import answer_digest, canonical, digest, parse_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def ask(body: Any = b"", **fields: Any) -> Request:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(**{"seam": "http", "operation": "POST a.example/v1", "body": data} | fields)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ask(b'{"a": 1, "b": [2]}'), ask(b'{"b":[2],"a":1}')),
        (ask(head={"headers": {"user-agent": "a"}}), ask(head={"headers": {"user-agent": "b", "date": "now"}})),
        (ask(head={"headers": [["Anthropic-Beta", "x"]]}), ask(head={"headers": {"anthropic-beta": "x"}})),
        (ask(head={"_took": 1}), ask(head={"_took": 2})),
        (ask(b'"\\u00e9"'), ask('"é"'.encode())),
    ],
    ids=["order and spaces", "who asks", "spelling of headers", "what is only told", "escapes"],
)
def test_what_does_not_matter_makes_no_difference(one: Request, other: Request) -> None:
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ask({"a": 1}), ask({"a": 1.0})),
        (ask({"a": 1}), ask({"a": True})),
        (ask(b'"abc"'), ask(b"abc", media="text/plain")),
        (ask(b"null"), ask(b'"null"')),
        (ask(b""), ask(b'""')),
        (ask(b"\xff"), ask(b"\xfe")),
        (ask([1, 2]), ask([2, 1])),
        (ask(head={"headers": {"range": "bytes=0-1"}}), ask(head={"headers": {"range": "bytes=0-2"}})),
        (ask({"a": 1}, head={"body": 1}), ask({"a": 1}, head={"body": 2})),
        (ask(seam="tool"), ask(seam="mcp")),
    ],
)
def test_what_matters_makes_a_difference(one: Request, other: Request) -> None:
    assert digest(one) != digest(other)


@given(VALUES, VALUES)
def test_bodies_have_one_digest_exactly_when_they_mean_the_same(one: Any, other: Any) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

    assert (digest(ask(one)) == digest(ask(other))) == same


@given(st.binary(max_size=200))
def test_whatever_bytes_are_asked_have_a_digest(data: bytes) -> None:
    assert digest(ask(data)) == digest(ask(data))
    assert canonical(ask(data))["seam"] == "http"


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b"[" * 300 + b"]" * 300])
def test_what_is_nested_too_deep_is_text(data: bytes) -> None:
    assert parse_json(data, "application/json") is None
    assert digest(ask(data)) != digest(ask(data + b" "))


@pytest.mark.parametrize("data", [b'\r\n{"a": 1}', b"\tNaN", b"-Infinity", b" [1]"])
def test_json_may_begin_with_any_space_and_with_any_number(data: bytes) -> None:
    assert parse_json(data, "application/json") is not None


def test_of_an_answer_counts_what_the_program_saw_and_not_how_long_it_took() -> None:
    quick = Answer(head={"status": 200, "_took": 1}, body=b"x", turn=1)
    slow = Answer(head={"status": 200, "_took": 9}, body=b"x", turn=7)

    assert answer_digest(quick) == answer_digest(slow)
    assert answer_digest(quick) != answer_digest(Answer(head={"status": 500}, body=b"x"))
    assert answer_digest(quick) != answer_digest(Answer(head={"status": 200}, body=b"y"))
    assert answer_digest(quick) != answer_digest(Answer(head={"status": 200}, body=b"x", complete=False))
