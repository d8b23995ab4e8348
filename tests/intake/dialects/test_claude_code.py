"""Claude Code's attributes bear no prefix, and its tokens are told part by part."""

import pytest

from agentreplay.intake.normalise import grade, normalise
from agentreplay.model.span import Event
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import Value
from agentreplay.testing import Maker

ASKED = '{"model": "claude-sonnet-4-5", "system": [{"type": "text", "text": "Be brief."}], "messages": [{"role": "user", "content": "hi"}]}'  # noqa: E501 - a body as it is sent
ANSWERED = '{"role": "assistant", "content": [{"type": "text", "text": "hello"}]}'


def test_tokens_are_told_part_by_part(make: Maker) -> None:
    attributes = {
        "span.type": "llm_request", "model": "claude-sonnet-4-5", "input_tokens": 500, "cache_read_tokens": 100,
        "cache_creation_tokens": 20, "output_tokens": 7, "session.id": "s",
    }  # fmt: skip

    span = normalise(make.span(name="claude_code.llm_request", attributes=attributes)).span

    assert (span.kind, span.session, span.provider) == ("llm", "s", "anthropic")
    assert span.usage == Usage(input=500, cache_read=100, cache_write_5m=20, output=7)


def test_logged_bodies_make_a_call_complete(make: Maker) -> None:
    events = (
        Event(name="claude_code.api_request_body", time=Nanoseconds(0), attributes={"body": ASKED}),
        Event(name="claude_code.api_response_body", time=Nanoseconds(1), attributes={"body": ANSWERED}),
    )

    found = normalise(make.span(attributes={"span.type": "llm_request", "model": "claude-sonnet-4-5"}, events=events))

    assert grade(found.span) == "complete"
    assert len(found.links) == 2


def test_a_tool_that_failed_is_an_error(make: Maker) -> None:
    attributes = {"span.type": "tool", "tool_name": "Bash", "full_command": "ls", "success": False}

    span = normalise(make.span(status="unset", attributes=attributes)).span

    assert (span.kind, span.tool, span.status) == ("tool", "Bash", "error")


@pytest.mark.parametrize(
    ("name", "kind", "model"),
    [
        ("api_request", "llm", "claude-sonnet-4-5"),
        ("assistant_response", "custom", None),
        ("tool_decision", "custom", None),
    ],
)
def test_of_its_records_those_count_that_tell_of_something_done(
    make: Maker, name: str, kind: str, model: str | None
) -> None:
    """They are named without the prefix that their bodies have."""
    attributes: dict[str, Value] = {
        "model": "claude-sonnet-4-5", "tool_name": "Read", "input_tokens": 20, "cache_creation_tokens": 40,
        "cache_creation_1h_tokens": 10, "query_source": "main", "otel.log": {"body": f"claude_code.{name}"},
    }  # fmt: skip

    span = normalise(make.span(name=name, attributes=attributes)).span

    assert (span.kind, span.model) == (kind, model)
    assert span.usage == (Usage(input=20, cache_write_5m=30, cache_write_1h=10) if kind == "llm" else NO_USAGE)


def test_points_of_metrics_are_no_calls(make: Maker) -> None:
    attributes: dict[str, Value] = {"model": "x", "query_source": "main", "otel.metric": {"value": 20}}

    span = normalise(make.span(name="claude_code.token.usage", attributes=attributes)).span

    assert (span.kind, span.model) == ("custom", None)


def test_records_of_others_are_left_to_others(make: Maker) -> None:
    attributes: dict[str, Value] = {"query_source": "main", "input_tokens": 20, "otel.log": {"body": "api_request"}}

    assert normalise(make.span(name="api_request", attributes=attributes)).span.usage == NO_USAGE
