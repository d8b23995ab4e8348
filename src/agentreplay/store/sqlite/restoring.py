"""Gives a span those attributes again that only say what its contents say."""

from collections.abc import Container, Iterable, Sequence
from functools import cache
from typing import Any

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

    def content(self, place: int) -> bytes | None:
        """The content at a place among those with a role."""
        if place >= len(self._held):
            return None
        return _bytes(self._connection.execute(_SQL["place"], (self._held[place],)).fetchone())

    def messages(self) -> list[bytes]:
        """The messages of the context; none, when not all are there."""
        if self._context is None:
            return []
        told = [_bytes(row) for row in self._connection.execute(_SQL["messages"], (self._context,))]
        return [] if None in told else [data for data in reversed(told) if data is not None]


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


def _bytes(row: Sequence[Any] | None) -> bytes | None:
    """A content from where it lies. One that is damaged says so when it is asked for itself."""
    if row is None or row[1] is None:
        return None
    try:
        return cut(*row)
    except ValueInvalid:
        return None
