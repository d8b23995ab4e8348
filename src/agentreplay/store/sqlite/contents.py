"""The ports `Contents` and `Contexts` over SQLite."""

from collections.abc import Sequence

from blake3 import blake3

from agentreplay.errors import ChecksumMismatch, ValueInvalid
from agentreplay.model.content import Content
from agentreplay.model.context import ContextLink
from agentreplay.model.ids import ContentHash, ContextId, TenantId
from agentreplay.store.sqlite.blocks import cut
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.readers import Readers
from agentreplay.store.sqlite.rows import hash_prefix

__all__ = ["SqliteContents", "SqliteContexts"]

_SQL = queries("contents")


class SqliteContents:
    """See the protocol."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def get(self, tenant: TenantId, content: ContentHash) -> Content | None:
        """See the protocol."""
        digest = bytes.fromhex(content)
        with self._readers.reading() as reader:
            row = reader.connection.execute(_SQL["content"], (hash_prefix(digest), tenant, digest)).fetchone()
        if row is None:
            return None
        media, *place = row
        try:
            data = cut(*place)
        except ValueInvalid as error:
            raise ChecksumMismatch(content=content) from error
        if blake3(data).digest() != digest:
            raise ChecksumMismatch(content=content)
        return Content(hash=content, data=data, media=media)


class SqliteContexts:
    """See the protocol."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def read(self, tenant: TenantId, context: ContextId) -> Sequence[ContextLink]:
        """See the protocol."""
        key = bytes.fromhex(context)
        with self._readers.reading() as reader:
            rows = list(reader.connection.execute(_SQL["context"], (hash_prefix(key), tenant, key)))
        if not rows or rows[-1][1] is None or rows[-1][2] is not None:
            # A link is still to come: half a context would look like another one.
            return ()
        ids = [ContextId(row[0].hex()) for row in rows]
        return tuple(
            ContextLink(id=one, message=ContentHash(row[1].hex()), previous=previous)
            for one, row, previous in reversed(list(zip(ids, rows, [*ids[1:], None], strict=True)))
        )
