"""Documents that are ranked, in the words that several hosts share."""

import pytest

from agentreplay.intake.providers import Asked, Reply, rerank, wire
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import Value

URL = "https://api.cohere.com/v2/rerank"
BODY: dict[str, Value] = {"model": "rerank-v3.5", "query": "which?", "documents": ["a", "b", "c"], "top_n": 2}
ASKED = Asked(
    provider="cohere", dialect="rerank", kind="rerank", model="rerank-v3.5", parameters={"top_k": 2}, inputs=3
)


def test_a_question_and_its_documents_are_understood() -> None:
    assert rerank.ask(URL, BODY) == ASKED
    assert rerank.ask("https://api.voyageai.com/v1/rerank", BODY) != ASKED  # another provider
    assert rerank.ask(URL, {"query": "which?"}) is None
    assert rerank.ask("https://api.cohere.com/v2/chat", BODY) is None


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        ({"meta": {"billed_units": {"search_units": 1}}}, NO_USAGE),
        ({"meta": {"tokens": {"input_tokens": 12}}}, Usage(input=12)),
        ({"usage": {"total_tokens": 26}}, Usage(input=26)),
    ],
)
def test_tokens_are_told_in_several_places_or_not_at_all(told: dict[str, Value], usage: Usage) -> None:
    body: dict[str, Value] = {"id": "r1", "results": [{"index": 1, "relevance_score": 0.9}], **told}

    answered = rerank.answer(ASKED, 200, [wire.to_json(body)])

    assert (answered.usage, answered.response_id, answered.complete) == (usage, "r1", True)


def test_a_refusal_says_why() -> None:
    assert rerank.answer(ASKED, 429, [b'{"message":"too many"}']).error == "too many"


def test_what_is_said_is_understood() -> None:
    spoken = rerank.speak(ASKED, Reply(usage=Usage(input=5)), 7)
    body = wire.mapping(wire.parse(spoken.chunks[0]))

    assert [result["index"] for result in wire.mappings(body["results"])] == [0, 1]
    assert rerank.answer(ASKED, spoken.status, spoken.chunks).usage == Usage(input=5)
    assert rerank.answer(ASKED, 500, rerank.speak(ASKED, Reply(status=500, text="no"), 7).chunks).error == "no"
