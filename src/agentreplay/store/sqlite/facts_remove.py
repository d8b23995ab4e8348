"""Deletes what was written in a project, a session or a trace: the states are as if it had never been."""

from collections.abc import Collection, Iterable
from typing import NamedTuple, assert_never

import apsw

from agentreplay.model.memory import is_memory
from agentreplay.model.receipt import Target
from agentreplay.model.score import is_score
from agentreplay.store.sqlite.facts_compact import rewrite_parts, sweep
from agentreplay.store.sqlite.facts_pictures import repaint
from agentreplay.store.sqlite.facts_rows import operations_of, plain, unpack_numbers
from agentreplay.store.sqlite.memories_index import drop, drop_all, renew
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.scores_index import drop_scores, renew_score

__all__ = ["Removed", "forget_facts", "remove_facts"]

_SQL = queries("facts")
_EVER = (1 << 63) - 1


class Removed(NamedTuple):
    """How many versions went: of facts of agents, of records of collections, and of scores."""

    facts: int = 0
    memories: int = 0
    scores: int = 0

    @classmethod
    def of(cls, connection: apsw.Connection, state: int, versions: int) -> "Removed":
        """So many of a state, which is still there."""
        namespace, _ = connection.execute(_SQL["state_names"], (state,)).fetchone() or ("", "")
        if is_memory(namespace):
            return cls(memories=versions)
        return cls(scores=versions) if is_score(namespace) else cls(facts=versions)

    @classmethod
    def sum(cls, removed: Iterable["Removed"]) -> "Removed":
        """All of them together."""
        return cls(*map(sum, zip(cls(), *removed, strict=True)))


def remove_facts(connection: apsw.Connection, target: Target) -> Removed:
    """Delete within the caller's transaction, and say what went."""
    project = connection.execute(_SQL["find_project"], (target.tenant, target.project)).get
    if project is None:
        return Removed()
    match target.what:
        case "project":
            return _remove_project(connection, project)
        case "payload":
            return Removed()
        case "session" | "trace":
            return _remove_written(connection, project, target)
        case _:
            assert_never(target.what)


def forget_facts(connection: apsw.Connection, state: int, keys: Collection[str]) -> int:
    """Take keys out of a state with all their versions, within the caller's transaction; how many versions went."""
    places: set[tuple[int, int]] = set()
    for key in keys:
        fact, *_ = connection.execute(_SQL["present"], (state, key)).fetchone() or (0,)
        places.update(row[1:] for row in connection.execute(_SQL["versions_below"], (fact, _EVER, _EVER)))
    removed = rewrite_parts(connection, state, sorted(places), lambda done: done.key not in keys)
    for key in keys:
        drop(connection, state, key)
        _hold_what_is_left(connection, state, key)
    if places:
        repaint(connection, state, min(places)[0])
    _drop_empty(connection, state)
    return removed


def _remove_written(connection: apsw.Connection, project: int, target: Target) -> Removed:
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
    return Removed.sum(_remove(connection, state, positions) for state, positions in doomed.items())


def _remove_project(connection: apsw.Connection, project: int) -> Removed:
    removed: list[Removed] = []
    for (state,) in list(connection.execute(_SQL["states_of_project"], (project,))):
        versions = connection.execute(_SQL["count_versions"], (state,)).get or 0
        removed.append(Removed.of(connection, state, versions))
        drop_all(connection, state)
        drop_scores(connection, state)
        connection.execute(_SQL["drop_pictures"], (state, 0, _EVER))
        for query in ("drop_versions_of_state", "drop_facts_of_state", "drop_log_of_state", "drop_state"):
            connection.execute(_SQL[query], (state,))
    connection.execute(_SQL["drop_transactions_of_project"], (project,))
    return Removed.sum(removed)


def _remove(connection: apsw.Connection, state: int, positions: Iterable[int]) -> Removed:
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
    went = Removed.of(connection, state, removed)
    for key in keys:
        if went.memories:
            renew(connection, state, key)
        elif went.scores:
            renew_score(connection, state, key)
    _drop_empty(connection, state)
    return went


def _drop_empty(connection: apsw.Connection, state: int) -> None:
    if connection.execute(_SQL["is_stated"], (state,)).get is None:
        connection.execute(_SQL["drop_state"], (state,))


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
