"""Deletes what was written in a project, a session or a trace: the states are as if it had never been."""

from collections.abc import Iterable
from typing import assert_never

import apsw

from agentreplay.model.receipt import Target
from agentreplay.store.sqlite.facts_compact import sweep
from agentreplay.store.sqlite.facts_pictures import repaint
from agentreplay.store.sqlite.facts_rows import operations_of, plain, unpack_numbers
from agentreplay.store.sqlite.queries import queries

__all__ = ["remove_facts"]

_SQL = queries("facts")
_EVER = (1 << 63) - 1


def remove_facts(connection: apsw.Connection, target: Target) -> int:
    """Delete within the caller's transaction, and say how many versions went."""
    project = connection.execute(_SQL["find_project"], (target.tenant, target.project)).get
    if project is None:
        return 0
    match target.what:
        case "project":
            return _remove_project(connection, project)
        case "payload":
            return 0
        case "session" | "trace":
            return _remove_written(connection, project, target)
        case _:
            assert_never(target.what)


def _remove_written(connection: apsw.Connection, project: int, target: Target) -> int:
    trace = bytes.fromhex(target.trace_id or "")
    if target.what == "session":
        found = connection.execute(_SQL["of_session"], (project, target.session))
    elif target.session is None:
        found = connection.execute(_SQL["of_trace"], (project, trace))
    else:
        found = connection.execute(_SQL["of_trace_in_session"], (project, trace, target.session))
    doomed: dict[int, list[int]] = {}
    for position, states in list(found):
        for state in unpack_numbers(states):
            doomed.setdefault(state, []).append(position)
    return sum(_remove(connection, state, positions) for state, positions in doomed.items())


def _remove_project(connection: apsw.Connection, project: int) -> int:
    removed = 0
    for (state,) in list(connection.execute(_SQL["states_of_project"], (project,))):
        removed += connection.execute(_SQL["count_versions"], (state,)).get or 0
        connection.execute(_SQL["drop_pictures"], (state, 0, _EVER))
        for query in ("drop_versions_of_state", "drop_facts_of_state", "drop_log_of_state", "drop_state"):
            connection.execute(_SQL[query], (state,))
    connection.execute(_SQL["drop_transactions_of_project"], (project,))
    return removed


def _remove(connection: apsw.Connection, state: int, positions: Iterable[int]) -> int:
    """Take these transactions out of a state."""
    keys: set[str] = set()
    removed = 0
    for position in positions:
        for codec, data in list(connection.execute(_SQL["parts"], (state, position))):
            operations = operations_of(plain(codec, data))
            connection.executemany(_SQL["drop_version"], [(state, done.key, done.version) for done in operations])
            keys.update(done.key for done in operations)
            removed += len(operations)
        connection.execute(_SQL["drop_parts"], (state, position))
        sweep(connection, position)
    for key in keys:
        _hold_what_is_left(connection, state, key)
    repaint(connection, state, min(positions))
    if connection.execute(_SQL["is_stated"], (state,)).get is None:
        connection.execute(_SQL["drop_state"], (state,))
    return removed


def _hold_what_is_left(connection: apsw.Connection, state: int, key: str) -> None:
    fact, highest, *_ = connection.execute(_SQL["present"], (state, key)).fetchone() or (0, 0)
    row = connection.execute(_SQL["version_up_to"], (fact, highest)).fetchone()
    if row is None:
        connection.execute(_SQL["drop_fact"], (fact,))
        return
    version, position, part = row
    [(codec, data, _)] = connection.execute(_SQL["part"], (state, position, part))
    [done] = [done for done in operations_of(plain(codec, data)) if (done.key, done.version) == (key, version)]
    connection.execute(_SQL["hold"], (version, position, part, done.is_deleted, fact))
