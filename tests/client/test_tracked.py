"""Calls of SDKs are understood from what they were given and what they returned."""

from typing import Any

import pytest

from agentreplay.client.tracked import as_json, understood
from agentreplay.errors import ValueInvalid


class Model:
    """What an SDK returns answers `model_dump`."""

    def __init__(self, **told: Any) -> None:
        self._told = told

    def model_dump(self, **_: Any) -> dict[str, Any]:
        return self._told


CHAT = Model(
    id="c-1",
    object="chat.completion",
    model="gpt-4o-2024-08-06",
    choices=[{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hi"}}],
    usage={"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}},
)


def test_a_call_of_openai_is_understood() -> None:
    request = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}], "temperature": 0.5}

    found = understood("https://api.openai.com/v1/chat/completions", as_json(request), as_json(CHAT))

    assert (found.kind, found.model, found.provider) == ("llm", "gpt-4o-2024-08-06", "openai")
    assert found.messages == [{"role": "user", "content": "hello"}]
    assert found.output["content"] == "hi"
    assert found.usage == {"input": 5, "cache_read": 4, "output": 2}
    assert found.attributes["gen_ai.response.id"] == "c-1"
    assert found.attributes["gen_ai.request.temperature"] == 0.5


def test_a_call_of_anthropic_is_understood_with_its_instructions_in_front() -> None:
    request: dict[str, Any] = {"model": "claude-sonnet-4-5", "max_tokens": 5, "system": "be brief", "stream": True}
    request["messages"] = [Model(role="user", content="hello")]
    response = {
        "id": "m-1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5",
        "content": [{"type": "text", "text": "hi"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 3, "output_tokens": 1, "cache_read_input_tokens": 7},
    }

    found = understood("https://api.anthropic.com/v1/messages", as_json(request), response)

    assert [message["role"] for message in found.messages] == ["system", "user"]
    assert found.usage == {"input": 3, "cache_read": 7, "output": 1}
    assert found.provider == "anthropic"


def test_what_is_no_such_call_is_refused() -> None:
    with pytest.raises(ValueInvalid, match="words of this provider"):
        understood("https://api.anthropic.com/v1/messages", {"prompt": "x"}, {})
    with pytest.raises(ValueInvalid, match="object is no JSON"):
        as_json({"a": object()})
    with pytest.raises(ValueInvalid, match="maps"):
        as_json([1])
