"""Sessions and spans as anybody can write them."""

import json
from pathlib import Path
from typing import Any

import pytest

from agentreplay.contents.messages import join
from agentreplay.core.submit import Submitted, read_submission, submit
from agentreplay.errors import RequestMalformed
from agentreplay.settings import Settings
from agentreplay.store.memory import MemoryStore

SETTINGS = Settings(db_path=Path("unused"))
NOW = 1_700_000_000_000_000_000
SPAN: dict[str, Any] = {"session": "s1", "span_id": "00000000000000a1", "start": NOW, "end": NOW + 5, "name": "one"}


def submitted(**body: Any) -> Submitted:
    return submit(read_submission(json.dumps(body).encode()), SETTINGS, lambda: NOW)


def test_a_span_needs_little() -> None:
    told = submitted(
        project="shop", spans=[SPAN, {**SPAN, "span_id": "00000000000000a2", "parent_id": "00000000000000a1"}]
    )

    first, second = told.batch.spans
    assert (first.tenant, first.project, first.session, first.duration) == ("local", "shop", "s1", 5)
    assert first.trace_id == second.trace_id
    assert second.parent_key == first.key
    assert told.rejected == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (NOW, NOW),
        (str(NOW), NOW),
        ("2023-11-14T22:13:20Z", NOW),
        ("2023-11-14T23:13:20.000001+01:00", NOW + 1_000),
    ],
    ids=["number", "digits", "UTC", "with a zone"],
)
def test_a_time_can_be_written_in_several_ways(written: Any, meant: int) -> None:
    assert submitted(spans=[{**SPAN, "start": written}]).batch.spans[0].start == meant


def test_messages_and_contents_are_kept_and_can_be_read_again() -> None:
    messages = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}]
    told = submitted(
        spans=[{**SPAN, "messages": messages, "input": {"a": 1}, "output": "text", "contents": {"log": [1]}}]
    )
    store = MemoryStore()

    store.append(told.batch)

    (span,) = told.batch.spans
    assert span.context is not None

    def content(name: Any) -> bytes:
        found = store.contents.get(span.tenant, name)
        assert found is not None
        return found.data

    assert join(span.context, store.contexts.read(span.tenant, span.context.id), content) == messages
    assert {kept.role: content(kept.hash) for kept in span.kept} == {
        "request": b'{"a":1}',
        "answer": b"text",
        "log": b"[1]",
    }


def test_secrets_do_not_reach_the_disk() -> None:
    key = "sk-proj-" + "aB3" * 16
    told = submitted(
        sessions=[{"id": "s1", "name": key, "labels": {"x": key}}],
        spans=[{**SPAN, "name": key, "attributes": {"x": key}, "messages": [{"content": key}], "output": key}],
    )

    text = repr((told.batch.sessions, told.batch.spans, told.batch.contents))

    assert key not in text


def test_the_list_price_is_taken_where_no_cost_is_told() -> None:
    paid = {**SPAN, "kind": "llm", "provider": "openai", "model": "gpt-4o", "usage": {"input": 1000, "output": 100}}

    assert (submitted(spans=[paid]).batch.spans[0].cost or 0) > 0
    assert submitted(spans=[{**paid, "cost": 7}]).batch.spans[0].cost == 7
    assert submitted(spans=[{**paid, "provider": None, "model": None}]).batch.spans[0].cost is None


def test_attributes_of_the_known_dialects_are_understood() -> None:
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 5}

    (span,) = submitted(spans=[{**SPAN, "attributes": attributes}]).batch.spans

    assert (span.kind, span.model, span.usage.input) == ("llm", "gpt-4o", 5)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"span_id": "nonsense"}, "16 hexadecimal digits"),
        ({"start": "yesterday"}, "yesterday"),
        ({"start": "2023-11-14T22:13:20"}, "zone"),
        ({"start": 1 << 70}, "64 bits"),
        ({"usage": {"input": -1}}, "out of range"),
        ({"status": "great"}, "great"),
        ({"nmae": "x"}, "nmae"),
        ({"session": ""}, "empty"),
    ],
)
def test_what_makes_no_sense_is_told_and_the_rest_is_kept(change: dict[str, Any], problem: str) -> None:
    told = submitted(spans=[{**SPAN, **change}, SPAN], sessions=[{"id": "s1"}])

    (rejection,) = told.rejected
    assert (rejection.what, rejection.index) == ("spans", 0)
    assert problem in rejection.problem
    assert (len(told.batch.spans), len(told.batch.sessions)) == (1, 1)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"span": []}', b'{"spans": 1}', b"[" * 100_000])
def test_a_body_that_is_none_is_malformed(body: bytes) -> None:
    with pytest.raises(RequestMalformed):
        read_submission(body)
