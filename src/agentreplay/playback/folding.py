"""A call as it is kept, in contents and a context that share what calls have in common; and the call again.

The request is one content in JSON. A field of its body that is large becomes a content of its own, because
system prompts and tools come again with every call; the list of messages becomes a context. Of a form each large
part becomes a content. The answer is one content in JSON, with its bytes inside where they are text. Images and
sounds are contents by themselves, whether they come as bytes or as base64 in a text.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import msgspec
import msgspec.structs

from agentreplay.contents.forms import Form, FormPart, read_form
from agentreplay.contents.media import joined, media_type, parted
from agentreplay.contents.messages import join, split
from agentreplay.contents.usual import REFERENCE, SHORTEST_MEDIA
from agentreplay.errors import ContentMissing
from agentreplay.model.call import Address, Answer, Call, Chunk, Printed, Raised, Request, Site
from agentreplay.model.content import JSON, OCTETS, Content, Kept
from agentreplay.model.context import ContextLink, ContextRef
from agentreplay.model.ids import ContentHash, ContextId
from agentreplay.model.span import Span
from agentreplay.model.values import Value, is_list, is_map
from agentreplay.playback.canonical import UNPARSED, parse_json

__all__ = ["CALL", "Folded", "Library", "context_field", "fold", "fold_answer", "is_call", "unfold", "unfold_request"]

CALL = "agentreplay.call"
"""The attribute of a span that says which call it is."""

_REQUEST, _ANSWER, _PART = "request", "answer", "part"
_BYTES, _FIELDS = "$bytes", "$fields"
_LARGE = 512
_ONLY_TEXT = frozenset({"text"})


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


def fold(request: Request, context: str | None = None, body: Value = UNPARSED) -> Folded:
    """The request; `context` names the field of its body that is a list of messages.

    Whoever has parsed the body already gives what `parse_json` made of it.
    """
    told: dict[str, Value] = {"seam": request.seam, "operation": request.operation}
    if request.head:
        told["head"] = _to_json(request.head)
    if request.media != JSON:
        told["media"] = request.media
    if body is UNPARSED:
        body = parse_json(request.body, request.media)
    if body is None:
        return _fold_bytes(told, request.body)
    is_small = context is None and len(request.body) <= _LARGE
    if (is_small or not is_map(body)) and b"\0" not in request.body:
        # Nothing in it is large enough to be a content of its own, so it is kept as it came, unless it is UTF-16.
        content = Content.of(_dump(told)[:-1] + b',"body":' + request.body.strip() + b"}")
    elif is_map(body):
        return _fold_fields(told, body, context)
    else:
        told["body"] = body
        content = _json_content(told)
    return Folded((Kept(role=_REQUEST, hash=content.hash),), (content,))


def _fold_bytes(told: dict[str, Value], data: bytes) -> Folded:
    contents: list[Content] = []
    form = read_form(data, str(told.get("media", JSON)))
    if form is not None:
        parts = [[part.head, _fold_part(part, contents)] for part in form.parts]
        told["form"] = {"boundary": form.boundary, "parts": parts}
    elif data:
        try:
            told["text"] = data.decode()
        except UnicodeDecodeError:
            contents.append(Content.of(data, str(told.get("media", JSON)) or media_type(data)))
            told["bytes"] = contents[0].hash
    content = _json_content(told)
    return Folded((Kept(role=_REQUEST, hash=content.hash), *_held(contents)), (content, *contents))


def _fold_part(part: FormPart, contents: list[Content]) -> Value:
    """What a part of a form holds: a short text, or a reference to a content, so that a file is kept once."""
    if len(part.data) <= _LARGE:
        try:
            return part.data.decode()
        except UnicodeDecodeError:
            pass
    content = Content.of(part.data, part.media if part.media not in {"", OCTETS} else media_type(part.data))
    contents.append(content)
    return {REFERENCE: content.hash}


def _fold_fields(told: dict[str, Value], body: dict[str, Value], context: str | None) -> Folded:
    contents: list[Content] = []
    kept: list[Kept] = []
    links: tuple[ContextLink, ...] = ()
    ref: ContextRef | None = None
    rest: dict[str, Value] = {}
    parts: dict[str, Value] = {}
    for field, value in body.items():
        if field == context and is_list(value) and value:
            conversation = split(value)
            contents += conversation.contents
            kept += conversation.kept
            links, ref = conversation.links, conversation.ref
            told["context"] = field
        elif isinstance(value, list | dict | str) and len(data := _dump(value)) > _LARGE:
            stretches = parted(data.decode())
            parts[field] = Content.of(data).hash if stretches is None else stretches[0]
            held = [Content.of(data)] if stretches is None else stretches[1]
            contents += held
            kept += _held(held)
        else:
            rest[field] = value
    told["body"] = rest
    if parts:
        told["parts"] = parts
    content = _json_content(told)
    return Folded((Kept(role=_REQUEST, hash=content.hash), *kept), (content, *contents), links, ref)


def fold_answer(answer: Answer) -> Folded:
    """The answer, as one content. Its turn is left to the span: answers that are the same share their content."""
    told: dict[str, Value] = {}
    if answer.head:
        told["head"] = _to_json(answer.head)
    if answer.media != JSON:
        told["media"] = answer.media
    if answer.chunks:
        told["chunks"] = answer.chunks
    if answer.raised is not None:
        told["raised"] = _to_json({name: item for name, item in msgspec.structs.asdict(answer.raised).items() if item})
    if answer.printed:
        told["printed"] = answer.printed
    if not answer.complete:
        told["complete"] = False
    if answer.is_live:
        told["live"] = True
    parts = _fold_body(told, answer) if answer.body else []
    content = Content.of(_encode_plain(told)) if told.keys() == _ONLY_TEXT else _json_content(told)
    return Folded((Kept(role=_ANSWER, hash=content.hash), *_held(parts)), (content, *parts))


def _fold_body(told: dict[str, Value], answer: Answer) -> list[Content]:
    """Put the body of an answer into what is told; returns the contents it refers to."""
    try:
        text = answer.body.decode()
    except UnicodeDecodeError:
        if len(answer.body) < SHORTEST_MEDIA:
            told["base64"] = base64.b64encode(answer.body).decode()
            return []
        data = Content.of(answer.body, answer.media if answer.media != JSON else OCTETS)
        told["bytes"] = data.hash
        return [data]
    stretches = parted(text)
    told["text"] = text if stretches is None else stretches[0]
    return [] if stretches is None else stretches[1]


def _held(contents: Sequence[Content]) -> list[Kept]:
    """How a span holds them, each once."""
    return [Kept(role=_PART, hash=digest) for digest in dict.fromkeys(content.hash for content in contents)]


def unfold(span: Span, library: Library) -> Call:
    """The call a span holds. Raises ContentMissing when a part of one that was answered is not there."""
    told: Mapping[str, Value] = span.attributes[CALL]
    roles = {kept.role: kept.hash for kept in reversed(span.kept)}
    answer = roles.get(_ANSWER)
    request = _unfold_request(span, roles[_REQUEST], library if answer is not None else _lenient(library))
    return Call(
        address=Address(told["path"], told["ordinal"]),
        site=Site(*told.get("site", ("", 0, ""))),
        request=request,
        digest=told["digest"],
        answer=None if answer is None else _unfold_answer(answer, told.get("turn", 0), library),
        seq=span.seq,
        span_id=span.span_id,
        label=f"{span.kind} {span.model or request.operation}",
    )


def unfold_request(span: Span, library: Library) -> Request:
    """What the call of a span asked, whatever came of it; what is not there is left out."""
    roles = {kept.role: kept.hash for kept in reversed(span.kept)}
    return _unfold_request(span, roles[_REQUEST], _lenient(library))


def context_field(span: Span, library: Library) -> str | None:
    """The field of the request's body that is kept as a context, if one is."""
    found = next((kept.hash for kept in span.kept if kept.role == _REQUEST), None)
    told: dict[str, Value] = json.loads(_lenient(library).content(found)) or {} if found else {}
    return told.get("context")


def _lenient(library: Library) -> Library:
    """Of a call that waits for its answer, what was not written yet is left out."""

    def content(digest: ContentHash) -> bytes:
        try:
            return library.content(digest)
        except ContentMissing:
            return b"null"

    return Library(content, library.links)


def _unfold_request(span: Span, digest: ContentHash, library: Library) -> Request:
    told: dict[str, Value] = json.loads(library.content(digest)) or {"seam": "", "operation": span.name}
    if "form" in told:
        data = _unfold_form(told["form"], library)
    elif "body" in told:
        body = told["body"]
        for field, part in told.get("parts", {}).items():
            body[field] = _unfold_part(part, library)
        if "context" in told and span.context is not None:
            body[told["context"]] = join(span.context, library.links(span.context.id), library.content)
        data = _dump(body)
    else:
        data = _unfold_body(told, library)
    return Request(
        seam=told["seam"],
        operation=told["operation"],
        head=_of_json(told.get("head", {})),
        body=data,
        media=told.get("media", JSON),
    )


def _unfold_body(told: dict[str, Value], library: Library) -> bytes:
    """The body of an answer, or one of a request that is no JSON."""
    if "base64" in told:
        return base64.b64decode(told["base64"])
    if "bytes" in told:
        return library.content(told["bytes"])
    text: Value = told.get("text", "")
    return (text if isinstance(text, str) else joined(text, library.content)).encode()


def _unfold_form(told: dict[str, Value], library: Library) -> bytes:
    parts = [
        FormPart(head, data.encode() if isinstance(data, str) else library.content(data[REFERENCE]))
        for head, data in told["parts"]
    ]
    return Form(told["boundary"], parts).whole()


def _unfold_part(part: Value, library: Library) -> Value:
    """The value of a field that was large."""
    return json.loads(library.content(ContentHash(part)) if isinstance(part, str) else joined(part, library.content))


def _unfold_answer(digest: ContentHash, turn: int, library: Library) -> Answer:
    told: dict[str, Value] = json.loads(library.content(digest))
    return Answer(
        head=_of_json(told.get("head", {})),
        body=_unfold_body(told, library),
        media=told.get("media", JSON),
        turn=turn,
        chunks=tuple(Chunk(*chunk) for chunk in told.get("chunks", ())),
        raised=msgspec.convert(_of_json(told["raised"]), Raised) if "raised" in told else None,
        printed=tuple(Printed(*piece) for piece in told.get("printed", ())),
        complete=told.get("complete", True),
        is_live=told.get("live", False),
    )


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_encode_plain = msgspec.json.Encoder().encode
"""Quicker, and the same for text and whole numbers."""


def _to_json(value: Value) -> Value:
    """The value as JSON that becomes the same value again: bytes and strange keys are spelled out."""
    if isinstance(value, bytes):
        return {_BYTES: base64.b64encode(value).decode()}
    if isinstance(value, Mapping):
        fields = cast("Mapping[object, Value]", value)
        if all(isinstance(key, str) and not key.startswith("$") for key in fields):
            return {key: _to_json(item) for key, item in fields.items()}
        return {_FIELDS: [[_to_json(key), _to_json(item)] for key, item in fields.items()]}
    if isinstance(value, list | tuple):
        return [_to_json(item) for item in cast("Sequence[Value]", value)]
    return value


def _of_json(value: Value) -> Value:
    if is_list(value):
        return [_of_json(item) for item in value]
    if not is_map(value):
        return value
    if _BYTES in value:
        return base64.b64decode(value[_BYTES])
    if _FIELDS in value:
        return {_of_json(key): _of_json(item) for key, item in value[_FIELDS]}
    return {key: _of_json(item) for key, item in value.items()}


def _json_content(value: Value) -> Content:
    return Content.of(_dump(value))


def _dump(value: Value) -> bytes:
    try:
        return _encode(value).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
