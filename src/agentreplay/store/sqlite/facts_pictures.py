"""Pictures of states: taken often enough that any past state costs no more to tell than its own size asks for.

One is taken wherever the log behind the last one has grown as long as that picture, and longer than a little. So all
pictures together are never larger than the log, and behind the last one before any place there is never more to run
through than a picture holds.
"""

from collections.abc import Iterable

import apsw

from agentreplay.model.fact import Fact, FactPosition, Operation
from agentreplay.model.time import Nanoseconds
from agentreplay.store.sqlite.facts_rows import operations_of, pack_picture, plain, unpack_picture
from agentreplay.store.sqlite.queries import queries

__all__ = ["due", "repaint", "whole"]

_SQL = queries("facts")
_A_LITTLE = 96 << 10
_EVER = (1 << 63) - 1


def whole(connection: apsw.Connection, state: int, at: FactPosition | int) -> dict[str, Fact]:
    """What each key held at a position, in no order; deleted ones are not there."""
    picture = connection.execute(_SQL["picture"], (state, at)).fetchone()
    if picture is None:
        facts, start = dict[str, Fact](), 0
    else:
        start, _, codec, data = picture
        facts = {fact.key: fact for fact in unpack_picture(codec, data)}
    for position, committed, codec, data in connection.execute(_SQL["changes"], (state, start, at)):
        _apply(facts, position, committed, operations_of(plain(codec, data)))
    return facts


def due(connection: apsw.Connection, state: int, unpictured: int) -> bool:
    """Whether the log behind the last picture is long enough for another."""
    if unpictured < _A_LITTLE:
        return False
    return unpictured >= (connection.execute(_SQL["picture_size"], (state,)).get or 0)


def repaint(connection: apsw.Connection, state: int, after: FactPosition | int = _EVER) -> None:
    """Take the pictures that are due behind a position, anew where there were some."""
    connection.execute(_SQL["drop_pictures"], (state, after, _EVER))
    picture = connection.execute(_SQL["picture"], (state, _EVER)).fetchone()
    facts: dict[str, Fact] = {}
    start = size = unpictured = last = 0
    if picture is not None:
        start, size, codec, data = picture
        facts = {fact.key: fact for fact in unpack_picture(codec, data)}
    # What is read is not what is written, so the walk may go on while pictures are put down.
    for position, committed, codec, data in connection.execute(_SQL["changes"], (state, start, _EVER)):
        if position != last and unpictured >= max(_A_LITTLE, size):
            size, unpictured = _take(connection, state, last, facts), 0
        raw = plain(codec, data)
        _apply(facts, position, committed, operations_of(raw))
        unpictured += len(raw)
        last = position
    if unpictured >= max(_A_LITTLE, size):
        _take(connection, state, last, facts)
        unpictured = 0
    connection.execute(_SQL["set_unpictured"], (unpictured, state))


def _take(connection: apsw.Connection, state: int, position: int, facts: dict[str, Fact]) -> int:
    size, codec, data = pack_picture(facts[key] for key in sorted(facts))
    connection.execute(_SQL["add_picture"], (state, position, size, codec, data))
    return size


def _apply(
    facts: dict[str, Fact], position: FactPosition, committed: Nanoseconds, operations: Iterable[Operation]
) -> None:
    for done in operations:
        if done.is_deleted:
            facts.pop(done.key, None)
        else:
            facts[done.key] = Fact(done.key, done.version, done.value, position, committed)
