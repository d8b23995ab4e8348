"""Embeddings by name."""

import sys
from pathlib import Path

import pytest

from agentreplay.embeddings import LOCAL, open_embedder
from agentreplay.errors import ExtraMissing, ModelMissing, ModelUnknown


def test_a_model_that_is_not_installed_is_told_with_what_installs_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing) as caught:
        open_embedder(LOCAL, tmp_path, {})

    assert "agentreplay embeddings install" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["", "openai", "openai/", "local/other", "elsewhere/model"])
def test_unknown_names_are_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelUnknown, match="openai/MODEL"):
        open_embedder(name, tmp_path, {})


def test_an_endpoint_is_not_asked_before_there_is_a_text(tmp_path: Path) -> None:
    embedder = open_embedder("openai/text-embedding-3-small", tmp_path, {}, "http://127.0.0.1:9/v1")

    assert embedder.name == "openai/text-embedding-3-small"
    assert embedder.most_tokens == 8_191


def test_without_numpy_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("local", "endpoint", "transformer"):
        monkeypatch.delitem(sys.modules, f"agentreplay.embeddings.{module}", raising=False)
    monkeypatch.setitem(sys.modules, "numpy", None)

    with pytest.raises(ExtraMissing) as caught:
        open_embedder(LOCAL, tmp_path, {})

    assert caught.value.advice == "pip install 'agentreplay[memory]'"
