"""What the gateway has to say is said in the words of whoever was to be asked."""

import json

import pytest

from agentreplay.intake import providers
from agentreplay.intake.providers import Asked
from agentreplay.server.gateway.complaints import complaint

DIALECTS = [
    ("openai", "openai.chat"),
    ("anthropic", "anthropic.messages"),
    ("gemini", "gemini.generate"),
    ("ollama", "ollama.chat"),
    ("groq", "openai.chat"),
]


@pytest.mark.parametrize(("name", "dialect"), DIALECTS)
def test_the_provider_itself_would_say_it_so(name: str, dialect: str) -> None:
    answer = complaint(name, 502, "nobody answers")

    understood = providers.answer(Asked(provider=name, dialect=dialect), 502, [answer.body])

    assert answer.head["status"] == 502
    assert "nobody answers" in str(understood.error)
    assert json.loads(answer.body)


def test_only_what_may_go_better_the_next_time_is_worth_another_try() -> None:
    told = {status: dict(complaint("openai", status, "no").head["headers"]) for status in (404, 422, 502, 504)}

    assert [status for status, headers in told.items() if headers.get("x-should-retry") == "false"] == [404, 422]
