"""The settings choose what ranks memories anew."""

import json
from dataclasses import replace
from pathlib import Path

from agentreplay.core.memory_reranking import reranker_of
from agentreplay.core.memory_search import MemoryQuestion, search
from agentreplay.model.time import Nanoseconds
from agentreplay.settings import Settings
from agentreplay.store.memory import MemoryStore
from agentreplay.testing.loopback import Loopback, Request, Response
from tests.store.remembering import NOTES, keep


def prefers_peaches(request: Request) -> Response:
    texts = json.loads(request.content)["documents"]
    scored = [{"index": place, "relevance_score": float("peach" in text)} for place, text in enumerate(texts)]
    return Response(headers={"content-type": "application/json"}, chunks=(json.dumps({"results": scored}).encode(),))


def test_nothing_is_ranked_anew_unless_it_is_chosen(tmp_path: Path) -> None:
    assert reranker_of(Settings(db_path=tmp_path)) is None


def test_what_is_chosen_ranks(tmp_path: Path) -> None:
    store = MemoryStore()
    keep(store, {"apple": "a red apple, red all over", "peach": "a peach, hardly red"})
    asked = MemoryQuestion(text="red", collections=(NOTES,), by="words")

    with Loopback(prefers_peaches) as server:
        settings = replace(Settings(db_path=tmp_path), reranker="jina/m", reranker_url=server.url)
        answer = search(store, asked, Nanoseconds(0), reranker=reranker_of(settings))

    assert [(hit.version.id, hit.score) for hit in answer.hits] == [("peach", 1), ("apple", 0)]
    assert (answer.reranker, answer.note) == ("jina/m", "")


def test_a_choice_that_cannot_be_is_told_and_the_scores_stay(tmp_path: Path) -> None:
    store = MemoryStore()
    keep(store, {"apple": "a red apple"})
    settings = replace(Settings(db_path=tmp_path), reranker="nobody/m")

    answer = search(
        store, MemoryQuestion(text="red", collections=(NOTES,), by="words"), Nanoseconds(0), None, reranker_of(settings)
    )

    assert [hit.version.id for hit in answer.hits] == ["apple"]
    assert answer.note.startswith("There is no model 'nobody/m'")
