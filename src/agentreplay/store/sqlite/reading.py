"""Turns rows of the store into light spans, fast enough for a hundred thousand at once."""

from array import array
from collections.abc import Callable, Collection, Container, Iterable, Sequence
from typing import Any, cast

import apsw

from agentreplay.model.span import STATUSES, SpanRow
from agentreplay.model.usage import NO_USAGE
from agentreplay.model.values import Value
from agentreplay.store.sqlite.restoring import attributes_of
from agentreplay.store.sqlite.rows import Body, span_id_bytes, trace_id_of, unpack_bag, unpack_shape, unpack_usage

__all__ = ["COLUMNS", "WIDTH", "Names", "Remembered", "read_rows", "to_row", "to_rows"]

COLUMNS = (
    "span.project, span.session, span.trace, span.span_id, span.parent, span.seq, span.start, span.end, span.status, "
    "span.kind, span.name, span.agent, span.model, span.provider, span.tool, span.iteration, span.cost, span.usage"
)
"""What `to_rows` takes, in this order."""

WIDTH = len(COLUMNS.split(","))
"""How many these are; queries may add others behind them."""

_REMEMBERED = 4_000
"""Of each kind, for all readers of a process together; more only where one answer has more."""

_Connected = Callable[[], apsw.Connection]
"""The connection of the thread that asks."""


class Names:
    """What the numbers in rows stand for, remembered: a number never comes to stand for another thing.

    So threads may share what they remember, where each looks up at its own connection.
    """

    def __init__(self, connected: _Connected) -> None:
        self._connected = connected
        self.words = Remembered(connected, "text FROM word")
        self.bags = Remembered(connected, "shape, data FROM bag", self.bag_of)
        self.shapes = Remembered(connected, "data FROM bag", unpack_shape, none=())
        self.sessions = Remembered(connected, "key FROM session")
        self.traces = Remembered(connected, "key FROM trace", trace_id_of)
        self.projects = Remembered(connected, "tenant, name FROM project", tuple)

    def bag_of(self, columns: tuple[int, bytes]) -> dict[str, Value]:
        """A bag from its columns."""
        shape, data = columns
        return unpack_bag(self.shapes[shape], data)

    def attributes(
        self,
        body: Body,
        shape: int | None,
        held: bytes | None,
        context: int | None,
        *,
        only: Container[str] | None = None,
    ) -> dict[str, Value]:
        """The attributes of a span, as `attributes_of`."""
        return attributes_of(self._connected(), body, self.shapes[shape], held, context, only=only)

    def hashes(self, contents: Iterable[int]) -> list[bytes]:
        """The hashes of contents."""
        query = "SELECT hash FROM content WHERE id = ?"
        connection = self._connected()
        return [connection.execute(query, (number,)).get for number in contents]


class Remembered(dict[int | None, Any]):
    """What the numbers of one kind stand for, looked up when it is asked for the first time.

    Another thread may make room at any moment: what was there just now may have to be looked up again.
    """

    def __init__(
        self, connected: _Connected, what: str, convert: Callable[[Any], Any] | None = None, none: object = None
    ) -> None:
        super().__init__({None: none})
        self._connected = connected
        self._query = f"SELECT {what} WHERE id = ?"
        self._many = f"SELECT id, {what} WHERE id IN carray(?)"
        self._convert = convert
        self._none = none

    def __missing__(self, number: int | None) -> Any:
        if number is None:
            return self._none
        value = self._converted(self._connected().execute(self._query, (number,)).get)
        self.learn(number, value)
        return value

    def learn_all(self, numbers: Collection[int | None]) -> None:
        """Look up at once those that are not remembered: of thousands each takes a tenth of the time."""
        missing = self._missing(numbers)
        if self._make_room(len(missing)):
            missing = self._missing(numbers)
        if missing:
            for number, *values in self._connected().execute(self._many, (apsw.carray(missing),)):
                self[number] = self._converted(values[0] if len(values) == 1 else tuple(values))

    def _missing(self, numbers: Collection[int | None]) -> "array[int]":
        return array("q", {number for number in numbers if number is not None and number not in self})

    def _converted(self, value: Any) -> Any:
        return self._convert(value) if self._convert and value is not None else value

    def learn(self, number: int, value: object) -> None:
        """Take it from somebody who has just read it."""
        self._make_room(1)
        self[number] = value

    def _make_room(self, count: int) -> bool:
        """Forget all where so many more would be too many; returns whether that was done."""
        if len(self) + count <= _REMEMBERED:
            return False
        self.clear()
        self[None] = self._none
        return True


def to_rows(names: Names, found: Iterable[Sequence[Any]]) -> list[SpanRow]:
    """The light spans of rows that have these columns and no others."""
    # One loop without a call that could be spared: this is where the time goes when a long session is opened.
    words, traces, sessions, projects = names.words, names.traces, names.sessions, names.projects
    id_bytes, statuses = cast("Callable[[int], Any]", span_id_bytes), cast("Sequence[Any]", STATUSES)
    return [
        SpanRow(
            (owner := projects[project])[0], owner[1], sessions[session], traces[trace], id_bytes(span_id).hex(), start,
            None if parent is None else id_bytes(parent).hex(), words[kind], words[name], end, seq, statuses[status],
            words[agent], iteration, words[model], words[provider], words[tool],
            NO_USAGE if usage is None else unpack_usage(usage), cost,
        )
        for (
            project, session, trace, span_id, parent, seq, start, end, status, kind, name, agent, model, provider, tool,
            iteration, cost, usage,
        ) in found
    ]  # fmt: skip


def to_row(names: Names, columns: Sequence[Any]) -> SpanRow:
    """One light span, from a row that begins with these columns."""
    return to_rows(names, (columns[:WIDTH],))[0]


def read_rows(connection: apsw.Connection, names: Names, clause: str, bindings: Sequence[Any] = ()) -> list[SpanRow]:
    """The light spans that a clause of SQL chooses, in its order."""
    return to_rows(names, connection.execute(f"SELECT {COLUMNS} FROM span {clause}", bindings))  # noqa: S608 - our own text
