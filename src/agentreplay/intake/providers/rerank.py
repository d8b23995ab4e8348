"""Which of some documents answer a question best: Cohere's words, which Jina, Voyage AI and others speak as well."""

from collections.abc import Sequence

from agentreplay.intake.providers import hosts, wire
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, Spoken
from agentreplay.intake.providers.wire import count, mapping, sequence, text
from agentreplay.intake.providers.wordless import wordless
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

__all__ = ["RERANK", "answer", "ask", "speak"]

RERANK = "rerank"

_PARAMETERS = {"top_n": "top_k", "top_k": "top_k"}
_GOOD = 200
_JSON = "application/json"


def ask(url: str, body: Value) -> Asked | None:
    """Understand a request, or None when it is not in these words."""
    said = mapping(body)
    documents = sequence(said.get("documents"))
    if not hosts.path(url).endswith("/rerank") or not documents or not isinstance(said.get("query"), str):
        return None
    return Asked(
        provider=hosts.provider(url, "cohere"),
        dialect=RERANK,
        kind="rerank",
        model=text(said.get("model")) or None,
        parameters={name: said[key] for key, name in _PARAMETERS.items() if said.get(key) is not None},
        inputs=len(documents),
    )


def answer(asked: Asked, status: int, chunks: Sequence[bytes]) -> Answered:  # noqa: ARG001  # part of the contract
    """Understand an answer, whole or cut short. Never raises. It has no message: the ranks stay in the body."""
    data = b"".join(chunks)
    body = mapping(wire.parse(data))
    meta = mapping(body.get("meta"))
    # Most tell the sum; Cohere tells tokens where it counts them, and else how many searches it charges.
    tokens = count(mapping(body.get("usage")).get("total_tokens")) or count(
        mapping(meta.get("tokens")).get("input_tokens")
    )
    return wordless(status, data, body, Usage(input=tokens))


def speak(asked: Asked, reply: Reply, number: int) -> Spoken:
    """Say the reply in these words: the documents in the order in which they came, for a reply has no ranks."""
    if reply.status != _GOOD:
        return Spoken(status=reply.status, media=_JSON, chunks=(wire.to_json({"message": reply.text}),))
    wanted = asked.parameters.get("top_k")
    most = min(wanted, asked.inputs) if isinstance(wanted, int) and wanted > 0 else asked.inputs
    body: dict[str, Value] = {
        "id": f"{number:012d}",
        "results": [{"index": place, "relevance_score": 1 / (place + 1)} for place in range(most)],
        "meta": {"billed_units": {"search_units": 1}},
    }
    if reply.usage:
        body["meta"] = {"tokens": {"input_tokens": reply.usage.total}, "billed_units": {"search_units": 1}}
    return Spoken(status=_GOOD, media=_JSON, chunks=(wire.to_json(body),))
