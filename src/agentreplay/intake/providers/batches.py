"""What models answered in a batch: a file or a body with many answers, each as if it had been asked alone.

Batches are asked for now and answered hours later, in an answer to a question that names no model: `GET` of a file at
OpenAI and Mistral, of results at Anthropic, of the job itself or a file at Gemini.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from agentreplay.intake.providers import anthropic, gemini, hosts, openai
from agentreplay.intake.providers.protocol import Asked
from agentreplay.intake.providers.wire import count, mapping, mappings, parse, text, to_json
from agentreplay.model.values import Value

__all__ = ["Result", "read"]

_GOOD = 200
_FAILED = 400
_OBJECTS = {
    "chat.completion": (openai.CHAT, "llm"),
    "text_completion": (openai.COMPLETIONS, "llm"),
    "response": (openai.RESPONSES, "llm"),
    "list": (openai.EMBEDDINGS, "embedding"),
}
"""What an answer in OpenAI's words is, by what it calls itself."""
_BEGINNING = b"{"
_Understood: TypeAlias = tuple[Asked, int, Value] | None
"""What was asked as far as it is known, the status, and the answer."""
_Understand: TypeAlias = Callable[[str, dict[str, Value]], _Understood]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a batch."""

    batch: str
    """What the answers stand in, as the address names it: the same however often it is read."""
    key: str
    """What it is called in its batch."""
    asked: Asked
    """As far as the answer tells what was asked."""
    status: int
    body: bytes
    """The answer, in the words of its provider."""


def read(url: str, chunks: Sequence[bytes]) -> list[Result]:
    """The answers in the body that came from an address; none where it is no batch's. Never raises."""
    path = hosts.path(url)
    before, _, last = path.rpartition("/")
    if last == "content" and "/files/" in path:
        return list(_lines(url, before.rpartition("/")[2], chunks, _of_openai))
    if last == "results" and "/messages/batches/" in path:
        return list(_lines(url, before.rpartition("/")[2], chunks, _of_anthropic))
    if last.endswith(":download") and "/files/" in path:
        return list(_lines(url, last.removesuffix(":download"), chunks, _of_gemini))
    if before.endswith("/batches"):
        return list(_inlined(url, last, mapping(parse(b"".join(chunks)))))
    return []


def _lines(url: str, batch: str, chunks: Sequence[bytes], understand: _Understand) -> Iterator[Result]:
    """One answer per line; what is in the way of other files is left alone."""
    data = b"".join(chunks)
    if not data.lstrip().startswith(_BEGINNING):
        return
    for number, line in enumerate(data.splitlines()):
        said = mapping(parse(line))
        key = text(said.get("custom_id")) or text(said.get("key")) or str(number)
        found = understand(url, said) if said else None
        if found is not None:
            yield Result(batch=batch, key=key, asked=found[0], status=found[1], body=to_json(found[2]))


def _inlined(url: str, batch: str, job: dict[str, Value]) -> Iterator[Result]:
    """Gemini's, which come with the job."""
    metadata = mapping(job.get("metadata"))
    output = mapping(metadata.get("output")) or mapping(job.get("response"))
    for field in ("inlinedResponses", "inlinedEmbedContentResponses"):
        for number, said in enumerate(mappings(mapping(output.get(field)).get("inlinedResponses"))):
            key = text(mapping(said.get("metadata")).get("key")) or str(number)
            found = _of_gemini(url, said, text(metadata.get("model")))
            if found is not None:
                yield Result(batch=batch, key=key, asked=found[0], status=found[1], body=to_json(found[2]))


def _of_openai(url: str, said: dict[str, Value]) -> _Understood:
    response = mapping(said.get("response"))
    body = mapping(response.get("body"))
    if "custom_id" not in said or not (body or said.get("error")):
        return None
    dialect, kind = _OBJECTS.get(text(body.get("object")), (openai.CHAT, "llm"))
    asked = Asked(provider=openai.provider(url), dialect=dialect, kind=kind, model=text(body.get("model")) or None)
    status = count(response.get("status_code")) or (_FAILED if said.get("error") else _GOOD)
    return asked, status, body or {"error": said.get("error")}


def _of_anthropic(url: str, said: dict[str, Value]) -> _Understood:
    result = mapping(said.get("result"))
    message, problem = mapping(result.get("message")), result.get("error")
    if not text(result.get("type")):
        return None
    model = text(message.get("model")) or None
    asked = Asked(provider=hosts.provider(url, "anthropic"), dialect=anthropic.MESSAGES, model=model)
    if message:
        return asked, _GOOD, message
    # One that expired or was cancelled says so in its type alone.
    return asked, _FAILED, problem or {"type": "error", "error": {"message": text(result["type"])}}


def _of_gemini(url: str, said: dict[str, Value], model: str = "") -> _Understood:
    response, problem = mapping(said.get("response")), mapping(said.get("error"))
    if not (response or problem):
        return None
    embeds = "embedding" in response
    asked = Asked(
        provider=hosts.provider(url, "gcp.gemini"),
        dialect=gemini.EMBED if embeds else gemini.GENERATE,
        kind="embedding" if embeds else "llm",
        model=text(response.get("modelVersion")) or model.removeprefix("models/") or None,
    )
    if response:
        return asked, _GOOD, response
    return asked, _FAILED, {"error": problem}
