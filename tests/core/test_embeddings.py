"""Which embeddings are in force."""

from dataclasses import replace
from pathlib import Path

import pytest

from agentreplay.core.embeddings import embedder_of, listing, try_out
from agentreplay.errors import ModelMissing
from agentreplay.settings import Settings
from tests.embeddings.reference import MODELS, needs_model


def test_until_a_model_is_installed_there_is_none(tmp_path: Path) -> None:
    settings = Settings(db_path=tmp_path)

    with pytest.raises(ModelMissing):
        embedder_of(settings, {})
    local = listing(settings, {})[0]
    assert (local.name, local.is_chosen, local.is_ready) == ("local/all-minilm-l6-v2", True, False)


def test_the_settings_choose(tmp_path: Path) -> None:
    settings = replace(Settings(db_path=tmp_path), embeddings="ollama/nomic", embeddings_url="http://127.0.0.1:9")

    assert embedder_of(settings, {}).name == "ollama/nomic"
    assert [one.name for one in listing(settings, {}) if one.is_chosen and one.is_ready] == ["ollama/nomic"]


@needs_model
@pytest.mark.slow
def test_the_local_model_tells_what_means_the_same() -> None:
    ticks = iter(range(9))

    tried = try_out(Settings(db_path=MODELS.parent), lambda: next(ticks), {})

    assert tried.is_sound
    assert tried.alike > tried.unlike + 0.1
    assert (tried.dimensions, tried.texts_per_second) == (384, 64)
