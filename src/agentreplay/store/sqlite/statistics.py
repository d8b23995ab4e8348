"""What the embedded store says of itself."""

from pathlib import Path

import apsw

from agentreplay.model.receipt import Statistics
from agentreplay.store.sqlite.numbering import Counter
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.rows import ERROR_MEDIA, nanoseconds
from agentreplay.store.sqlite.transactions import database_of

__all__ = ["statistics"]

_SQL = queries("statistics")


def statistics(connection: apsw.Connection, folder: Path, *, deep: bool) -> Statistics:
    """See Store.statistics."""

    def number(query: str, *bindings: object) -> int:
        return int(connection.execute(_SQL[query], bindings).get or 0)

    path = database_of(folder)
    log = path.with_name(path.name + "-wal")
    contents, content_bytes = connection.execute(_SQL["contents"], (ERROR_MEDIA,)).fetchone() or (0, 0)
    page_size = connection.pragma("page_size")
    return Statistics(
        sessions=number("sessions"),
        spans=number("spans"),
        contents=contents,
        links=number("links"),
        bytes=path.stat().st_size,
        table_bytes=dict(connection.execute(_SQL["tables"])) if deep else {},
        free_bytes=connection.pragma("freelist_count") * page_size,
        wal_bytes=log.stat().st_size if log.exists() else 0,
        content_bytes=content_bytes or 0,
        stored_bytes=number("blocks"),
        held_bytes=number("held", ERROR_MEDIA) if deep else 0,
        conflicts=Counter.read(connection, Counter.CONFLICTS),
        oldest=nanoseconds(connection.execute(_SQL["oldest"]).get),
        newest=nanoseconds(connection.execute(_SQL["newest"]).get),
    )
