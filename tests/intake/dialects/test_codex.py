"""Codex tells the tokens of a call at the end of its stream, as texts, and counts the cache and the reasoning in."""

from agentreplay.intake.normalise import normalise
from agentreplay.intake.records import LOG
from agentreplay.model.span import Span
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import Value
from agentreplay.testing import Maker

TOLD: dict[str, Value] = {"conversation.id": "c1", "model": "gpt-5", LOG: {}}
USED: dict[str, Value] = {
    "event.kind": "response.completed", "input_token_count": "1200000", "cached_token_count": 200_000,
    "output_token_count": "50", "reasoning_token_count": 20, "tool_token_count": "1200050",
}  # fmt: skip


def read(make: Maker, **told: Value) -> Span:
    return normalise(make.span(name="codex.sse_event", status="unset", attributes={**TOLD, **told})).span


def test_the_end_of_a_stream_is_a_call_with_its_tokens_and_cost(make: Maker) -> None:
    span = read(make, **{"event.name": "codex.sse_event"}, **USED)

    assert (span.kind, span.model, span.provider, span.session) == ("llm", "gpt-5", "openai", "c1")
    assert span.usage == Usage(input=1_000_000, cache_read=200_000, output=30, reasoning=20)
    assert span.cost == 1_000_000 * 1_250 + 200_000 * 125 + 50 * 10_000


def test_a_record_in_full_names_no_event(make: Maker) -> None:
    assert normalise(make.span(name="event otel/src/events.rs:9", attributes=TOLD | USED)).span.usage.output == 30


def test_what_streams_and_what_is_asked_is_no_call(make: Maker) -> None:
    delta = read(make, **{"event.name": "codex.sse_event", "event.kind": "response.output_text.delta"})
    asked = read(make, **{"event.name": "codex.api_request", "duration_ms": "5"})

    assert [(span.kind, span.usage) for span in (delta, asked)] == [("custom", NO_USAGE)] * 2


def test_a_tool_has_its_arguments_and_what_came_of_it(make: Maker) -> None:
    told = {"event.name": "codex.tool_result", "tool_name": "shell", "arguments": '{"a": 1}', "output": "no"}

    span = read(make, **told, success="false", call_id="c")

    assert (span.kind, span.tool, span.status) == ("tool", "shell", "error")
    assert [kept.role for kept in span.kept] == ["request", "answer"]
