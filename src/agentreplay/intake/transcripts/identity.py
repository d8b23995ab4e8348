"""The ids of what stands in a transcript follow from those in it, so that all who tell of a thing name it alike."""

import msgspec
from blake3 import blake3

from agentreplay.model.ids import SpanId
from agentreplay.model.values import Value

__all__ = ["digest_of", "likeness", "span_of"]

_CONTEXT = "agentreplay: span of a transcript, 1"


def span_of(what: str, key: str) -> SpanId:
    """The span of a `turn`, an `llm` call, a `tool` call or an `agent`, by the id that the agent itself gives it.

    That of a turn is the id of its `prompt`, where hooks name it too; that of a call to a model the id of the request,
    which telemetry names too, or else of the message; that of a tool call the id which model and hook name.
    """
    told = f"{what}\0{key}".encode("utf-8", "surrogatepass")
    return SpanId(blake3(told, derive_key_context=_CONTEXT).hexdigest(8))


def likeness(session: str, tool: str, asked: Value) -> str:
    """A name for a prompt or a call of a tool to which the agent gives none, by what is asked of whom.

    Whoever is told of it names it alike; so are those that are asked again, word for word.
    """
    try:
        data = msgspec.json.encode(asked, order="sorted")
    except (ValueError, TypeError, OverflowError, RecursionError):
        data = repr(asked).encode("utf-8", "surrogatepass")
    return f"{session} {digest_of(tool)} {blake3(data).hexdigest(12)}"


def digest_of(text: str) -> str:
    """A short name for a text, by which it is found again without being kept."""
    return blake3(text.encode("utf-8", "surrogatepass")).hexdigest(12)
