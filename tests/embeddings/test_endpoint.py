"""Endpoints, as a server on this machine plays them."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from agentreplay.embeddings.endpoint import Endpoint
from agentreplay.errors import EmbeddingsFailing, EmbeddingsRefused
from agentreplay.testing.loopback import Loopback, Request, Response

Script = Callable[[Request], Response]
_KEYS = {"OPENAI_API_KEY": "o", "GEMINI_API_KEY": "g", "COHERE_API_KEY": "c"}


def said(body: object, status: int = 200, **headers: str) -> Response:
    return Response(
        status=status, headers={"content-type": "application/json", **headers}, chunks=(json.dumps(body).encode(),)
    )


def vector_of(text: str) -> list[float]:
    return [float(len(text)), 1.0, 0.0]


def texts_of(provider: str, body: Any) -> list[str]:
    match provider:
        case "google":
            return [one["content"]["parts"][0]["text"] for one in body["requests"]]
        case "cohere":
            return list(body["texts"])
        case _:
            return list(body["input"])


def answer_of(provider: str, vectors: list[list[float]]) -> object:
    match provider:
        case "google":
            return {"embeddings": [{"values": one} for one in vectors]}
        case "cohere":
            return {"id": "1", "embeddings": {"float": vectors}, "texts": []}
        case "ollama":
            return {"model": "m", "embeddings": vectors}
        case _:
            # OpenAI says which is which, and owes no order.
            listed = [{"object": "embedding", "index": place, "embedding": one} for place, one in enumerate(vectors)]
            return {"data": listed[::-1], "usage": {"total_tokens": 3}}


@pytest.fixture
def served() -> Iterator[Callable[[Script], Loopback]]:
    servers: list[Loopback] = []

    def serve(script: Script) -> Loopback:
        servers.append(Loopback(script))
        return servers[-1]

    yield serve
    for server in servers:
        server.stop()


@pytest.mark.parametrize(
    ("provider", "path", "header", "purposes"),
    [
        ("openai", "/embeddings", ("authorization", "Bearer o"), ("", "")),
        ("google", "/models/m:batchEmbedContents", ("x-goog-api-key", "g"), ("RETRIEVAL_DOCUMENT", "RETRIEVAL_QUERY")),
        ("ollama", "/api/embed", ("authorization", None), ("", "")),
        ("cohere", "/v2/embed", ("authorization", "Bearer c"), ("search_document", "search_query")),
    ],
)
def test_each_provider_is_asked_in_its_own_way(
    served: Callable[[Script], Loopback], provider: str, path: str, header: tuple[str, str], purposes: tuple[str, str]
) -> None:
    server = served(
        lambda request: said(answer_of(provider, [vector_of(text) for text in texts_of(provider, request.body)]))
    )
    endpoint = Endpoint(provider, "m", _KEYS, server.url)
    texts = [("x" * number) or "y" for number in range(150)]

    found = endpoint.embed(texts, "passage")
    endpoint.embed(["x"], "query")

    wanted = np.array([vector_of(text) for text in texts], np.float32)
    assert np.allclose(found, wanted / np.linalg.norm(wanted, axis=1, keepdims=True))
    assert (endpoint.name, endpoint.dimensions) == (f"{provider}/m", 3)
    assert {request.path for request in server.requests} == {path}
    assert len(server.requests) == 3, "150 texts are more than one request may hold"
    assert {request.headers.get(header[0]) for request in server.requests} == {header[1]}
    for request, purpose in ((server.requests[0], purposes[0]), (server.requests[-1], purposes[1])):
        assert purpose in request.content.decode()


def test_passing_failures_are_tried_again_and_never_sooner_than_asked(served: Callable[[Script], Loopback]) -> None:
    answers = [said({}, 503), said({"error": "slow down"}, 429, **{"retry-after": "7"}), Response(chunks=(), cut=0)]
    slept: list[float] = []

    def respond(_: Request) -> Response:
        return answers.pop(0) if answers else said(answer_of("openai", [[3.0, 4.0]]))

    found = Endpoint("openai", "m", {}, served(respond).url, slept.append).embed(["a"], "passage")

    assert np.allclose(found, [[0.6, 0.8]])
    assert slept == [0.5, 7.0, 14.0]


def test_what_goes_on_failing_is_told_with_what_was_said(served: Callable[[Script], Loopback]) -> None:
    server = served(lambda _: said({"error": "overloaded"}, 529))

    with pytest.raises(EmbeddingsFailing, match=r'529 \{"error": "overloaded"\}, 5 times'):
        Endpoint("openai", "m", {}, server.url, lambda _: None).embed(["a"], "passage")

    assert len(server.requests) == 5


def test_a_refusal_is_not_tried_again_and_does_not_show_the_key(served: Callable[[Script], Loopback]) -> None:
    server = served(lambda _: said({"error": "wrong key"}, 401))

    with pytest.raises(EmbeddingsRefused, match="401") as caught:
        Endpoint("cohere", "m", {"COHERE_API_KEY": "secret-key"}, server.url).embed(["a"], "passage")

    assert len(server.requests) == 1
    assert "secret-key" not in str(caught.value)


@pytest.mark.parametrize("vectors", [[[1.0, 2.0]], [[1.0], [2.0, 3.0]], [], [[], []], [[1e999, 1.0], [1.0, 1.0]]])
def test_answers_that_are_not_one_vector_a_text_are_refused(
    served: Callable[[Script], Loopback], vectors: list[list[float]]
) -> None:
    server = served(lambda _: said(answer_of("ollama", vectors)))

    with pytest.raises(EmbeddingsFailing):
        Endpoint("ollama", "m", {}, server.url).embed(["a", "b"], "passage")


def test_vectors_of_another_length_than_before_are_refused(served: Callable[[Script], Loopback]) -> None:
    answers = [[[1.0, 2.0]], [[1.0, 2.0, 3.0]]]
    server = served(lambda _: said(answer_of("ollama", answers.pop(0))))
    endpoint = Endpoint("ollama", "m", {}, server.url)
    assert endpoint.dimensions == 2

    with pytest.raises(EmbeddingsFailing, match="3 numbers, and had 2 before"):
        endpoint.embed(["a"], "passage")


def test_without_a_key_nothing_is_asked() -> None:
    with pytest.raises(EmbeddingsRefused, match="no key in GEMINI_API_KEY or GOOGLE_API_KEY"):
        Endpoint("google", "m", {})
