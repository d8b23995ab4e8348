"""What Bedrock's `invoke_model` asks in the words of models that only draw or embed: Amazon's own, and Cohere's."""

import base64
from collections.abc import Mapping, Sequence

from agentreplay.intake.providers import complaints, hosts, samples
from agentreplay.intake.providers.openai_embeddings import vector
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, Spoken
from agentreplay.intake.providers.wire import count, mapping, parse, sequence, text, to_json
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

__all__ = ["DRAW", "EMBED", "answer", "ask", "speak"]

EMBED, DRAW = "bedrock.embed", "bedrock.draw"

_JSON = "application/json"
_GOOD, _FIRST_ERROR = 200, 400
_TEXTS, _TEXT = "texts", "inputText"
_IMAGE = "inputImage"
_MADE_ANEW = frozenset({"TEXT_IMAGE", "COLOR_GUIDED_GENERATION"})
"""What is drawn after a text alone; all other tasks change an image."""
_USUAL_DIMENSIONS = 1024


def ask(url: str, body: Value) -> Asked | None:
    """Understand a request, or None when it is not in these words."""
    said = mapping(body)
    before, _, operation = hosts.path(url).rpartition("/")
    if operation != "invoke" or "/model/" not in before:
        return None
    embeds = bool(said.keys() & {_TEXT, _IMAGE}) or (_TEXTS in said and "input_type" in said)
    if not embeds and not isinstance(said.get("taskType"), str):
        return None
    return Asked(
        provider=hosts.provider(url, "aws.bedrock"),
        dialect=EMBED if embeds else DRAW,
        kind="embedding" if embeds else "llm",
        verb="draw" if embeds or said["taskType"] in _MADE_ANEW else "edit",
        model=hosts.unquoted(before.rpartition("/model/")[2]),
        framing=_TEXTS if _TEXTS in said else "",
        parameters=_parameters(said),
        inputs=max(1, len(sequence(said.get(_TEXTS)))),
    )


def answer(asked: Asked, status: int, chunks: Sequence[bytes]) -> Answered:  # noqa: ARG001  # part of the contract
    """Understand an answer, whole or cut short. Never raises. Without a message: what was made stays in the body."""
    if status >= _FIRST_ERROR:
        return Answered(error=complaints.complaint(status, chunks))
    body = mapping(parse(b"".join(chunks)))
    return Answered(
        usage=Usage(input=count(body.get("inputTextTokenCount"))),
        response_id=text(body.get("id")) or None,
        complete=bool(body),
        error=text(body.get("error")) or None,
    )


def speak(asked: Asked, reply: Reply, number: int) -> Spoken:
    """Say the reply in these words: vectors and an image that are the same in every run, for a reply has none."""
    if reply.status != _GOOD:
        return Spoken(status=reply.status, media=_JSON, chunks=(to_json({"message": reply.text}),))
    wanted = asked.parameters.get("dimensions", _USUAL_DIMENSIONS)
    body: dict[str, Value]
    if asked.dialect == DRAW:
        body = {"images": [base64.b64encode(samples.picture()).decode()]}
    elif asked.framing == _TEXTS:
        vectors = [vector(number + place, wanted) for place in range(asked.inputs)]
        body = {"id": f"{number:012d}", "response_type": "embeddings_floats", "embeddings": vectors}
    else:
        body = {"embedding": vector(number, wanted)}
        if reply.usage:
            body["inputTextTokenCount"] = reply.usage.total
    return Spoken(status=_GOOD, media=_JSON, chunks=(to_json(body),))


def _parameters(said: Mapping[str, Value]) -> dict[str, Value]:
    config = mapping(said.get("imageGenerationConfig"))
    told = {"dimensions": said.get("dimensions"), "n": config.get("numberOfImages"), "seed": config.get("seed")}
    return {name: value for name, value in told.items() if value is not None}
