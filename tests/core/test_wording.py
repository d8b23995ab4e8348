"""A model of the user's own puts a text into words, whichever provider it is of."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentreplay.core.wording import PROVIDERS, reworded
from agentreplay.errors import ModelSilent, ValueInvalid
from agentreplay.intake.providers import Asked, Reply
from agentreplay.settings import Settings
from agentreplay.testing import ScriptedModels

KEYS = {"ANTHROPIC_API_KEY": "k1", "OPENAI_API_KEY": "k2", "GOOGLE_API_KEY": "k3"}
SENT_IN = {"anthropic": "x-api-key", "openai": "authorization", "google": "x-goog-api-key"}


@pytest.fixture(scope="module")
def models() -> Iterator[ScriptedModels]:
    def script(asked: Asked, _number: int) -> Reply:
        return Reply(status=429, text="too many") if asked.model == "fail" else Reply(text=" in other words ")

    with ScriptedModels(script) as server:
        yield server


def settings(models: ScriptedModels, model: str) -> Settings:
    return Settings(db_path=Path(), model=model, model_url=models.url)


@pytest.mark.parametrize("provider", list(PROVIDERS))
def test_each_provider_is_asked_in_its_own_words(models: ScriptedModels, provider: str) -> None:
    said = reworded(settings(models, f"{provider}/m-1"), KEYS, "be brief", "what was done", 100)

    asked = models.requests[-1]
    assert said == "in other words"
    assert "be brief" in str(asked.body)
    assert "what was done" in str(asked.body)
    assert "m-1" in f"{asked.path}{asked.body}"
    if provider in SENT_IN:
        assert asked.headers[SENT_IN[provider]].endswith(("k1", "k2", "k3"))


def test_what_the_provider_complains_of_is_told(models: ScriptedModels) -> None:
    with pytest.raises(ModelSilent, match="too many"):
        reworded(settings(models, "openai/fail"), KEYS, "be brief", "text", 100)


@pytest.mark.parametrize("model", ["openai", "nobody/m", "openai/"])
def test_a_name_that_is_none_is_told_with_those_that_are(models: ScriptedModels, model: str) -> None:
    with pytest.raises(ValueInvalid, match="ollama/MODEL"):
        reworded(settings(models, model), KEYS, "be brief", "text", 100)


def test_without_a_key_nobody_is_asked() -> None:
    with pytest.raises(ModelSilent, match="OPENAI_API_KEY"):
        reworded(Settings(db_path=Path(), model="openai/m"), {}, "be brief", "text", 100)


def test_an_address_where_nobody_listens_is_told() -> None:
    nowhere = Settings(db_path=Path(), model="ollama/m", model_url="http://127.0.0.1:9")

    with pytest.raises(ModelSilent, match="ollama/m did not answer"):
        reworded(nowhere, {}, "be brief", "text", 100)
