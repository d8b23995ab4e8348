"""OpenAI's images: drawn after a text or made of other images, whole or with pictures of how far it is."""

import base64
from collections.abc import Sequence

from agentreplay.intake.providers import complaints, hosts, openai, samples, sse, wire
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, Spoken
from agentreplay.intake.providers.wire import count, mapping, text
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value

__all__ = ["IMAGES", "answer", "ask", "speak"]

IMAGES = "openai.images"
_VERBS = {"/images/generations": "draw", "/images/edits": "edit", "/images/variations": "edit"}
_PARAMETERS = "n", "size", "quality", "background", "output_format"
_IMAGES = frozenset({"image", "images"})
_BAD_REQUEST = 400
_GOOD = 200
_COMPLETED = {"draw": "image_generation.completed", "edit": "image_edit.completed"}
_MOST = 10
"""Images at once."""


def ask(url: str, body: Value) -> Asked | None:
    """Understand a request, or None when it is not in these words. What is to be edited comes as a form."""
    said = mapping(body)
    path = hosts.path(url)
    verb = next((verb for end, verb in _VERBS.items() if path.endswith(end)), None)
    if verb is None or not (isinstance(said.get("prompt"), str) if verb == "draw" else said.keys() & _IMAGES):
        return None
    return Asked(
        provider=openai.provider(url),
        dialect=IMAGES,
        verb=verb,
        model=openai.model(url, said),
        streams=said.get("stream") in (True, "true"),
        parameters={name: _number(said[name]) for name in _PARAMETERS if said.get(name) is not None},
    )


def answer(asked: Asked, status: int, chunks: Sequence[bytes]) -> Answered:
    """Understand an answer, whole or cut short. Never raises. It has no message: the images stay in the body."""
    data = b"".join(chunks)
    if status >= _BAD_REQUEST or not asked.streams or wire.is_json(chunks):
        body = mapping(wire.parse(data))
        return _understood(body, complaints.problem(status, data), complete=bool(body) or status >= _BAD_REQUEST)
    last: dict[str, Value] = {}
    first, problem = None, None
    for number, event in sse.events(chunks):
        told = mapping(wire.parse(event.data))
        if told.get("type") == "error":
            problem = complaints.problem(_BAD_REQUEST, event.data)
        elif told.get("b64_json"):
            first = number if first is None else first
            last = told if told.get("type") in _COMPLETED.values() else last
    return _understood(last, problem, first, complete=bool(last))


def speak(asked: Asked, reply: Reply, number: int) -> Spoken:  # noqa: ARG001  # a picture has no id
    """Say the reply in these words: an image that is the same for every text."""
    if reply.status != _GOOD:
        return openai.speak_error(reply)
    drawn = base64.b64encode(samples.picture()).decode()
    used: dict[str, Value] = {"usage": _tell(reply.usage)} if reply.usage else {}
    if asked.streams:
        kind = _COMPLETED[asked.verb]
        event: dict[str, Value] = {"type": kind, "b64_json": drawn, "created_at": 0, **used}
        return Spoken(status=_GOOD, media=openai.EVENTS, chunks=(sse.say(wire.to_json(event), kind),))
    wanted = asked.parameters.get("n")
    images = [{"b64_json": drawn}] * (wanted if isinstance(wanted, int) and 0 < wanted <= _MOST else 1)
    return Spoken(status=_GOOD, media=openai.JSON, chunks=(wire.to_json({"created": 0, "data": images, **used}),))


def _number(said: Value) -> Value:
    """A number that a form tells as text."""
    return int(said) if isinstance(said, str) and said.isdecimal() and said.isascii() else said


def _understood(body: dict[str, Value], problem: str | None, first: int | None = None, *, complete: bool) -> Answered:
    told = mapping(body.get("usage"))
    read, written = mapping(told.get("input_tokens_details")), mapping(told.get("output_tokens_details"))
    image_in = min(count(read.get("image_tokens")), count(told.get("input_tokens")))
    # What is put out is images, but for what is told to be text.
    output = min(count(written.get("text_tokens")), count(told.get("output_tokens")))
    return Answered(
        usage=Usage(
            input=count(told.get("input_tokens")) - image_in,
            image_in=image_in,
            output=output,
            image_out=count(told.get("output_tokens")) - output,
        ),
        model=text(body.get("model")) or None,
        first_token=first,
        complete=complete,
        error=problem,
    )


def _tell(used: Usage) -> dict[str, Value]:
    image_out = used.total - used.input - used.image_in - used.output
    return {
        "input_tokens": used.input + used.image_in,
        "input_tokens_details": {"text_tokens": used.input, "image_tokens": used.image_in},
        "output_tokens": used.output + image_out,
        "output_tokens_details": {"text_tokens": used.output, "image_tokens": image_out},
        "total_tokens": used.total,
    }
