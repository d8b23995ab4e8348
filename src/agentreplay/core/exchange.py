"""A call as people read it: what was asked and what came back, understood where its words are known."""

from typing import Literal

import msgspec

from agentreplay.contents.forms import form_value
from agentreplay.core.calls import MODEL_SEAMS
from agentreplay.core.relations import get
from agentreplay.core.understanding import asked_by
from agentreplay.errors import ContentMissing
from agentreplay.intake import providers
from agentreplay.intake.normalise import Grade, grade
from agentreplay.intake.providers import Answered, Asked
from agentreplay.model.call import Answer, Call, Raised, Request
from agentreplay.model.content import Content, Kept
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span, SpanKey
from agentreplay.model.values import Value
from agentreplay.playback.canonical import parse_json
from agentreplay.playback.folding import is_call, unfold
from agentreplay.playback.tape import library
from agentreplay.store.protocol import Store

__all__ = ["Exchange", "Side", "exchange", "raw"]

_ASKED, _ANSWERED = "request", "answer"


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One half of a call."""

    head: dict[str, Value] = {}
    """What stands beside the body; of HTTP the method, the url, the status and the headers."""
    media: str = ""
    bytes: int = 0
    """Of the body as it went over the boundary."""
    value: Value = None
    """The body, where it is JSON; the fields of a form; the text of another text; else None, and where it is too large:
    it is read raw.
    """
    chunks: int = 0
    """In how many pieces it came; 0 when it came whole."""
    complete: bool = True
    raised: Raised | None = None
    """The exception that reached the program."""


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """What a call asked and what came back."""

    recorded: bool
    """Whether the call crossed our own boundary, so that it can be served again byte for byte."""
    grade: Grade | None = None
    """How far what others recorded could be served again."""
    operation: str
    seam: str = ""
    address: str = ""
    """Which call of the program it is."""
    site: str = ""
    """The place in the program that made it."""
    digest: str = ""
    asked: Side | None = None
    answered: Side | None = None
    """None while the answer has not come, or when nobody told of it."""
    understood: Asked | None = None
    """The request, where it is to a model whose words we know."""
    reply: Answered | None = None
    """The answer, likewise: put together when it was streamed."""
    kept: tuple[Kept, ...] = ()
    """All contents of the span, by what they are to it."""


def exchange(store: Store, key: SpanKey, largest: int | None = None) -> Exchange:
    """What a call asked and what came back, without the values of bodies that have more bytes than `largest`.

    Raises SpanMissing, and ContentMissing when its contents are gone.
    """
    span = get(store.spans, key)
    return _recorded(store, span, largest) if is_call(span) else _told(store, span, largest)


def raw(store: Store, key: SpanKey, side: Literal["request", "answer"]) -> Content:
    """The bytes of one half of a call, as they went over the boundary; of what others recorded, as they were told.

    Raises SpanMissing, and ContentMissing when there are none.
    """
    span = get(store.spans, key)
    if not is_call(span):
        found = _content(store, span, side)
        if found is None:
            raise ContentMissing(content=f"{side} of span {span.span_id}")
        return found
    call = _call(store, span)
    half = call.request if side == _ASKED else call.answer
    if half is None:
        raise ContentMissing(content=f"{side} of span {span.span_id}")
    return Content.of(half.body, half.media)


def _call(store: Store, span: Span) -> Call:
    return unfold(span, library(store, SessionKey(span.tenant, span.project, span.session)))


def _recorded(store: Store, span: Span, largest: int | None) -> Exchange:
    if not any(kept.role == _ASKED for kept in span.kept):
        raise ContentMissing(content=f"{_ASKED} of span {span.span_id}")
    call = _call(store, span)
    request, answer = call.request, call.answer
    asked = asked_by(request) if request.seam in MODEL_SEAMS else None
    reply = None
    if asked is not None and answer is not None:
        reply = providers.answer(asked, int(answer.head.get("status") or 0), answer.pieces)
    return Exchange(
        recorded=True,
        operation=request.operation,
        seam=request.seam,
        address=str(call.address),
        site=str(call.site),
        digest=call.digest,
        asked=Side(**_body(request), value=_value(request, largest)),
        answered=None if answer is None else _answered(answer, largest),
        understood=asked,
        reply=reply,
        kept=span.kept,
    )


def _answered(answer: Answer, largest: int | None) -> Side:
    return Side(
        **_body(answer),
        value=_value(answer, largest),
        chunks=len(answer.chunks),
        complete=answer.complete,
        raised=answer.raised,
    )


def _body(half: Request | Answer) -> dict[str, Value]:
    return {"head": half.head, "media": half.media, "bytes": len(half.body)}


def _value(half: Request | Answer | Content, largest: int | None) -> Value:
    data = half.data if isinstance(half, Content) else half.body
    if largest is not None and len(data) > largest:
        return None
    value = parse_json(data, half.media)
    if value is None:
        value = form_value(data, half.media)
    if value is not None:
        return value
    try:
        return data.decode() or None
    except UnicodeDecodeError:
        return None


def _told(store: Store, span: Span, largest: int | None) -> Exchange:
    """What others say of a call."""
    asked, answered = (_side(_content(store, span, role), largest) for role in (_ASKED, _ANSWERED))
    return Exchange(
        recorded=False, grade=grade(span), operation=span.name, asked=asked, answered=answered, kept=span.kept
    )


def _side(content: Content | None, largest: int | None) -> Side | None:
    if content is None:
        return None
    return Side(media=content.media, bytes=len(content.data), value=_value(content, largest))


def _content(store: Store, span: Span, role: str) -> Content | None:
    digest = next((kept.hash for kept in span.kept if kept.role == role), None)
    return None if digest is None else store.contents.get(span.tenant, digest)
