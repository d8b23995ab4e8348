"""Understands anew what others reported: by the dialects and prices of today, from what was stored as it came."""

from pathlib import Path

import msgspec

from agentreplay.core.prices import book_of
from agentreplay.core.prices import stamp_of as stamp_of_prices
from agentreplay.intake.normalise import REPORTED, is_recorded, normalise
from agentreplay.intake.otlp.reading import sessions_of
from agentreplay.intake.otlp.sources import SCOPE
from agentreplay.intake.otlp.spans import SPAN_KIND
from agentreplay.intake.records import LOG, METRIC
from agentreplay.intake.sessions import trace_of_session
from agentreplay.model.batch import Batch
from agentreplay.model.ids import SessionId
from agentreplay.model.span import Span
from agentreplay.model.usage import NO_USAGE
from agentreplay.store.sqlite.indexer import Progress
from agentreplay.store.sqlite.renewal import Renewed, renew

__all__ = ["renormalise"]


def renormalise(folder: Path, version: str, progress: Progress) -> Renewed:
    """Derive the normalised view of all imported spans anew, with all that follows from it.

    Each span is taken once; cut off, it goes on where it was, unless `version` or the prices are others now. What
    was recorded here, and spans whose payload was deleted, stay as they are.
    """
    book = book_of(folder)

    def derive(span: Span) -> Batch | None:
        if not _is_imported(span):
            return None
        understood = normalise(_as_it_came(span), book)
        spans = (understood.span,)
        return Batch(
            tenant=span.tenant,
            sessions=sessions_of(spans),
            spans=spans,
            contents=understood.contents,
            links=understood.links,
        )

    return renew(folder, derive, f"{version} {stamp_of_prices(folder)}", progress)


def _is_imported(span: Span) -> bool:
    """Whether it came by OpenTelemetry, as a span, a log record or a data point."""
    came = SPAN_KIND in span.attributes or LOG in span.attributes or METRIC in span.attributes or SCOPE in span.scope
    return came and not is_recorded(span)


def _as_it_came(span: Span) -> Span:
    """The span without what was read in it, but for its name and a failure: nobody knows what stood there."""
    names_none = span.trace_id != trace_of_session(span.session)
    return msgspec.structs.replace(
        span,
        session=SessionId(span.trace_id) if names_none else span.session,
        attributes={name: value for name, value in span.attributes.items() if name != REPORTED},
        kind="custom",
        agent=None,
        iteration=None,
        model=None,
        provider=None,
        tool=None,
        usage=NO_USAGE,
        cost=None,
        kept=(),
        context=None,
    )
