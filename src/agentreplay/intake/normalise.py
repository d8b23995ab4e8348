"""Understands spans that others recorded: one kind, one session, one way to count, whoever sent them.

Everything here is derived from what came, which stays as it came, so it can be derived again at any time.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec

from agentreplay.contents.messages import Conversation, split
from agentreplay.intake.dialects import logfire, read
from agentreplay.intake.dialects.plain import content_of, plain
from agentreplay.intake.dialects.reading import Reading
from agentreplay.intake.dialects.source import Source
from agentreplay.intake.dialects.vendors import provider_of
from agentreplay.intake.price_book import PUBLIC, Book
from agentreplay.intake.providers import wire
from agentreplay.intake.sessions import session_in
from agentreplay.model.content import Content, Kept
from agentreplay.model.context import ContextLink
from agentreplay.model.span import KINDS, PROVISIONAL, Span
from agentreplay.model.usage import NO_USAGE
from agentreplay.model.values import Value
from agentreplay.model.witness import ATTRIBUTES

__all__ = ["REPORTED", "Grade", "Normalised", "grade", "is_recorded", "normalise", "normalise_all"]

REPORTED = "agentreplay.cost.reported"
"""The attribute with what the emitter says a span cost, in nano-dollars; `cost` is by the list prices where known."""

Grade = Literal["complete", "truncated", "redacted", "request only", "none"]

_REQUEST, _ANSWER = "request", "answer"
_OURS = "agentreplay."
_NOT_OURS = frozenset({REPORTED, PROVISIONAL}) | ATTRIBUTES
"""Attributes that we give to what others report."""
_BILLED = {"llm", "embedding", "rerank"}
"""Kinds whose tokens count. Of the others, those above calls tell again what the calls used."""
_MOST = (1 << 53) - 1
_TITLES = re.compile(r"^(?:execute_tool|running tool:?|invoke_agent|agent_run)\s+|\.tool$|[\[\]]")

_REDACTED = re.compile(r"__REDACTED__|\[(?:REDACTED|redacted)\b|<redacted>|\[Scrubbed due to ")
_TRUNCATED = re.compile(r"[\[<(](?:[^\]>)\n]{0,40}\s)?truncated\b[^\]>)\n]{0,60}[\]>)]\s*$", re.IGNORECASE)
_LONG_ENOUGH = 64
"""A text that is shorter was not cut by a limit on its length."""


class Normalised(msgspec.Struct, frozen=True, kw_only=True):
    """A span, understood, with the contents and links it holds; append them together."""

    span: Span
    contents: tuple[Content, ...] = ()
    links: tuple[ContextLink, ...] = ()


class _Call(NamedTuple):
    """What was called, in as much as its price depends on it."""

    kind: str
    provider: str | None
    model: str | None


def normalise(span: Span, book: Book = PUBLIC) -> Normalised:
    """The span with what its attributes and events tell in its fields, and all of them as they came.

    What a call cost is by the prices of the book. A field of which they tell nothing stays. What the SDK recorded
    passes through. Normalising again changes nothing, and nothing raises, whatever the attributes are.
    """
    return normalise_all((span,), book)[0]


def normalise_all(spans: Sequence[Span], book: Book = PUBLIC) -> list[Normalised]:
    """Each of the spans as `normalise` understands it."""
    recorded = [is_recorded(span) for span in spans]
    others = [logfire.opened(span) for span, is_ours in zip(spans, recorded, strict=True) if not is_ours]
    understood = iter(_understood(others, book))
    return [
        Normalised(span=span) if is_ours else next(understood) for span, is_ours in zip(spans, recorded, strict=True)
    ]


def _understood(spans: Sequence[Span], book: Book) -> list[Normalised]:
    # Step by step, and each over all spans: what a processor does again at once it has at hand. Span by span, each
    # through all steps, takes half as long again.
    sources = [Source(span) for span in spans]
    readings = [read(source) for source in sources]
    calls = [_call(reading, span) for reading, span in zip(readings, spans, strict=True)]
    outcomes = [_outcome(source, reading) for source, reading in zip(sources, readings, strict=True)]
    charges = [_charges(*each, book) for each in zip(spans, readings, calls, strict=True)]
    asked = [_asked(call.kind, reading) for call, reading in zip(calls, readings, strict=True)]
    contents = [_contents(reading, request) for reading, (_, request) in zip(readings, asked, strict=True)]
    said = [conversation for conversation, _ in asked]
    return [_told(*each) for each in zip(spans, readings, calls, outcomes, charges, said, contents, strict=True)]


def _told(  # noqa: PLR0913, PLR0917 - what the steps found
    span: Span,
    reading: Reading,
    call: _Call,
    outcome: dict[str, Value],
    charges: dict[str, Value],
    conversation: Conversation,
    contents: list[tuple[str, Content]],
) -> Normalised:
    tool = reading.tool
    if not tool and call.kind == "tool":
        tool = _TITLES.sub("", span.name) or None
    # One copy: what a span checks when it is made takes as long as many of the steps.
    told = msgspec.structs.replace(
        span,
        kind=call.kind,
        session=session_in(span.attributes) or session_in(span.resource) or span.session,
        name=reading.name or span.name,
        agent=reading.agent or span.agent,
        iteration=_iteration(reading) or span.iteration,
        model=call.model,
        provider=call.provider,
        tool=tool or span.tool,
        context=conversation.ref or span.context,
        kept=_held(span, conversation, contents),
        **outcome,
        **charges,
    )
    whole = (*conversation.contents, *[content for _, content in contents])
    return Normalised(span=told, contents=whole, links=conversation.links)


def is_recorded(span: Span) -> bool:
    """Whether our SDK recorded the span."""
    return _are_ours(tuple(span.attributes))


@lru_cache(500)
def _are_ours(names: tuple[str, ...]) -> bool:
    return any(name.startswith(_OURS) and name not in _NOT_OURS for name in names)


def grade(span: Span) -> Grade:
    """How far a normalised span that others recorded could be served again."""
    texts = list(_texts(span))
    if any(_REDACTED.search(text) for text in texts):
        return "redacted"
    roles = {kept.role for kept in span.kept}
    if span.context is None and _REQUEST not in roles:
        return "none"
    if span.dropped_attributes or span.dropped_events or any(_is_cut(text) for text in texts):
        return "truncated"
    return "complete" if _ANSWER in roles else "request only"


def _call(reading: Reading, span: Span) -> _Call:
    model = reading.model or span.model
    provider = (model and provider_of(reading.provider, model)) or span.provider
    return _Call(_kind(reading, span), provider, model)


def _kind(reading: Reading, span: Span) -> str:
    if reading.kind:
        return reading.kind
    if reading.tool:
        return "tool"
    return "llm" if reading.model else span.kind


def _iteration(reading: Reading) -> int | None:
    number = reading.iteration
    return number if number is not None and abs(number) <= _MOST else None


def _outcome(source: Source, reading: Reading) -> dict[str, Value]:
    """A failure that the status does not tell, but an exception or the type of an error does."""
    span = source.span
    raised = [
        event.attributes for event in span.events if event.name in {"exception", "gen_ai.client.operation.exception"}
    ]
    message = span.status_message or reading.status_message
    if span.status == "unset" and (raised or source.text("error.type") or reading.status == "error"):
        told = next((wire.text(attributes.get("exception.message")) for attributes in raised), "")
        return {"status": "error", "status_message": message or told or source.text("error.type") or ""}
    return {"status_message": message or ""}


def _charges(span: Span, reading: Reading, call: _Call, book: Book) -> dict[str, Value]:
    """What the call used and cost, of which nothing may be counted twice."""
    if reading.usage is None and reading.reported is None:
        return {}
    if reading.is_wrapper or (call.kind not in _BILLED and call.kind in KINDS):
        return {"usage": NO_USAGE, "cost": None}
    usage = reading.usage or span.usage
    reported = reading.reported
    estimate = None
    if call.provider and call.model and usage is not NO_USAGE:
        tier = reading.service_tier
        quote = book.quote(call.provider, call.model, span.start, service_tier=tier, project=span.project)
        estimate = None if quote is None else quote.cost(usage)
    if estimate is not None and estimate > _MOST:
        estimate = None
    told: dict[str, Value] = {"usage": usage, "cost": reported if estimate is None else estimate}
    return told if reported is None else told | {"attributes": {**span.attributes, REPORTED: int(reported)}}


def _contents(reading: Reading, request: Value) -> list[tuple[str, Content]]:
    """What was asked and what was answered, by their roles."""
    return [
        (role, content_of(value))
        for role, value in ((_REQUEST, request), (_ANSWER, reading.answer))
        if value is not None
    ]


def _held(span: Span, conversation: Conversation, contents: Sequence[tuple[str, Content]]) -> tuple[Kept, ...]:
    """All contents the span holds, those it held before among them unless others have taken their roles."""
    kept = (*conversation.kept, *[Kept(role=role, hash=content.hash) for role, content in contents])
    if span.kept:
        roles = {one.role for one in kept}
        kept = (*[one for one in span.kept if one.role not in roles], *kept)
    return kept


def _asked(kind: str, reading: Reading) -> tuple[Conversation, Value]:
    """What was asked: a conversation with all else that a model was told beside it, or a value."""
    said = reading.messages
    if not said or kind == "embedding":
        return split([]), reading.request if reading.request is not None else said
    conversation = split(said, plain)
    if kind != "llm":
        return conversation, reading.request
    beside: dict[str, Value] = {"model": reading.model} if reading.model else {}
    beside |= reading.parameters or {}
    if reading.tools:
        beside["tools"] = reading.tools
    return conversation, beside


def _texts(span: Span) -> Iterator[str]:
    """Every text that an emitter may have put a content into."""
    for attributes in (span.attributes, *(event.attributes for event in span.events)):
        for value in attributes.values():
            if isinstance(value, str):
                yield value
            else:
                yield from (item for item in wire.sequence(value) if isinstance(item, str))


def _is_cut(text: str) -> bool:
    """Whether a text says it was cut, or is JSON that ends too early."""
    if _TRUNCATED.search(text[-200:]):
        return True
    return len(text) >= _LONG_ENOUGH and text.startswith(('{"', '[{"')) and wire.parse(text) is None
