"""Says how a cost came about: which calls, how many tokens of each bucket at which price, and what does not count."""

from collections.abc import Iterator

import msgspec

from agentreplay.core import sessions
from agentreplay.errors import SpanMissing
from agentreplay.intake.dialects import read
from agentreplay.intake.dialects.source import Source
from agentreplay.intake.normalise import REPORTED, normalise
from agentreplay.intake.price_book import Book
from agentreplay.intake.prices import Quote
from agentreplay.model.charging import CARRIER, CHARGED, same_model
from agentreplay.model.ids import SessionId, SpanId
from agentreplay.model.page import PageRequest
from agentreplay.model.session import Origin, SessionKey
from agentreplay.model.span import Span, SpanKey, SpanRow, narrow
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage
from agentreplay.store.protocol import Store

__all__ = ["Charge", "Estimate", "SessionCost", "SpanCost", "explain_session", "explain_span"]

_MANY = PageRequest(limit=100)
_DEEPEST = 8
_SHOWN = 1_000
_PER = 1_000_000


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """What the tokens of one bucket cost."""

    bucket: str
    tokens: int
    rate: int
    """In nano-dollars for a million tokens."""
    paid_as: str
    """The bucket whose rate it is."""
    cost: float
    """In nano-dollars, before the whole is rounded."""


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a call costs by a list of prices."""

    source: str
    since: Nanoseconds
    """From when on this is the price; 0 where nobody says."""
    service_tier: str | None
    charges: tuple[Charge, ...]
    cost: NanoDollars


class SpanCost(msgspec.Struct, frozen=True, kw_only=True):
    """How the cost of a span came about."""

    span: SpanRow
    told: Usage
    """The tokens that the span tells, be they counted here or not."""
    reported: NanoDollars | None
    """What the emitter says it cost."""
    estimate: Estimate | None
    """By the prices in force now, at the time of the call."""
    counted_at: SpanId | None = None
    """The span that tells the same call and is charged for it."""
    reasons: tuple[str, ...] = ()


class SessionCost(msgspec.Struct, frozen=True, kw_only=True):
    """How the cost of a session came about."""

    session: SessionId
    cost: NanoDollars
    usage: Usage
    origin: Origin | None
    """Where it was forked from: the past they share is charged there and not here."""
    calls: tuple[SpanCost, ...]
    """Its calls in order, charged or not."""
    left_out: int = 0
    """How many calls more there are than are told here; the sums are of all of them."""


def explain_span(store: Store, book: Book, key: SpanKey) -> SpanCost:
    """How the cost of a span came about; raises SpanMissing."""
    span = store.spans.get(key)
    if span is None:
        raise SpanMissing(span=f"{key.trace_id}/{key.span_id}")
    return _explained(store, book, span)


def explain_session(store: Store, book: Book, key: SessionKey, limit: int = _SHOWN) -> SessionCost:
    """How the cost of a session came about; raises SessionMissing."""
    row = sessions.get(store.sessions, key)
    charged = [one for one in store.spans.read(key) if _may_be_charged(one)]
    whole = [span for one in charged[:limit] if (span := store.spans.get(one.key)) is not None]
    return SessionCost(
        session=key.session,
        cost=row.summary.cost,
        usage=row.summary.usage,
        origin=row.session.origin,
        calls=tuple(_explained(store, book, span) for span in whole),
        left_out=max(0, len(charged) - limit),
    )


def _may_be_charged(span: SpanRow) -> bool:
    return span.kind in CHARGED or span.cost is not None or span.usage != NO_USAGE


def _explained(store: Store, book: Book, span: Span) -> SpanCost:
    told = normalise(span, book).span.usage
    reported = span.attributes.get(REPORTED)
    quote = _quote(book, span)
    estimate = None if quote is None else _estimate(quote, told)
    inner = _counted_at(store, span) if told != NO_USAGE and span.usage == NO_USAGE else None
    return SpanCost(
        span=narrow(span),
        told=told,
        reported=NanoDollars(reported) if isinstance(reported, int) else None,
        estimate=estimate,
        counted_at=None if inner is None else inner.span_id,
        reasons=tuple(_reasons(span, told, estimate, inner)),
    )


def _quote(book: Book, span: Span) -> Quote | None:
    if span.model is None or span.provider is None or span.kind not in CHARGED:
        return None
    tier = read(Source(span)).service_tier
    return book.quote(span.provider, span.model, span.start, service_tier=tier, project=span.project)


def _estimate(quote: Quote, told: Usage) -> Estimate | None:
    parts, cost = quote.parts(told), quote.cost(told)
    if parts is None or cost is None:
        return None
    charges = tuple(
        Charge(
            bucket=part.bucket,
            tokens=part.tokens,
            rate=part.rate,
            paid_as=part.paid_as,
            cost=part.tokens * part.rate / _PER,
        )
        for part in parts
    )
    since = Nanoseconds(quote.since * SECOND)
    return Estimate(source=quote.source, since=since, service_tier=quote.service_tier, charges=charges, cost=cost)


def _counted_at(store: Store, span: Span) -> SpanRow | None:
    """The span below that tells the same call."""
    waiting = [(span.key, _DEEPEST)]
    while waiting:
        key, depth = waiting.pop()
        for child in store.spans.children(key, _MANY).items:
            if child.kind == CARRIER and depth:
                waiting.append((child.key, depth - 1))
            elif child.kind == span.kind and same_model(child.model, span.model) and child.usage != NO_USAGE:
                return child
    return None


def _reasons(span: Span, told: Usage, estimate: Estimate | None, inner: SpanRow | None) -> Iterator[str]:
    if inner is not None:
        yield f"the span {inner.span_id} below it tells of the same call, and is charged for it"
    if span.end is None:
        yield "the span is still open"
    if span.kind not in CHARGED and span.cost is None:
        yield f"a span of the kind {span.kind} is not charged: the calls below it are"
    elif span.cost is None and inner is None:
        yield _why_unknown(span, told)
    elif span.cost is not None and estimate is None:
        yield "no price is known for this call, so it costs what its emitter reported"
    elif span.cost is not None and estimate is not None and estimate.cost != span.cost:
        yield "the prices in force when it was taken in were others, or it was told otherwise by who recorded it"


def _why_unknown(span: Span, told: Usage) -> str:
    if told == NO_USAGE:
        return "nobody told how many tokens it used"
    if span.model is None or span.provider is None:
        return "nobody told which model of which provider it was"
    return f"no price is known for {span.model} of {span.provider}; `agentreplay prices set` gives it one"
