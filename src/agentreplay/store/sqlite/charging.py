"""Counts what several tell of one call once, wherever their spans arrive; `model.charging` and `.witness` say which."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import apsw

from agentreplay.model.charging import CHARGED, COST, KINDS, USAGE, Call, repeated
from agentreplay.store.sqlite.numbering import Numbering
from agentreplay.store.sqlite.prepared import PreparedSpan
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.settling import settle, spans_where
from agentreplay.store.sqlite.witnesses import Witnesses
from agentreplay.store.sqlite.work import Work

__all__ = ["Charging", "repeats_of", "without"]

_SQL = queries("write")

_Key = tuple[int, int]
"""The trace, by its place in what is prepared, and the span."""


class _Arrived:
    """The finished calls among spans that arrive together."""

    def __init__(self, spans: Iterable[PreparedSpan], words: Sequence[str]) -> None:
        self._words = words
        kinds = {number for number, word in enumerate(words) if word in KINDS}
        self.spans = {(one.trace, one.span_id): one for one in spans if one.kind in kinds and one.end is not None}
        self._children: dict[_Key, list[PreparedSpan]] = {}
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

    def parent_of(self, key: Hashable) -> _Key | None:
        span = self.spans.get(key)  # type: ignore[call-overload]
        return None if span is None or span.parent is None else (span.trace, span.parent)

    def found(self, key: _Key) -> Call | None:
        span = self.spans.get(key)
        return None if span is None else self.call(span)


def repeats_of(spans: Mapping[int, PreparedSpan], words: Sequence[str]) -> dict[int, int]:
    """Those of the spans, by their places, that tell again what others of them tell."""
    traces = _suspects(spans.values(), words)
    if not traces:
        return {}
    arrived = _Arrived([span for span in spans.values() if span.trace in traces], words)
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


class Charging:
    """Compares what arrives with what is stored. Valid inside a write transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._numbering = Numbering(connection)
        self._witnesses = Witnesses(connection, self._numbering)

    def lead(self, work: Work) -> None:
        """Take from what arrived what it tells again, and note from which stored spans to take it."""
        prepared = work.prepared
        if len(work.arrived) == len(prepared.spans):
            work.replace({place: without(work.arrived[place], bits) for place, bits in prepared.repeats.items()})
        else:
            self._take(work, repeats_of(work.arrived, prepared.words))
        # What is new in a trace of which nothing is stored was compared when it was prepared.
        news = [span for span in work.arrived.values() if work.trace_stored[span.trace]]
        arrived = _Arrived(news, prepared.words)
        around = _Around(self._connection, self._numbering, work, arrived)
        again = repeated(map(arrived.call, arrived.spans.values()), around.above, around.below)
        places = {
            key: place
            for place, span in (work.arrived.items() if again else ())
            if (key := (span.trace, span.span_id)) in again
        }
        self._take(work, {place: again[key] for key, place in places.items()})
        work.repeats = {around.stored[key]: bits for key, bits in again.items() if key in around.stored}
        arriving, stored = self._witnesses.retold(work)
        self._take(work, arriving)
        for number, bits in stored.items():
            work.repeats[number] = work.repeats.get(number, 0) | bits

    @staticmethod
    def _take(work: Work, again: Mapping[int, int]) -> None:
        led = {
            place: without(work.arrived[place], bits)
            for place, bits in again.items()
            if bits & ~work.arrived[place].repeats
        }
        if led:
            work.is_led = True
            work.replace(led)

    def settle(self, work: Work) -> bool:
        """Take it from the stored ones; says whether there was anything to take."""
        changes = [
            (stored, without(stored.row, bits))
            for number, bits in work.repeats.items()
            for stored in spans_where(self._connection, "span.id = ?", (number,))
            if bits & ~stored.row.repeats
        ]
        if changes:
            work.position = settle(self._connection, changes, work.position)
        return bool(changes)


class _Around:
    """What stands around a span, be it stored or just arriving."""

    def __init__(self, connection: apsw.Connection, numbering: Numbering, work: Work, arrived: _Arrived) -> None:
        self._connection = connection
        self._numbering = numbering
        self._work = work
        self._arrived = arrived
        self._replaced = {known.number for _, known in work.replaced}
        self._parents: dict[Hashable, _Key | None] = {}
        self.stored: dict[Hashable, int] = {}

    def above(self, call: Call) -> Call | None:
        key = self._parents[call.key] if call.key in self.stored else self._arrived.parent_of(call.key)
        if key is None:
            return None
        found = self._arrived.found(key)
        if found is not None:
            return found
        calls = self._calls("call", key)
        return calls[0] if calls else None

    def below(self, call: Call) -> list[Call]:
        return [*self._arrived.below(call), *self._calls("calls_below", call.key)]

    def _calls(self, query: str, key: Any) -> list[Call]:
        trace, span_id = key
        calls: list[Call] = []
        rows = self._connection.execute(_SQL[query], (self._work.traces[trace], span_id))
        for number, own, parent, kind, model, uses, costs, repeats in list(rows):
            text = self._numbering.text(kind) or ""
            if text in KINDS and number not in self._replaced:
                self.stored[trace, own] = number
                self._parents[trace, own] = None if parent is None else (trace, parent)
                tells = (USAGE if uses else 0) | (COST if costs else 0) | repeats
                calls.append(Call((trace, own), text, self._numbering.text(model), tells))
        return calls
