"""Writes sessions: what their writer told, what their spans add up to, and what they are found by."""

from collections.abc import Collection
from typing import NamedTuple

import apsw

from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.session import SESSION_STATUSES, Session, SessionRow, Summary
from agentreplay.model.values import decode, encode
from agentreplay.store.sqlite.numbering import Numbering
from agentreplay.store.sqlite.queries import queries

__all__ = ["FACETS", "Stored", "drop_session", "label_word", "load", "session_row", "write_session"]

_SQL = queries("write")
FACETS = {"agent": 1, "source": 2, "label": 3, "model": 4, "tool": 5}
"""What a session is found by, and its number in session_facet."""


class Stored(NamedTuple):
    """A session as it stands in the store."""

    row: SessionRow
    is_told: bool
    """Whether a writer told of it, or it only has spans."""
    position: int
    started: int | None
    """As its facets have it; None when it is new."""


def label_word(key: str, value: str) -> str:
    """A label as one word."""
    return f"{key}\x1f{value}"


def _facets_of(row: SessionRow) -> set[tuple[int, str]]:
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
    session = _untold(tenant, project, key) if told is None else decode(told, Session)
    return SessionRow(session=session, summary=decode(summary, Summary))


def load(connection: apsw.Connection, number: int, tenant: str, project: str, key: str) -> Stored:
    """The session, or one of which nothing is known yet."""
    found = connection.execute(_SQL["load_session"], (number,)).fetchone()
    if found is None:
        row = SessionRow(session=_untold(tenant, project, key), summary=Summary())
        return Stored(row, is_told=False, position=0, started=None)
    told, summary, started, position = found
    row = session_row(told, summary, tenant, project, key)
    return Stored(row, told is not None, position, started)


def _untold(tenant: str, project: str, key: str) -> Session:
    return Session(tenant=TenantId(tenant), project=ProjectId(project), id=SessionId(key))


def write_session(
    connection: apsw.Connection,
    numbering: Numbering,
    numbers: tuple[int, int],
    before: Stored,
    after: SessionRow,
    position: int,
    *,
    is_told: bool,
) -> None:
    """Write a session, numbered (project, session), and let it be found by what it is now."""
    project, number = numbers
    summary = after.summary
    row = (
        number, project, after.session.id, position, after.started, SESSION_STATUSES.index(after.status),
        _small(summary.cost), summary.usage.total, _small(summary.duration), summary.spans,
        encode(after.session) if is_told else None, encode(summary),
    )  # fmt: skip
    connection.execute(_SQL["put_session"], row)
    old = _facets_of(before.row) if before.started is not None else set()
    new = _facets_of(after)
    if before.started == after.started:
        old, new = old - new, new - old
    _write_facets(connection, numbering, "drop_facet", numbers, old, before.started)
    _write_facets(connection, numbering, "add_facet", numbers, new, after.started)


def drop_session(
    connection: apsw.Connection, numbering: Numbering, numbers: tuple[int, int], before: Stored
) -> None:
    """Remove the row of a session, and all it was found by."""
    _write_facets(connection, numbering, "drop_facet", numbers, _facets_of(before.row), before.started)
    connection.execute(_SQL["drop_session"], (numbers[1],))


def _write_facets(
    connection: apsw.Connection,
    numbering: Numbering,
    query: str,
    numbers: tuple[int, int],
    facets: Collection[tuple[int, str]],
    started: int | None,
) -> None:
    project, session = numbers
    words = numbering.words([text for _, text in facets])
    keys = zip([facet for facet, _ in facets], words, strict=True)
    connection.executemany(_SQL[query], [(project, facet, word, started, session) for facet, word in keys])


def _small(value: int) -> int:
    """The value within 64 bits; the exact one is in the summary."""
    return max(-(1 << 63), min((1 << 63) - 1, value))
