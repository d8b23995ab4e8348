"""Every spelling that OpenTelemetry's conventions have had is read."""

from agentreplay.intake.dialects import genai
from agentreplay.intake.dialects.source import Source
from agentreplay.model.span import Event
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import Usage
from agentreplay.testing import Maker


def test_numbered_messages_are_joined(make: Maker) -> None:
    read = genai.read(
        Source(
            make.span(
                attributes={
                    "gen_ai.prompt.0.role": "user",
                    "gen_ai.prompt.0.content": "hello",
                    "gen_ai.prompt.10.role": "tool",
                    "gen_ai.prompt.10.tool_call_id": "c",
                    "gen_ai.prompt.2.role": "assistant",
                    "gen_ai.prompt.2.tool_calls.0.name": "search",
                    "gen_ai.completion.0.content": "hi",
                    "gen_ai.completion.0.finish_reason": "stop",
                }
            )
        )
    )

    assert read.messages == [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "tool_calls": [{"name": "search"}]},
        {"role": "tool", "tool_call_id": "c"},
    ]
    assert read.answer == [{"role": "assistant", "content": "hi", "finish_reason": "stop"}]


def test_messages_are_read_from_events(make: Maker) -> None:
    events = (
        Event(name="gen_ai.system.message", time=Nanoseconds(0), attributes={"content": "Be brief."}),
        Event(
            name="gen_ai.user.message", time=Nanoseconds(0), attributes={"gen_ai.event.content": '{"content": "hi"}'}
        ),
        Event(name="gen_ai.choice", time=Nanoseconds(0), attributes={"index": 0, "message": '{"content": "hello"}'}),
    )

    read = genai.read(Source(make.span(attributes={"gen_ai.system": "openai"}, events=events)))

    assert read.messages == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]
    assert read.answer == [{"role": "assistant", "content": "hello"}]


def test_the_oldest_token_counts_are_read(make: Maker) -> None:
    attributes = {"gen_ai.usage.prompt_tokens": 7, "gen_ai.usage.completion_tokens": "3"}

    assert genai.read(Source(make.span(attributes=attributes))).usage == Usage(input=7, output=3)


def test_a_cache_that_lasts_an_hour_is_told_apart(make: Maker) -> None:
    attributes = {
        "gen_ai.usage.input_tokens": 50,
        "gen_ai.usage.cache_write.input_tokens": 40,
        "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": 30,
    }

    read = genai.read(Source(make.span(attributes=attributes)))

    assert read.usage == Usage(input=10, cache_write_5m=10, cache_write_1h=30)
