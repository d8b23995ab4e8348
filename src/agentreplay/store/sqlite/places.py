"""Where spans belong as far as they tell it: the session of their trace, and the place in it. Needs no database."""

from collections.abc import Iterable, Sequence

from agentreplay.store.sqlite.prepared import PreparedSpan

__all__ = ["Place", "homes_of", "order_key"]

Place = tuple[int, int, bytes, int]
"""What the order of a session goes by: start, the writer's own seq, trace, span (unsigned)."""


def order_key(start: int, told_seq: int, trace: bytes, span_id: int) -> Place:
    """The place of a span among the others of its session."""
    return (start, told_seq, trace, span_id & 0xFFFF_FFFF_FFFF_FFFF)


def homes_of(spans: Iterable[PreparedSpan], names: Sequence[tuple[int, str]]) -> dict[int, int]:
    """The session that each trace names, as far as these spans tell; `names` are the projects and ids of sessions."""
    homes: dict[int, int] = {}
    for span in spans:
        if not span.follows:
            home = homes.setdefault(span.trace, span.session)
            if home != span.session and names[span.session][1] < names[home][1]:
                homes[span.trace] = span.session
    return homes
