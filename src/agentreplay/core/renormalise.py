"""Understands anew what others reported: by the dialects and prices of today, from what was stored as it came."""

from pathlib import Path

from agentreplay import __version__
from agentreplay.core.prices import book_of
from agentreplay.core.prices import stamp_of as stamp_of_prices
from agentreplay.intake.normalise import as_it_came, normalise
from agentreplay.intake.otlp.reading import sessions_of
from agentreplay.model.batch import Batch
from agentreplay.model.span import Span
from agentreplay.store.sqlite.indexer import Progress
from agentreplay.store.sqlite.renewal import Renewed, renew

__all__ = ["renormalise"]


def renormalise(folder: Path, progress: Progress) -> Renewed:
    """Derive the normalised view of all imported spans anew, with all that follows from it.

    Each span is taken once; cut off, it goes on where it was, unless the version or the prices are others now. What
    was recorded here, and spans whose payload was deleted, stay as they are.
    """
    book = book_of(folder)

    def derive(span: Span) -> Batch | None:
        came = as_it_came(span)
        if came is None:
            return None
        understood = normalise(came, book)
        spans = (understood.span,)
        return Batch(
            tenant=span.tenant,
            sessions=sessions_of(spans),
            spans=spans,
            contents=understood.contents,
            links=understood.links,
        )

    return renew(folder, derive, f"{__version__} {stamp_of_prices(folder)}", progress)
