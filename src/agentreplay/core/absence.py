"""Marks the sessions of writers on other machines that went away without a word, and takes it back when one returns.

On this machine a lock tells whether a writer lives (see `live`); of another one only that it is heard of.
"""

from collections.abc import Iterable

import msgspec

from agentreplay.core.uploads import FINISHED
from agentreplay.model.batch import Batch
from agentreplay.model.session import SessionKey
from agentreplay.store.protocol import Sessions

__all__ = ["interrupted", "resumed"]


def interrupted(sessions: Sessions, keys: Iterable[SessionKey]) -> Batch:
    """What marks those of the sessions that are unfinished; append it."""
    rows = [row for key in keys if (row := sessions.get(key)) is not None and row.session.status not in FINISHED]
    # By the writer's own clock and not by ours: whatever it tells when it returns must count for more.
    return Batch(
        sessions=tuple(
            msgspec.structs.replace(row.session, status="interrupted", revision=row.session.revision + 1)
            for row in rows
        )
    )


def resumed(sessions: Sessions, keys: Iterable[SessionKey]) -> Batch:
    """What takes the mark from those that still have it; append it."""
    rows = [row for key in keys if (row := sessions.get(key)) is not None and row.session.status == "interrupted"]
    return Batch(
        sessions=tuple(
            msgspec.structs.replace(row.session, status=None, revision=row.session.revision + 1) for row in rows
        )
    )
