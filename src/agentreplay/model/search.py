"""Full text: what was asked and what was found."""

import msgspec

from agentreplay.model.ids import ContentHash
from agentreplay.model.span import SpanRow

__all__ = ["Hit"]


class Hit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A span whose text holds all the words that were asked for."""

    span: SpanRow
    score: float
    """Higher is better; comparable within one answer only."""
    snippet: str
    """The passage around the words, which stand between \\x02 and \\x03."""
    content: ContentHash | None = None
    """The content they stand in; None when it is the span's own name."""
