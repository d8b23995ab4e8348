"""Counts what several tell of one call once, wherever their spans arrive; `model.charging` and `.witness` say which."""

from collections.abc import Hashable, Mapping
from typing import Any

import apsw

from agentreplay.model.charging import COST, KINDS, USAGE, Call, repeated
from agentreplay.store.sqlite.measuring import Rollups
from agentreplay.store.sqlite.numbering import Numbering
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.repeats import Arrived, Key, repeats_of, without
from agentreplay.store.sqlite.settling import settle, spans_where
from agentreplay.store.sqlite.witnesses import Witnesses
from agentreplay.store.sqlite.work import Work

__all__ = ["Charging"]

_SQL = queries("write")


class Charging:
    """Compares what arrives with what is stored. Valid inside a write transaction."""

    def __init__(self, connection: apsw.Connection, rollups: Rollups) -> None:
        self._connection = connection
        self._rollups = rollups
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
        arrived = Arrived(news, prepared.words)
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
            work.position = settle(self._connection, self._rollups, changes, work.position)
        return bool(changes)


class _Around:
    """What stands around a span, be it stored or just arriving."""

    def __init__(self, connection: apsw.Connection, numbering: Numbering, work: Work, arrived: Arrived) -> None:
        self._connection = connection
        self._numbering = numbering
        self._work = work
        self._arrived = arrived
        self._replaced = {known.number for _, known in work.replaced}
        self._parents: dict[Hashable, Key | None] = {}
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
