"""Writes sessions: what their writer told, what their spans add up to, and what they are found by."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import apsw
import msgspec

from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.session import SESSION_STATUSES, Session, SessionRow, Summary
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import decoder, encode, spelled_out
from agentreplay.store.sqlite.numbering import Numbering
from agentreplay.store.sqlite.queries import queries

__all__ = ["FACETS", "EncodedSession", "Stored", "Tellings", "label_word", "load", "session_rows", "unknown", "untold"]

_SQL = queries("write")
_rows = decoder(tuple[SessionRow, ...])
_force = msgspec.structs.force_setattr
_ARRAY = b"\xdd"
"""MessagePack's mark of an array whose length is in the next four bytes."""
_SESSION = b"\x82" + encode("session")
"""A map of two, and its first key."""
_SUMMARY = encode("summary")
FACETS = {"agent": 1, "source": 2, "label": 3, "model": 4, "tool": 5, "origin": 6, "folder": 7}
"""What a session is found by, and its number in session_facet."""

EncodedSession = tuple[bytes, bytes]
"""What was told and the summary, as they lie in the store."""

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
    if session.origin is not None:
        found.add((FACETS["origin"], spelled_out(session.origin.session)))
    if session.program is not None and session.program.cwd:
        found.add((FACETS["folder"], spelled_out(session.program.cwd)))
    found.update((FACETS["label"], label_word(key, value)) for key, value in session.labels.items())
    found.update((FACETS["model"], model) for model in summary.models)
    found.update((FACETS["tool"], tool) for tool in summary.tools)
    return found


def session_rows(found: Collection[EncodedSession]) -> tuple[SessionRow, ...]:
    """Sessions from their encoded halves, in their order."""
    # One array of SessionRow, so that a page is one call of the decoder and not two for each session.
    parts = [_ARRAY, len(found).to_bytes(4)]
    for told, summary in found:
        parts += (_SESSION, told, _SUMMARY, summary)
    rows = _rows(b"".join(parts))
    for row in rows:
        summed = row.summary
        if summed.usage is NO_USAGE and len(summed.model_usage) == 1:
            [usage] = summed.model_usage.values()
            _force(summed, "usage", usage)
    return rows


def untold(names: Sequence[str]) -> bytes:
    """What stands in for the telling of a session that only has spans; its names are tenant, project and id."""
    return encode(_untold(*names))


def _pack_summary(summary: Summary) -> bytes:
    """The summary, encoded; where one model used all that was used, this is said once."""
    if len(summary.model_usage) == 1 and _usage_of_one(summary) == summary.usage:
        summary = msgspec.structs.replace(summary, usage=NO_USAGE)
    return encode(summary)


def _usage_of_one(summary: Summary) -> Usage:
    (usage,) = summary.model_usage.values()
    return usage


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
    (row,) = session_rows([(told or untold((tenant, project, key)), summary)])
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
            encode(row.session) if after.is_told else None, _pack_summary(summary),
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

    def flush(self) -> Collection[int]:
        """Write all that was put and dropped, and say by which words something is found no more."""
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
        return words[:dropped]


def _untold(tenant: str, project: str, key: str) -> Session:
    return Session(tenant=TenantId(tenant), project=ProjectId(project), id=SessionId(key))


def _small(value: int) -> int:
    """The value within 64 bits; the exact one is in the summary."""
    return max(-(1 << 63), min((1 << 63) - 1, value))
