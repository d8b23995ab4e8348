"""Finds the session of spans that name none: it is the one that other spans of their trace name.

A span names no session where it is told in one that bears the id of its trace. It follows the session that the spans
of its trace do name, the first by its id where they name several, and comes along when that is learned later; so
where it ends up depends on what was told, and not on the order or in how many parts.
"""

import apsw

from agentreplay.store.sqlite.measuring import Rollups
from agentreplay.store.sqlite.places import homes_of, order_key
from agentreplay.store.sqlite.prepared import PreparedSpan
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.settling import settle, spans_where
from agentreplay.store.sqlite.work import Known, Work

__all__ = ["Following"]

_SQL = queries("write")
_TRACE_DIGITS = 32


class Following:
    """Keeps spans that name no session with their traces. Valid inside a write transaction."""

    def __init__(self, connection: apsw.Connection, rollups: Rollups) -> None:
        self._connection = connection
        self._rollups = rollups

    def named(self, work: Work, span: PreparedSpan, known: Known) -> PreparedSpan:
        """The new telling of an open span: one that names no session does not take back that another one did."""
        if known.follows or not span.follows:
            return span
        name = self._connection.execute(_SQL["key_of_session"], (known.session,)).get
        return span._replace(session=work.place_of(span.project, name, known.session), follows=False)

    def lead(self, work: Work) -> None:
        """Bring what arrived to the sessions of its traces, and note which these are."""
        homes = homes_of(work.arrived.values(), work.prepared.sessions)
        known: dict[int, int | None] = {}
        changed = {
            span.trace
            for span, found in work.replaced
            if not found.follows and found.session != work.sessions[span.session]
        }
        for trace in {span.trace: None for span in work.arrived.values() if work.trace_stored[span.trace]}:
            known[trace], home = self._stored_home(work, trace, is_changed=trace in changed)
            if home is not None and (trace not in homes or self._is_before(work, home, homes[trace])):
                homes[trace] = home
        found = {trace: work.sessions[place] for trace, place in homes.items()}
        fresh = [(session, work.traces[trace]) for trace, session in found.items() if known.get(trace) != session]
        self._connection.executemany(_SQL["put_home"], fresh)
        work.moves = [(trace, session) for trace, session in found.items() if known.get(trace) != session]
        self._lead(work, homes)

    def tellable(self, work: Work) -> list[tuple[int, bytes]]:
        """What is told of sessions, but for those that bear the id of a trace whose spans are elsewhere."""
        return [(place, data) for place, data in work.prepared.tellings if not self._is_left(work, place)]

    def move(self, work: Work) -> bool:
        """Bring what is stored to the sessions of its traces; says whether there was anything to bring."""
        has_moved = False
        for trace, home in work.moves:
            project, key = work.prepared.traces[trace]
            own = self._connection.execute(_SQL["untell_session"], (work.projects[project], key.hex())).get
            where = "span.trace = ? AND span.follows AND span.session != ?"
            is_stored = work.trace_stored[trace]
            found = spans_where(self._connection, where, (work.traces[trace], home)) if is_stored else []
            if found or own is not None:
                has_moved = True
                moved = [(one, one.row._replace(session=home)) for one in found]
                left: set[int] = set() if own is None else {own}
                work.position = settle(self._connection, self._rollups, moved, work.position, left)
        return has_moved

    def _stored_home(self, work: Work, trace: int, *, is_changed: bool) -> tuple[int | None, int | None]:
        """The number of the session that a stored trace named, and the place of the one it still names."""
        number = work.traces[trace]
        row = self._connection.execute(_SQL["home"], (number,)).fetchone()
        if row is None:
            return None, None
        project = work.prepared.traces[trace][0]
        if not is_changed:
            return row[0], work.place_of(project, row[1], row[0])
        replaced = {found.number for _, found in work.replaced}
        names = self._connection.execute(_SQL["named_sessions"], (number,))
        rest = {(key, session) for session, key, span in names if span not in replaced}
        if not rest:
            return row[0], None
        key, session = min(rest)
        return row[0], work.place_of(project, key, session)

    @staticmethod
    def _is_before(work: Work, place: int, other: int) -> bool:
        names = work.prepared.sessions
        return names[place][1] < names[other][1]

    def _lead(self, work: Work, homes: dict[int, int]) -> None:
        led: dict[int, PreparedSpan] = {}
        for place, span in work.arrived.items():
            if span.follows:
                home = homes.get(span.trace)
                wanted = self._own_place(work, span.trace) if home is None else home
                if wanted != span.session:
                    led[place] = span._replace(session=wanted)
        if not led:
            return
        work.is_led = True
        work.replace(led)
        keys = work.prepared.traces
        places = [
            (span.session, order_key(span.start, span.told_seq, keys[span.trace][1], span.span_id), place)
            for place, span in work.arrived.items()
        ]
        work.prepared.order = [place for _, _, place in sorted(places)]

    @staticmethod
    def _own_place(work: Work, trace: int) -> int:
        """The place of the session that bears the id of a trace; whoever told a span in it gave it one."""
        project, key = work.prepared.traces[trace]
        return work.place_of(project, key.hex(), 0)

    def _is_left(self, work: Work, place: int) -> bool:
        project, name = work.prepared.sessions[place]
        if len(name) != _TRACE_DIGITS:
            return False
        try:
            key = bytes.fromhex(name)
        except ValueError:
            return False
        return self._connection.execute(_SQL["has_home"], (work.projects[project], key)).get is not None
