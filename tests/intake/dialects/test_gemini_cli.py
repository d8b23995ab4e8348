"""Gemini CLI tells each answer twice, and only in its own words with all of its tokens."""

import pytest

from agentreplay.intake.normalise import normalise
from agentreplay.intake.records import LOG
from agentreplay.model.span import Span
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import Value
from agentreplay.testing import Maker


def read(make: Maker, name: str, **told: Value) -> Span:
    attributes: dict[str, Value] = {"session.id": "g1", "event.name": name, LOG: {}, **told}
    service: dict[str, Value] = {"service.name": "gemini-cli"}
    return normalise(make.span(name=name, status="unset", attributes=attributes, resource=service)).span


def test_an_answer_is_a_call_with_its_tokens_and_cost(make: Maker) -> None:
    used: dict[str, Value] = {
        "input_token_count": 1_000, "cached_content_token_count": 400, "tool_token_count": 5, "output_token_count": 50,
        "thoughts_token_count": 20, "total_token_count": 1_075,
    }  # fmt: skip

    span = read(make, "gemini_cli.api_response", model="gemini-2.5-flash", response_text="done", **used)

    assert (span.kind, span.model, span.provider, span.session) == ("llm", "gemini-2.5-flash", "gcp.gemini", "g1")
    assert span.usage == Usage(input=605, cache_read=400, output=50, reasoning=20)
    assert span.cost == 605 * 300 + 400 * 30 + 70 * 2_500


def test_what_it_tells_in_the_words_of_the_conventions_is_not_charged_again(make: Maker) -> None:
    told: dict[str, Value] = {
        "gen_ai.operation.name": "generate_content", "gen_ai.request.model": "gemini-2.5-flash",
        "gen_ai.usage.input_tokens": 1_000, "gen_ai.usage.output_tokens": 50,
        "gen_ai.input.messages": '[{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]',
    }  # fmt: skip

    span = read(make, "gen_ai.client.inference.operation.details", **told)

    assert (span.kind, span.usage, span.cost) == ("custom", NO_USAGE, None)
    assert span.context is not None, "what the model saw is kept"


@pytest.mark.parametrize(
    ("name", "told", "kind", "status"),
    [
        (
            "gemini_cli.tool_call",
            {"function_name": "ls", "function_args": '{"a": 1}', "success": False},
            "tool",
            "error",
        ),
        ("gemini_cli.api_error", {"model": "gemini-2.5-flash", "error": "429"}, "llm", "error"),
        ("gemini_cli.user_prompt", {"prompt": "deploy"}, "human", None),
        ("gemini_cli.api_request", {"model": "gemini-2.5-flash", "request_text": "[]"}, "custom", None),
    ],
)
def test_of_its_records_those_count_that_tell_of_something_done(
    make: Maker, name: str, told: dict[str, Value], kind: str, status: str | None
) -> None:
    span = read(make, name, **told)

    assert (span.kind, span.usage) == (kind, NO_USAGE)
    assert status in {None, span.status}


def test_records_of_others_are_left_to_others(make: Maker) -> None:
    attributes: dict[str, Value] = {
        "event.name": "gen_ai.client.inference.operation.details", "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gemini-2.5-flash", "gen_ai.usage.input_tokens": 7, LOG: {},
    }  # fmt: skip

    assert normalise(make.span(name="x", attributes=attributes)).span.usage == Usage(input=7)
