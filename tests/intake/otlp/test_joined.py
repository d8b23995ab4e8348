"""Telemetry becomes the spans that hooks and files of coding agents tell of, or a recorder."""

from typing import Any

import pytest

from agentreplay.intake.joining import span_of
from agentreplay.intake.otlp.joined import joined
from agentreplay.intake.records import LOG
from agentreplay.intake.sessions import trace_of_session
from agentreplay.model.ids import ProjectId
from agentreplay.model.span import PROVISIONAL, Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import Usage
from agentreplay.model.witness import RECORDED, RECORDED_CALL, RECORDED_SPAN, WITNESS
from agentreplay.testing import Maker

AT = Nanoseconds(10**18)


def record(make: Maker, name: str, **attributes: Any) -> Span:
    span = make.span(name=name, start=AT, end=AT, attributes={LOG: {}, **attributes})
    return make.span(**{field: getattr(span, field) for field in span.__struct_fields__} | {"trace_id": trace(span)})


def trace(span: Span) -> str:
    return trace_of_session(span.session)


@pytest.mark.parametrize(
    ("name", "thing", "attribute"),
    [
        ("claude_code.tool_result", "tool", "tool_use_id"),
        ("api_request", "llm", "request_id"),
        ("claude_code.user_prompt", "prompt", "prompt.id"),
        ("codex.tool_result", "tool", "call_id"),
    ],
)
def test_it_has_the_id_of_what_it_tells_and_began_when_that_did(
    make: Maker, name: str, thing: Any, attribute: str
) -> None:
    found = joined(record(make, name, **{attribute: "x1"}, duration_ms="250"))

    assert found.span_id == span_of(found.session, thing, "x1")
    assert (found.start, found.end) == (AT - 250_000_000, AT)
    assert found.attributes[PROVISIONAL] is True


def test_what_names_nothing_or_stands_in_a_trace_stays(make: Maker) -> None:
    unnamed = record(make, "claude_code.tool_result")
    other = record(make, "claude_code.user_prompt", tool_use_id="x1")
    elsewhere = make.span(name="claude_code.tool_result", attributes={LOG: {}, "tool_use_id": "x1"})
    span = make.span(name="claude_code.tool_result", attributes={"tool_use_id": "x1"})

    assert [joined(one) for one in (unnamed, other, elsewhere, span)] == [unnamed, other, elsewhere, span]


@pytest.mark.parametrize("nonsense", [None, "soon", "nan", -5, [1], float("inf")])
def test_a_duration_that_makes_no_sense_is_none(make: Maker, nonsense: Any) -> None:
    found = joined(record(make, "tool_result", tool_use_id="x1", duration_ms=nonsense))

    assert found.start == AT


@pytest.mark.parametrize(
    ("told", "witness"),
    [
        ({"name": "claude_code.llm_request"}, "trace"),
        ({"name": "api_request", "attributes": {LOG: {"body": "claude_code.api_request"}}}, "log"),
        ({"name": "chat", "resource": {"service.name": "gemini-cli"}}, "trace"),
        ({"name": "chat", "resource": {"service.name": "shop"}}, None),
    ],
)
def test_a_call_that_a_coding_agent_reports_says_who_tells_it(make: Maker, told: dict[str, Any], witness: Any) -> None:
    """Of others nobody but themselves tells their calls."""
    found = joined(make.span(kind="llm", **told))

    assert found.attributes.get(WITNESS) == witness


RECORDING = f"one {'a' * 32} default"
CALL, TWIN = "b" * 16, "c" * 16
PROJECT = ProjectId("default")


@pytest.mark.parametrize(
    ("kind", "told", "span_id"),
    [
        ("llm", {RECORDED_CALL: CALL}, CALL),
        ("agent", {RECORDED_SPAN: TWIN, RECORDED_CALL: CALL}, TWIN),
        ("agent", {RECORDED_CALL: CALL}, None),
        ("llm", {RECORDED_CALL: "none"}, None),
        ("llm", {RECORDED: f"one {'a' * 32} elsewhere", RECORDED_CALL: CALL}, None),
        ("llm", {RECORDED: "one", RECORDED_CALL: CALL}, None),
        ("llm", {RECORDED: 7, RECORDED_CALL: CALL}, None),
        ("llm", {RECORDED: f" {'a' * 32} default", RECORDED_CALL: CALL}, None),
    ],
    ids=["a call", "an agent", "around a call", "no id", "another project", "no trace", "a number", "no session"],
)
def test_what_a_recorder_tells_too_gives_way_to_it(
    make: Maker, kind: str, told: dict[str, Any], span_id: str | None
) -> None:
    span = make.span(kind=kind, project=PROJECT, attributes={RECORDED: RECORDING, **told})

    found = joined(span)

    if span_id is None:
        assert (found.session, found.trace_id, found.span_id) == (span.session, span.trace_id, span.span_id)
        assert PROVISIONAL not in found.attributes
    else:
        assert (found.session, found.trace_id, found.span_id) == ("one", "a" * 32, span_id)
        assert found.attributes[PROVISIONAL] is True


def test_a_call_that_names_no_recorded_one_is_a_witness_within_its_recording(make: Maker) -> None:
    """What came from a cache is not told by all, and is left out."""
    used = Usage(input=80, cache_read=20, output=10)

    found = joined(make.span(kind="llm", project=PROJECT, usage=used, end=AT, attributes={RECORDED: RECORDING}))

    assert found.attributes[WITNESS] == "trace"
    assert found.attributes[f"{WITNESS}.within"] == f"100/10 {AT // (10 * 10**9)} one"
    assert f"{WITNESS}.used" not in found.attributes
