"""Settings come from the environment, and a bad one is refused."""

from pathlib import Path

import pytest

from agentreplay.errors import ValueInvalid
from agentreplay.settings import Settings


def test_secrets_are_redacted_when_nobody_says_otherwise() -> None:
    settings = Settings.read({})

    assert (settings.content, settings.redact) == ("redacted", None)


def test_what_is_kept_of_contents_can_be_chosen() -> None:
    settings = Settings.read({"AGENTREPLAY_CONTENT": "structure", "AGENTREPLAY_REDACT": "rules.txt"})

    assert (settings.content, settings.redact) == ("structure", Path("rules.txt"))


def test_several_upstreams_are_told_in_one_variable() -> None:
    settings = Settings.read({"AGENTREPLAY_UPSTREAMS": "a=http://a.example  b=http://b.example"})

    assert settings.upstreams == ("a=http://a.example", "b=http://b.example")


def test_a_policy_that_is_none_is_refused() -> None:
    with pytest.raises(ValueInvalid, match="AGENTREPLAY_CONTENT"):
        Settings.read({"AGENTREPLAY_CONTENT": "some"})
