"""Counts what several tell of one call once."""

from collections.abc import Hashable, Iterable

import msgspec

from agentreplay.model.change import Change
from agentreplay.model.charging import CHARGED, COST, KINDS, USAGE, Call, repeated
from agentreplay.model.ids import Position
from agentreplay.model.span import Span
from agentreplay.model.usage import NO_USAGE
from agentreplay.model.witness import WITNESS, Telling, clues_of, retold
from agentreplay.store.memory.state import State, session_of

__all__ = ["charge_once", "without"]


def charge_once(state: State, told: Iterable[Span]) -> None:
    """Take from the spans around those told what is told again."""

    def call(span: Span | None) -> Call | None:
        if span is None or span.end is None or span.kind not in KINDS:
            return None
        return _call(state, span)

    def above(one: Call) -> Call | None:
        parent = state.spans[one.key].parent_key  # type: ignore[index]
        return call(state.spans.get(parent)) if parent is not None else None

    def below(one: Call) -> list[Call]:
        return [found for span in children.get(one.key, ()) if (found := call(span)) is not None]

    stored = [found for span in told if (found := call(state.spans.get(span.key))) is not None]
    if not stored:
        return
    children: dict[object, list[Span]] = {}
    for span in state.spans.values():
        children.setdefault(span.parent_key, []).append(span)
    for key, again in (*repeated(stored, above, below).items(), *_retold(state, stored).items()):
        span = state.spans[key]  # type: ignore[index]
        known = state.repeats.get(span.key, 0)
        if again | known != known:
            state.repeats[span.key] = again | known
            state.spans[span.key] = without(span, again)
            state.record(Change(position=Position(0), what="span", session=session_of(span), span=span.key))


def _retold(state: State, stored: Iterable[Call]) -> dict[Hashable, int]:
    """What of these, and of all that is stored, another witness tells too."""
    news = [telling for one in stored if (telling := _telling(state, state.spans[one.key])) is not None]  # type: ignore[index]
    if not news:
        return {}
    tellings = {key: telling for key, span in state.spans.items() if (telling := _telling(state, span)) is not None}

    def alike(telling: Telling) -> list[Telling]:
        owner = telling.call.key[:2]  # type: ignore[index]
        clues = list(clues_of(telling))
        return [
            other
            for key, other in tellings.items()
            if key[:2] == owner and any(other.attributes.get(name) == value for name, value in clues)
        ]

    return retold(news, alike)


def _telling(state: State, span: Span) -> Telling | None:
    if span.end is None or span.kind not in CHARGED or WITNESS not in span.attributes:
        return None
    return Telling(_call(state, span), span.end, span.attributes)


def _call(state: State, span: Span) -> Call:
    tells = (USAGE if span.usage.total else 0) | (COST if span.cost is not None else 0)
    return Call(span.key, span.kind, span.model, tells | state.repeats.get(span.key, 0))


def without(span: Span, again: int) -> Span:
    """The span without what it tells again."""
    if again & USAGE:
        span = msgspec.structs.replace(span, usage=NO_USAGE)
    return msgspec.structs.replace(span, cost=None) if again & COST else span
