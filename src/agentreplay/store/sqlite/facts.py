"""The port `Facts` over SQLite."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from agentreplay.contents.compression import RAW
from agentreplay.errors import StateForgotten
from agentreplay.model.fact import (
    Compacted,
    Draft,
    Fact,
    FactPosition,
    Operation,
    StateKey,
    Transaction,
    after_prefix,
)
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.page import Cursor, Page, PageRequest
from agentreplay.model.score import is_of_agents
from agentreplay.model.time import Clock, Nanoseconds
from agentreplay.settings import Durability
from agentreplay.store.cursors import check_limit, make_cursor, read_cursor
from agentreplay.store.sqlite.connection import connect
from agentreplay.store.sqlite.facts_commit import POSITION, commit
from agentreplay.store.sqlite.facts_compact import compact
from agentreplay.store.sqlite.facts_pictures import whole
from agentreplay.store.sqlite.facts_rows import (
    all_operations_of,
    author_of,
    operations_of,
    plain,
    unpack_numbers,
)
from agentreplay.store.sqlite.numbering import Counter
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.readers import Reader, Readers
from agentreplay.store.sqlite.transactions import writing

__all__ = ["SqliteFacts"]

_SQL = queries("facts")
_FIRST_PAGE = PageRequest()
_START = FactPosition(0)
_PATIENCE = Nanoseconds(30_000_000_000)
_MILLISECOND = 1_000_000
_FIRST_ROWS, _MOST_ROWS, _MOST_BYTES = 16, 256, 256 << 10
"""What is read of the log at once: little first, so that the first comes soon."""


class _Place(NamedTuple):
    """Where a version stands in the log."""

    version: int
    position: FactPosition
    part: int


class SqliteFacts:
    """See the protocol. Commits take turns at a connection of their own."""

    def __init__(self, readers: Readers, durability: Durability, clock: Clock = time.time_ns) -> None:
        self._readers = readers
        self._folder: Path = readers.folder
        self._is_durable = durability == "power"
        self._clock = clock
        self._turn = threading.Lock()
        self._connection: apsw.Connection | None = None

    def commit(self, draft: Draft, patience: Nanoseconds | None = None) -> Transaction:
        """See the protocol."""
        with self._turn:
            connection = self._writer(_PATIENCE if patience is None else patience)
            with writing(connection, self._folder, durable=self._is_durable):
                return commit(connection, draft, self._clock())

    def position(self, moment: Nanoseconds | None = None) -> FactPosition:
        """See the protocol."""
        with self._readers.reading(whole=moment is not None) as reader:
            last = FactPosition(Counter.read(reader.connection, POSITION))
            return last if moment is None else _position_at(reader.connection, last, moment)

    def states(self, tenant: TenantId, project: ProjectId, session: SessionId | None = None) -> Sequence[StateKey]:
        """See the protocol."""
        with self._readers.reading(whole=True) as reader:
            connection, number = reader.connection, reader.project(tenant, project)
            if session is None:
                names = list(connection.execute(_SQL["states"], (number,)))
            else:
                rows = connection.execute(_SQL["states_of_session"], (number, session))
                states = {state for (packed,) in rows for state in unpack_numbers(packed)}
                names = [name for state in states for name in connection.execute(_SQL["state_names"], (state,))]
        return [StateKey(tenant, project, *name) for name in sorted(names) if is_of_agents(name[0])]

    def get(self, state: StateKey, key: str, at: FactPosition | None = None) -> Fact | None:
        """See the protocol."""
        with self._readers.reading(whole=True) as reader:
            found = _find(reader, state, at)
            present = None if found is None else reader.connection.execute(_SQL["present"], (found, key)).fetchone()
            if found is None or present is None:
                return None
            fact, *columns = present
            place = _Place(*columns)
            if at is None or place.position <= at:
                return _fact(reader.connection, found, key, place)
            earlier = _place_at(reader.connection, fact, place, at)
            return None if earlier is None else _fact(reader.connection, found, key, earlier)

    def version(self, state: StateKey, key: str, version: int) -> Fact | None:
        """See the protocol."""
        with self._readers.reading(whole=True) as reader:
            found = _find(reader, state, None)
            present = None if found is None else reader.connection.execute(_SQL["present"], (found, key)).fetchone()
            if found is None or present is None:
                return None
            row = reader.connection.execute(_SQL["version_up_to"], (present[0], version)).fetchone()
            if row is None or row[0] != version:
                return None
            return _fact(reader.connection, found, key, _Place(*row))

    def history(self, state: StateKey, key: str, request: PageRequest = _FIRST_PAGE) -> Page[Fact]:
        """See the protocol."""
        limit = check_limit(request)
        (below,) = read_cursor(request.after, 1) if request.after else (1 << 62,)
        with self._readers.reading(whole=True) as reader:
            found = _find(reader, state, None)
            present = None if found is None else reader.connection.execute(_SQL["present"], (found, key)).fetchone()
            if found is None or present is None:
                return Page(items=())
            rows = list(reader.connection.execute(_SQL["versions_below"], (present[0], below, limit + 1)))
            items = tuple(_fact(reader.connection, found, key, _Place(*row)) for row in rows[:limit])
        return Page(items=items, next=make_cursor(items[-1].version) if len(rows) > limit else None)

    def keys(self, state: StateKey, prefix: str = "", request: PageRequest = _FIRST_PAGE) -> Page[str]:
        """See the protocol."""
        limit = check_limit(request)
        with self._readers.reading(whole=True) as reader:
            found = _find(reader, state, None)
            keys = [] if found is None else _keys(reader.connection, found, prefix, request.after, limit + 1)
        return Page(items=tuple(keys[:limit]), next=Cursor(keys[limit - 1]) if len(keys) > limit else None)

    def find(self, state: StateKey, prefix: str = "", request: PageRequest = _FIRST_PAGE) -> Page[Fact]:
        """See the protocol."""
        with self._readers.reading(whole=True) as reader:
            page, found = self.keys(state, prefix, request), _find(reader, state, None) or 0
            places = [reader.connection.execute(_SQL["present"], (found, key)).fetchone() for key in page.items]
            facts = [
                _fact(reader.connection, found, key, _Place(*place[1:]))
                for key, place in zip(page.items, places, strict=True)
                if place is not None
            ]
        return Page(items=tuple(facts), next=page.next)

    def whole(self, state: StateKey, at: FactPosition | None = None) -> Mapping[str, Fact]:
        """See the protocol."""
        with self._readers.reading(whole=True) as reader:
            found = _find(reader, state, at)
            if found is None:
                return {}
            end = Counter.read(reader.connection, POSITION) if at is None else at
            facts = whole(reader.connection, found, end)
        # Most often they lie in order already, as those of a picture do.
        order = sorted(facts)
        return facts if order == list(facts) else {key: facts[key] for key in order}

    def read(
        self, state: StateKey, after: FactPosition = _START, until: FactPosition | None = None
    ) -> Iterator[Transaction]:
        """See the protocol."""
        return self._read(state, after, self.position() if until is None else until)

    def compact(self, state: StateKey, before: FactPosition, keeping: Sequence[FactPosition] = ()) -> Compacted:
        """See the protocol."""
        with self._turn:
            connection = self._writer(_PATIENCE)
            with writing(connection, self._folder, durable=self._is_durable):
                found = connection.execute(_SQL["find_state"], state).fetchone()
                if found is None:
                    return Compacted(operations=0, horizon=_START)
                number, horizon, kept = found
                return compact(connection, number, (horizon, unpack_numbers(kept)), before, keeping)

    def close(self) -> None:
        """Let go of the connection."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _writer(self, patience: Nanoseconds) -> apsw.Connection:
        """The connection that commits, which waits so long for others; the caller has the turn."""
        if self._connection is None:
            self._connection = connect(self._folder)
        self._connection.set_busy_timeout(max(1, patience // _MILLISECOND))
        return self._connection

    def _read(self, state: StateKey, after: FactPosition, until: FactPosition) -> Iterator[Transaction]:
        """Stretch by stretch, because a reader that stays open keeps the log of the database from being moved."""
        place, rows, left = (int(after), 1 << 62), _FIRST_ROWS, list[Any]()
        while True:
            stretch, is_last = self._stretch(state, place, until, rows)
            left += stretch
            if left:
                place = left[-1][:2]
            # Of the last transaction another part may be to come.
            open_from = len(left) if is_last else next(n for n, row in enumerate(left) if row[0] == place[0])
            yield from _transactions(left[:open_from])
            if is_last:
                return
            left = left[open_from:]
            rows = min(rows * 4, _MOST_ROWS)

    def _stretch(
        self, state: StateKey, place: tuple[int, int], until: FactPosition, most: int
    ) -> tuple[list[Any], bool]:
        """Rows of the log behind a place, and whether they are the last."""
        with self._readers.reading(whole=True) as reader:
            found = _find(reader, state, None)
            if found is None:
                return [], True
            rows: list[Any] = []
            size = 0
            cursor = reader.connection.execute(_SQL["log"], (found, *place, until))
            for row in cursor:
                rows.append(row)
                size += len(row[3])
                if len(rows) == most or size > _MOST_BYTES:
                    cursor.close()
                    return rows, False
            return rows, True


def _transactions(rows: Sequence[Any]) -> Iterator[Transaction]:
    """What the rows tell: those of one position, the parts of one transaction, lie one behind the other."""
    # Unpacked at once, which takes half the time of unpacking each: this is where a replay spends its time.
    parts = all_operations_of([data if codec == RAW else plain(codec, data) for _, _, codec, data, *_ in rows])
    done: tuple[Operation, ...] = ()
    last = len(rows) - 1
    for number, ((position, part, _, _, key, committed, session, trace, span), operations) in enumerate(
        zip(rows, parts, strict=True)
    ):
        if part or done:
            done += operations
        if number < last and rows[number + 1][0] == position:
            done = done or operations
            continue
        author = None if session is None else author_of(session, trace, span)
        yield Transaction(key, position, committed, done or operations, author)
        done = ()


def _find(reader: Reader, state: StateKey, at: FactPosition | None) -> int | None:
    """The number of a state, or None when nobody wrote to it; StateForgotten when it does not know the position."""
    row = reader.connection.execute(_SQL["find_state"], state).fetchone()
    if row is None:
        return None
    number, horizon, packed = row
    if at is not None and at < horizon:
        kept = unpack_numbers(packed)
        if at not in kept:
            told = ", ".join(map(str, kept)) or "none"
            raise StateForgotten(agent=state.agent, position=at, horizon=horizon, kept=told)
    return int(number)


def _fact(connection: apsw.Connection, state: int, key: str, place: _Place) -> Fact:
    version, position, part = place
    [(codec, data, committed)] = connection.execute(_SQL["part"], (state, position, part))
    [done] = [done for done in operations_of(plain(codec, data)) if done.version == version and done.key == key]
    return Fact(key, version, done.value, position, committed, done.is_deleted)


def _place_at(connection: apsw.Connection, fact: int, present: _Place, at: FactPosition) -> _Place | None:
    """The version that held at a position: positions grow with versions, so halving finds it."""
    low, high = 0, present.version - 1
    found: _Place | None = None
    while low < high:
        middle = (low + high + 1) // 2
        row = connection.execute(_SQL["version_up_to"], (fact, middle)).fetchone()
        if row is None or row[1] <= at:
            low, found = middle, None if row is None else _Place(*row)
        else:
            high = row[0] - 1
    if low and (found is None or found.version != low):
        row = connection.execute(_SQL["version_up_to"], (fact, low)).fetchone()
        found = None if row is None or row[1] > at else _Place(*row)
    return found


def _position_at(connection: apsw.Connection, last: FactPosition, moment: Nanoseconds) -> FactPosition:
    """The last position by a moment: times grow with positions, so halving finds it."""
    low, high = 0, int(last)
    while low < high:
        middle = (low + high + 1) // 2
        position, committed = connection.execute(_SQL["moment"], (middle,)).fetchone() or (0, 0)
        if committed <= moment:
            low = middle
        else:
            high = position - 1
    return FactPosition((connection.execute(_SQL["moment"], (low,)).fetchone() or (0, 0))[0])


def _keys(connection: apsw.Connection, state: int, prefix: str, after: str | None, limit: int) -> list[str]:
    end = after_prefix(prefix)
    bindings = (state, after or "", prefix)
    if end is None:
        return [key for (key,) in connection.execute(_SQL["keys"], (*bindings, limit))]
    return [key for (key,) in connection.execute(_SQL["keys_before"], (*bindings, end, limit))]
