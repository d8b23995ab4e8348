"""Rerankers, as a server on this machine plays them."""

import json
from collections.abc import Iterator

import pytest

from agentreplay.embeddings.reranking import Reranking
from agentreplay.errors import ModelUnknown, RerankerFailing, RerankerRefused
from agentreplay.testing.loopback import Loopback, Request, Response

_TEXTS = ["one", "", "three"]


class Ranks:
    """Scores the last text best, unless it is told to answer something else."""

    def __init__(self) -> None:
        self.status, self.answer = 200, b""

    def __call__(self, request: Request) -> Response:
        texts = json.loads(request.content)["documents"]
        # Best first, as they all answer.
        scored = [{"index": place, "relevance_score": place / len(texts)} for place in reversed(range(len(texts)))]
        answer = self.answer or json.dumps({"id": "1", "results": scored}).encode()
        return Response(status=self.status, headers={"content-type": "application/json"}, chunks=(answer,))


def _scores(*scores: float) -> bytes:
    scored = [{"index": place, "relevance_score": score} for place, score in enumerate(scores)]
    return json.dumps({"id": "1", "results": scored}).encode()


@pytest.fixture
def ranks() -> Ranks:
    return Ranks()


@pytest.fixture
def server(ranks: Ranks) -> Iterator[Loopback]:
    loopback = Loopback(ranks)
    yield loopback
    loopback.stop()


@pytest.mark.parametrize(
    ("provider", "path", "keys", "key"),
    [
        ("cohere", "/v2/rerank", {"CO_API_KEY": "c"}, "Bearer c"),
        ("jina", "/rerank", {"JINA_API_KEY": "j"}, "Bearer j"),
        ("jina", "/rerank", {}, None),
    ],
)
def test_each_provider_is_asked_in_its_own_way(
    server: Loopback, provider: str, path: str, keys: dict[str, str], key: str | None
) -> None:
    found = Reranking(f"{provider}/m", keys, server.url).rank("which", _TEXTS)

    [asked] = server.requests
    assert found == [0, 1 / 3, 2 / 3]
    assert asked.path == path
    assert asked.headers.get("authorization") == key
    assert json.loads(asked.content) == {"model": "m", "query": "which", "documents": ["one", " ", "three"]}


def test_without_texts_nobody_is_asked(server: Loopback) -> None:
    assert Reranking("jina/m", {}, server.url).rank("which", []) == []
    assert not server.requests


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"nonsense", "holds no scores"),
        (_scores(0.5), "3 texts, and has scores of 1"),
        (_scores(0, 0.5, 9), "not from 0 to 1"),
    ],
)
def test_what_are_no_scores_of_all_texts_is_refused(
    server: Loopback, ranks: Ranks, answer: bytes, problem: str
) -> None:
    ranks.answer = answer

    with pytest.raises(RerankerFailing, match=problem):
        Reranking("jina/m", {}, server.url).rank("which", _TEXTS)


def test_a_refusal_does_not_show_the_key(server: Loopback, ranks: Ranks) -> None:
    ranks.status, ranks.answer = 401, b"wrong key"

    with pytest.raises(RerankerRefused, match="401 wrong key") as told:
        Reranking("cohere/m", {"CO_API_KEY": "secret"}, server.url).rank("which", _TEXTS)

    assert "secret" not in str(told.value)


@pytest.mark.parametrize("name", ["", "cohere", "jina/", "somebody/m"])
def test_what_names_no_model_is_told_those_that_are_known(name: str) -> None:
    with pytest.raises(ModelUnknown, match="cohere/MODEL, jina/MODEL"):
        Reranking(name, {})


def test_without_a_key_nobody_is_asked() -> None:
    with pytest.raises(RerankerRefused, match="no key in COHERE_API_KEY or CO_API_KEY"):
        Reranking("cohere/m", {})
