"""A call as it is kept, in contents and a context that share what calls have in common; and the call again.

The request is one content in JSON. A field of its body that is large becomes a content of its own, because
system prompts and tools come again with every call; the list of messages becomes a context. The answer is
one content in JSON, with its bytes inside where they are text.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

from agentreplay.contents.messages import join, split
from agentreplay.model.call import Address, Answer, Call, Chunk, Raised, Request, Site
from agentreplay.model.content import JSON, Content, Kept
from agentreplay.model.context import ContextLink, ContextRef
from agentreplay.model.ids import ContentHash, ContextId
from agentreplay.model.span import Span
from agentreplay.model.values import Value

__all__ = ["CALL", "Folded", "Library", "fold", "fold_answer", "is_call", "unfold"]

CALL = "agentreplay.call"
"""The attribute of a span that says which call it is."""

REQUEST, ANSWER, PART, MEDIA = "request", "answer", "part", "media"
_LARGE = 512
_TURN_AND_TEXT = 2


@dataclass(frozen=True)
class Library:
    """Where contents and links are found again."""

    content: Callable[[ContentHash], bytes]
    links: Callable[[ContextId], Sequence[ContextLink]]


@dataclass(frozen=True)
class Folded:
    """What a batch and a span have to hold."""

    kept: tuple[Kept, ...]
    contents: tuple[Content, ...]
    links: tuple[ContextLink, ...] = ()
    context: ContextRef | None = None


def is_call(span: Span) -> bool:
    """Whether the span is a call that was recorded at a seam."""
    return CALL in span.attributes


def fold(request: Request, context: str | None, body: Value) -> Folded:
    """The request; `context` names the field of its body that is a list of messages.

    `body` is what `parse_json` makes of its body, which is mostly known already.
    """
    told: dict[str, Value] = {"seam": request.seam, "operation": request.operation}
    if request.head:
        told["head"] = request.head
    if request.media != JSON:
        told["media"] = request.media
    if body is None:
        return _fold_bytes(told, request.body)
    is_small = context is None and len(request.body) <= _LARGE
    if is_small or not isinstance(body, dict):
        # Nothing in it is large enough to be a content of its own, so it is kept as it came.
        content = Content.of(_dump(told)[:-1] + b',"body":' + request.body.strip() + b"}")
        return Folded((Kept(role=REQUEST, hash=content.hash),), (content,))
    return _fold_fields(told, cast("dict[str, Value]", body), context)


def _fold_bytes(told: dict[str, Value], data: bytes) -> Folded:
    contents: list[Content] = []
    if data:
        try:
            told["text"] = data.decode()
        except UnicodeDecodeError:
            contents.append(Content.of(data, str(told.get("media", JSON))))
            told["bytes"] = contents[0].hash
    content = _json_content(told)
    kept = [Kept(role=REQUEST, hash=content.hash), *(Kept(role=PART, hash=part.hash) for part in contents)]
    return Folded(tuple(kept), (content, *contents))


def _fold_fields(told: dict[str, Value], body: dict[str, Value], context: str | None) -> Folded:
    contents: list[Content] = []
    kept: list[Kept] = []
    links: tuple[ContextLink, ...] = ()
    ref: ContextRef | None = None
    rest: dict[str, Value] = {}
    parts: dict[str, Value] = {}
    for field, value in body.items():
        if field == context and isinstance(value, list) and value:
            conversation = split(value)
            contents += conversation.contents
            kept += conversation.kept
            links, ref = conversation.links, conversation.ref
            told["context"] = field
        elif isinstance(value, list | dict | str) and len(data := _dump(value)) > _LARGE:
            part = Content.of(data)
            contents.append(part)
            kept.append(Kept(role=PART, hash=part.hash))
            parts[field] = part.hash
        else:
            rest[field] = value
    told["body"] = rest
    if parts:
        told["parts"] = parts
    content = _json_content(told)
    return Folded((Kept(role=REQUEST, hash=content.hash), *kept), (content, *contents), links, ref)


def fold_answer(answer: Answer) -> Folded:
    """The answer, as one content."""
    told: dict[str, Value] = {"turn": answer.turn}
    if answer.head:
        told["head"] = answer.head
    if answer.media != JSON:
        told["media"] = answer.media
    if answer.chunks:
        told["chunks"] = answer.chunks
    if answer.raised is not None:
        raised = answer.raised
        told["raised"] = {name: getattr(raised, name) for name in raised.__struct_fields__ if getattr(raised, name)}
    if not answer.complete:
        told["complete"] = False
    if answer.is_live:
        told["live"] = True
    if answer.body:
        try:
            told["text"] = answer.body.decode()
        except UnicodeDecodeError:
            told["base64"] = base64.b64encode(answer.body).decode()
    is_plain = len(told) == _TURN_AND_TEXT and "text" in told
    content = Content.of(_encode_plain(told)) if is_plain else _json_content(told)
    return Folded((Kept(role=ANSWER, hash=content.hash),), (content,))


def unfold(span: Span, library: Library) -> Call:
    """The call a span holds. Raises KeyError when a part of it is not there."""
    told: Mapping[str, Value] = span.attributes[CALL]
    roles = {kept.role: kept.hash for kept in reversed(span.kept)}
    answer = roles.get(ANSWER)
    return Call(
        address=Address(told["path"], told["ordinal"]),
        site=Site(*told.get("site", ("", 0, ""))),
        request=_unfold_request(json.loads(library.content(roles[REQUEST])), span.context, library),
        digest=told["digest"],
        answer=None if answer is None else _unfold_answer(json.loads(library.content(answer))),
        seq=span.seq,
        span_id=span.span_id,
    )


def _unfold_request(told: dict[str, Value], context: ContextRef | None, library: Library) -> Request:
    media = told.get("media", JSON)
    data = b""
    if "text" in told:
        data = told["text"].encode()
    elif "bytes" in told:
        data = library.content(told["bytes"])
    elif "body" in told:
        body = told["body"]
        for field, part in told.get("parts", {}).items():
            body[field] = json.loads(library.content(part))
        if "context" in told and context is not None:
            body[told["context"]] = join(context, library.links(context.id), library.content)
        data = _dump(body)
    return Request(seam=told["seam"], operation=told["operation"], head=told.get("head", {}), body=data, media=media)


def _unfold_answer(told: dict[str, Value]) -> Answer:
    raised = told.get("raised")
    if raised is not None:
        raised = Raised(**{**raised, "arguments": tuple(raised.get("arguments", ()))})
    body = base64.b64decode(told["base64"]) if "base64" in told else told.get("text", "").encode()
    return Answer(
        head=told.get("head", {}),
        body=body,
        media=told.get("media", JSON),
        turn=told["turn"],
        chunks=tuple(Chunk(*chunk) for chunk in told.get("chunks", ())),
        raised=raised,
        complete=told.get("complete", True),
        is_live=told.get("live", False),
    )


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_encode_plain = msgspec.json.Encoder().encode
"""Quicker, and the same for text and whole numbers."""


def _json_content(value: Value) -> Content:
    return Content.of(_dump(value))


def _dump(value: Value) -> bytes:
    try:
        return _encode(value).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
