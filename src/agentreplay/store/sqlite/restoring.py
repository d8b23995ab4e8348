"""Gives a span those attributes again that only say what its contents say."""

from collections.abc import Container, Iterable, Sequence
from functools import cache

import apsw

from agentreplay.contents.echoes import make_again
from agentreplay.errors import ValueInvalid
from agentreplay.model.values import Value
from agentreplay.store.sqlite.blocks import cut
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.rows import Body, unpack_held

__all__ = ["Payload", "attributes_of"]

_SQL = queries("contents")


class Payload:
    """The contents and messages of a span, read when they are asked for; None is one that is not there."""

    def __init__(self, connection: apsw.Connection, held: Sequence[int], context: int | None) -> None:
        """`held` are those with a role."""
        self._connection = connection
        self._held = held
        self._context = context
        self._blocks: dict[int, tuple[int, bytes] | None] = {}

    def content(self, place: int) -> bytes | None:
        """The content at a place among those with a role."""
        if place >= len(self._held):
            return None
        row = self._connection.execute(_SQL["place"], (self._held[place],)).fetchone()
        return None if row is None else self._bytes(*row)

    def messages(self) -> list[bytes]:
        """The messages of the context; none, when not all are there."""
        if self._context is None:
            return []
        rows = list(self._connection.execute(_SQL["messages"], (self._context,)))
        if not rows or rows[-1][-1] is not None:
            return []
        told = [self._bytes(*row[:3]) for row in reversed(rows)]
        return [] if None in told else [data for data in told if data is not None]

    def _bytes(self, block: int | None, start: int, size: int) -> bytes | None:
        """A content from where it lies. One that is damaged says so when it is asked for itself."""
        if block is None:
            return None
        if block not in self._blocks:
            found: tuple[int, bytes] | None = self._connection.execute(_SQL["block"], (block,)).fetchone()
            self._blocks[block] = found
        packed = self._blocks[block]
        try:
            return None if packed is None else cut(*packed, start, size)
        except ValueInvalid:
            return None


def attributes_of(  # noqa: PLR0913 - what is in the row of a span
    connection: apsw.Connection,
    body: Body,
    names: Iterable[str],
    held: bytes | None,
    context: int | None,
    *,
    only: Container[str] | None = None,
) -> dict[str, Value]:
    """All attributes in their order; where the contents are gone, those that said the same are too.

    Of those that say again what contents say, there may be `only` some that are wanted.
    """
    told = dict(zip(names, body.values, strict=True))
    if not body.echoes:
        return told
    payload = Payload(connection, unpack_held(held)[: len(body.roles)], context)
    messages = cache(payload.messages)
    for name, (_, _, echo) in zip(body.echoing(list(told)), body.echoes, strict=True):
        is_wanted = not body.erased and (only is None or name in only)
        text = make_again(echo, payload.content, messages) if is_wanted else None
        if text is None:
            del told[name]
        else:
            told[name] = text
    return told
