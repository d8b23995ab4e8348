"""Vectors are made anew in the background, and what was begun is gone on with, whatever ended it."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from agentreplay.core.memory_embedding import vectors_of_project
from agentreplay.model.memory import CollectionKey
from agentreplay.server.reembedding import Reembedding
from agentreplay.settings import Settings
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.testing.loopback import Loopback, Request, Response
from tests.server.running import waited_for
from tests.store.remembering import NOTES, keep

TEXTS = 130
MODEL = "openai/new"


class Model:
    """Makes vectors of texts, and after some of them only when it is let."""

    def __init__(self) -> None:
        self.embedded = 0
        self.goes_on = threading.Event()
        self.server = Loopback(self._answer)

    def _answer(self, request: Request) -> Response:
        assert isinstance(request.body, dict)
        texts = request.body["input"]
        assert isinstance(texts, list)
        if self.embedded and not self.goes_on.wait(60):
            return Response(status=500, chunks=(b"",))
        self.embedded += len(texts)
        made = [{"index": place, "embedding": [1.0, float(place), 0.5]} for place in range(len(texts))]
        return Response(headers={"content-type": "application/json"}, chunks=(json.dumps({"data": made}).encode(),))


@pytest.fixture
def model() -> Iterator[Model]:
    made = Model()
    with made.server:
        yield made
        made.goes_on.set()


@pytest.fixture
def settings(tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("AGENTREPLAY_EMBEDDINGS", MODEL)
    monkeypatch.setenv("AGENTREPLAY_EMBEDDINGS_URL", model.server.url)
    monkeypatch.setenv("AGENTREPLAY_DB", str(tmp_path / "data"))
    monkeypatch.setenv("AGENTREPLAY_TENANT", NOTES.tenant)
    return Settings.read()


@pytest.fixture
def store(settings: Settings) -> Iterator[SqliteStore]:
    """Another model made vectors of all texts."""
    with closing(SqliteStore(settings.db_path)) as opened:
        keep(opened, {f"{number:03}": f"text number {number}" for number in range(TEXTS)})
        old = np.ones(3, "<f4").tobytes()
        opened.memories.embed(NOTES, "openai/old", dict.fromkeys(opened.memories.numbers(NOTES), old))
        yield opened


def made(store: SqliteStore, collection: CollectionKey = NOTES) -> tuple[str, int, int]:
    [found] = vectors_of_project(store.memories, collection.tenant, collection.project, MODEL)
    return found.serving, found.made, found.others


@pytest.mark.slow
def test_what_a_change_of_the_model_asks_for_is_done_and_gone_on_with(
    settings: Settings, store: SqliteStore, model: Model
) -> None:
    first = Reembedding(settings, store)
    first.resume()
    assert waited_for(lambda: made(store)[1] > 0, 60)
    assert first.state(NOTES.project).status == "running"
    assert made(store) == ("openai/old", 64, TEXTS)
    # All its processes are killed, as they are when the server is.
    first.close()
    assert first.state(NOTES.project).status == "cancelled"
    assert made(store) == ("openai/old", 64, TEXTS)

    model.goes_on.set()
    second = Reembedding(settings, store)
    second.resume()
    assert waited_for(lambda: made(store) == (MODEL, TEXTS, 0), 60)
    assert waited_for(lambda: second.state(NOTES.project).status == "idle", 60)
    second.close()


def test_it_says_why_it_failed(settings: Settings, store: SqliteStore, tmp_path: Path) -> None:
    program = tmp_path / "fails"
    program.write_text("#!/bin/sh\necho 'no such model' >&2\nexit 3\n", encoding="utf-8")
    program.chmod(0o700)
    if os.name == "nt":
        pytest.skip("a script is no program there")

    reembedding = Reembedding(settings, store, [str(program)])
    assert reembedding.start(NOTES.project).status == "waiting"
    assert waited_for(lambda: reembedding.state(NOTES.project).status == "failed", 60)
    assert reembedding.state(NOTES.project).said == "no such model"
    reembedding.close()
