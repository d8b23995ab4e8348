"""What spans that arrive together tell again of one another. Needs no database: what is stored, `charging` asks.

`model.charging` says what counts as told again.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence

from agentreplay.model.charging import CHARGED, COST, KINDS, USAGE, Call, repeated
from agentreplay.store.sqlite.prepared import PreparedSpan

__all__ = ["Arrived", "Key", "repeats_of", "without"]

Key = tuple[int, int]
"""The trace, by its place in what is prepared, and the span."""


class Arrived:
    """The finished calls among spans that arrive together."""

    def __init__(self, spans: Iterable[PreparedSpan], words: Sequence[str]) -> None:
        self._words = words
        kinds = {number for number, word in enumerate(words) if word in KINDS}
        self.spans = {(one.trace, one.span_id): one for one in spans if one.kind in kinds and one.end is not None}
        self._children: dict[Key, list[PreparedSpan]] = {}
        for one in self.spans.values():
            if one.parent is not None:
                self._children.setdefault((one.trace, one.parent), []).append(one)

    def call(self, span: PreparedSpan) -> Call:
        model = None if span.model is None else self._words[span.model]
        tells = (USAGE if span.usage is not None else 0) | (COST if span.cost is not None else 0)
        return Call((span.trace, span.span_id), self._words[span.kind], model, tells | span.repeats)

    def above(self, call: Call) -> Call | None:
        parent = self.parent_of(call.key)
        return None if parent is None else self.found(parent)

    def below(self, call: Call) -> list[Call]:
        return [self.call(span) for span in self._children.get(call.key, ())]  # type: ignore[call-overload]

    def parent_of(self, key: Hashable) -> Key | None:
        span = self.spans.get(key)  # type: ignore[call-overload]
        return None if span is None or span.parent is None else (span.trace, span.parent)

    def found(self, key: Key) -> Call | None:
        span = self.spans.get(key)
        return None if span is None else self.call(span)


def repeats_of(spans: Mapping[int, PreparedSpan], words: Sequence[str]) -> dict[int, int]:
    """Those of the spans, by their places, that tell again what others of them tell."""
    traces = _suspects(spans.values(), words)
    if not traces:
        return {}
    arrived = Arrived([span for span in spans.values() if span.trace in traces], words)
    again = repeated(map(arrived.call, arrived.spans.values()), arrived.above, arrived.below)
    if not again:
        return {}
    return {place: again[key] for place, span in spans.items() if (key := (span.trace, span.span_id)) in again}


def _suspects(spans: Iterable[PreparedSpan], words: Sequence[str]) -> set[int]:
    """The traces in which a call that is charged stands right below one that may tell the same: mostly none."""
    kinds = {number for number, word in enumerate(words) if word in KINDS}
    charged = {number for number in kinds if words[number] in CHARGED}
    finished = [one for one in spans if one.kind in kinds and one.end is not None]
    keys = {(one.trace, one.span_id) for one in finished}
    return {one.trace for one in finished if one.kind in charged and (one.trace, one.parent) in keys}


def without(span: PreparedSpan, again: int) -> PreparedSpan:
    """The span without what it tells again."""
    if not again:
        return span
    usage, cost = (None if again & USAGE else span.usage), (None if again & COST else span.cost)
    return span._replace(usage=usage, cost=cost, repeats=span.repeats | again)
