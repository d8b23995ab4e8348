"""Pictures of states: taken often enough that any past state costs no more to tell than its own size asks for.

One is taken wherever the log behind the last one has grown as long as that picture, or half as long where it takes less
than a quarter when it is compressed, and longer than a little. So all pictures together never take more than twice what
the log does, and behind the last one before any place there is never more to run through than a picture holds, and
most often no more than half.
"""

from collections.abc import Iterable
from typing import Any

import apsw

from agentreplay.model.fact import Fact, FactPosition, Operation
from agentreplay.model.time import Nanoseconds
from agentreplay.store.sqlite.facts_rows import all_operations_of, operations_of, pack_picture, plain, unpack_picture
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
    rows: list[Any] = list(connection.execute(_SQL["changes"], (state, start, at)))
    # Unpacked at once, which takes less time than unpacking each; of one picture's length there is no more than that.
    parts = all_operations_of([plain(codec, data) for _, _, codec, data in rows])
    for (position, committed, _, _), operations in zip(rows, parts, strict=True):
        _apply(facts, position, committed, operations)
    return facts


def due(connection: apsw.Connection, state: int, unpictured: int) -> bool:
    """Whether the log behind the last picture is long enough for another."""
    if unpictured < _A_LITTLE:
        return False
    return unpictured >= _enough(*(connection.execute(_SQL["picture_size"], (state,)).fetchone() or (0, 0)))


def repaint(connection: apsw.Connection, state: int, after: FactPosition | int = _EVER) -> None:
    """Take the pictures that are due behind a position, anew where there were some."""
    connection.execute(_SQL["drop_pictures"], (state, after, _EVER))
    picture = connection.execute(_SQL["picture"], (state, _EVER)).fetchone()
    facts: dict[str, Fact] = {}
    start = size = unpictured = last = 0
    if picture is not None:
        start, size, codec, data = picture
        size = _enough(size, len(data))
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
    return _enough(size, len(data))


def _enough(size: int, stored: int) -> int:
    """So long has the log to be behind a picture for another one. To take one is work, however little it takes then."""
    return max(size // 2, min(size, 2 * stored))


def _apply(
    facts: dict[str, Fact], position: FactPosition, committed: Nanoseconds, operations: Iterable[Operation]
) -> None:
    for done in operations:
        if done.is_deleted:
            facts.pop(done.key, None)
        else:
            facts[done.key] = Fact(done.key, done.version, done.value, position, committed)
