"""Writes sessions: what their writer told, what their spans add up to, and what they are found by."""

from typing import Any, NamedTuple

import apsw

from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.session import SESSION_STATUSES, Session, SessionRow, Summary
from agentreplay.model.values import decoder, encode
from agentreplay.store.sqlite.numbering import Numbering
from agentreplay.store.sqlite.queries import queries

__all__ = ["FACETS", "Stored", "Tellings", "label_word", "load", "session_row", "unknown"]

_SQL = queries("write")
_session = decoder(Session)
_summary = decoder(Summary)
FACETS = {"agent": 1, "source": 2, "label": 3, "model": 4, "tool": 5}
"""What a session is found by, and its number in session_facet."""

_Facet = tuple[int, str]
"""What it is found by, as a number, and the text."""


class Stored(NamedTuple):
    """A session as it stands in the store."""

    row: SessionRow
    is_told: bool
    """Whether a writer told of it, or it only has spans."""
    position: int
    started: int | None
    """As its facets have it; None when it has none."""
    is_stored: bool = True


def label_word(key: str, value: str) -> str:
    """A label as one word."""
    return f"{key}\x1f{value}"


def _facets_of(row: SessionRow) -> set[_Facet]:
    """What the session is found by."""
    session, summary = row.session, row.summary
    found = {(FACETS["agent"], agent) for agent in summary.agents}
    if session.agent is not None:
        found.add((FACETS["agent"], session.agent))
    if session.source:
        found.add((FACETS["source"], session.source))
    found.update((FACETS["label"], label_word(key, value)) for key, value in session.labels.items())
    found.update((FACETS["model"], model) for model in summary.models)
    found.update((FACETS["tool"], tool) for tool in summary.tools)
    return found


def session_row(told: bytes | None, summary: bytes, tenant: str, project: str, key: str) -> SessionRow:
    """A session from its two encoded halves."""
    session = _untold(tenant, project, key) if told is None else _session(told)
    return SessionRow(session=session, summary=_summary(summary))


def unknown(tenant: str, project: str, key: str) -> Stored:
    """A session of which nothing is known yet."""
    row = SessionRow(session=_untold(tenant, project, key), summary=Summary())
    return Stored(row, is_told=False, position=0, started=None, is_stored=False)


def load(connection: apsw.Connection, number: int, tenant: str, project: str, key: str) -> Stored:
    """The session as it stands, or as unknown."""
    found = connection.execute(_SQL["load_session"], (number,)).fetchone()
    if found is None:
        return unknown(tenant, project, key)
    told, summary, started, position = found
    row = session_row(told, summary, tenant, project, key)
    return Stored(row, told is not None, position, started)


class Tellings:
    """Sessions on their way into the store, written together when `flush` is called."""

    def __init__(self, connection: apsw.Connection, numbering: Numbering) -> None:
        self._connection = connection
        self._numbering = numbering
        self._fresh: list[tuple[Any, ...]] = []
        self._rows: list[tuple[Any, ...]] = []
        self._dropped: list[tuple[int, int, str, int | None, int]] = []
        self._added: list[tuple[int, int, str, int | None, int]] = []
        self._gone: list[tuple[int]] = []

    def put(self, numbers: tuple[int, int], before: Stored, after: Stored) -> None:
        """Write a session, numbered (project, session), and let it be found by what it is now."""
        project, number = numbers
        row = after.row
        summary, started = row.summary, row.started
        columns = (
            after.position, started, SESSION_STATUSES.index(row.status), _small(summary.cost),
            _small(summary.usage.total), _small(summary.duration), summary.spans,
            encode(row.session) if after.is_told else None, encode(summary),
        )  # fmt: skip
        if before.is_stored:
            self._rows.append((*columns, number))
        else:
            self._fresh.append((number, project, row.session.id, *columns))
        old: set[_Facet] = _facets_of(before.row) if before.started is not None else set()
        new = _facets_of(row)
        if before.started == started:
            old, new = old - new, new - old
        self._dropped += [(project, facet, text, before.started, number) for facet, text in old]
        self._added += [(project, facet, text, started, number) for facet, text in new]

    def drop(self, numbers: tuple[int, int], before: Stored) -> None:
        """Remove a session, and all it was found by."""
        project, number = numbers
        self._dropped += [(project, facet, text, before.started, number) for facet, text in _facets_of(before.row)]
        self._gone.append((number,))

    def flush(self) -> None:
        """Write all that was put and dropped."""
        facets = [*self._dropped, *self._added]
        words = self._numbering.words([text for _, _, text, _, _ in facets])
        rows = [
            (project, facet, word, started, number)
            for (project, facet, _, started, number), word in zip(facets, words, strict=True)
        ]
        dropped = len(self._dropped)
        self._connection.executemany(_SQL["add_session"], self._fresh)
        self._connection.executemany(_SQL["put_session"], self._rows)
        self._connection.executemany(_SQL["drop_facet"], rows[:dropped])
        self._connection.executemany(_SQL["add_facet"], rows[dropped:])
        self._connection.executemany(_SQL["drop_session"], self._gone)
        self._fresh, self._rows, self._dropped, self._added, self._gone = [], [], [], [], []


def _untold(tenant: str, project: str, key: str) -> Session:
    return Session(tenant=TenantId(tenant), project=ProjectId(project), id=SessionId(key))


def _small(value: int) -> int:
    """The value within 64 bits; the exact one is in the summary."""
    return max(-(1 << 63), min((1 << 63) - 1, value))
