"""Puts transactions on states back as they were: at their positions, at their times, with their versions."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import apsw

from agentreplay.model.fact import Operation, StateKey
from agentreplay.store.sqlite.facts_commit import COMMITTED, POSITION, number_of
from agentreplay.store.sqlite.facts_pictures import repaint
from agentreplay.store.sqlite.facts_rows import operations_of, pack_numbers, plain, unpack_numbers
from agentreplay.store.sqlite.memories_index import reindex_all
from agentreplay.store.sqlite.numbering import Counter
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.scores_index import reindex_scores

__all__ = ["TRANSACTIONS", "Part", "Rescued", "put_back", "read_parts", "repaint_all"]

_SQL = queries("facts")

TRANSACTIONS = _SQL["transactions_between"]
"""Asks a damaged store for a stretch of its transactions."""


class Part(NamedTuple):
    """A part of the log, as it lies there, with the state it belongs to."""

    state: StateKey
    horizon: int
    kept: bytes
    number: int
    codec: int
    data: bytes
    operations: tuple[Operation, ...]


class Rescued(NamedTuple):
    """A transaction with what could be read of it."""

    position: int
    columns: Sequence[Any]
    """Id, time, session, trace, span, idempotency key and digest."""
    parts: list[Part]


def read_parts(old: apsw.Connection, row: Sequence[Any]) -> Rescued:
    """All of one transaction, by its row of TRANSACTIONS. Raises what SQLite raises."""
    position, tenant, project, states, *columns = row
    parts: list[Part] = []
    for state in unpack_numbers(states):
        for namespace, agent, horizon, kept in list(old.execute(_SQL["rescued_state"], (state,))):
            key = StateKey(tenant, project, namespace, agent)
            for number, codec, data in list(old.execute(_SQL["rescued_parts"], (state, position))):
                parts.append(Part(key, horizon, kept, number, codec, data, operations_of(plain(codec, data))))
    return Rescued(position, columns, parts)


def put_back(connection: apsw.Connection, rescued: Rescued) -> None:
    """Write it within the caller's transaction; transactions come in the order of their positions."""
    if not rescued.parts:
        return
    position, (key, committed, *rest) = rescued.position, rescued.columns
    tenant, project_name = rescued.parts[0].state[:2]
    names = (tenant, project_name)
    project = connection.execute(_SQL["find_project"], names).get
    if project is None:
        project = connection.execute(_SQL["add_project"], names).get
    states: set[int] = set()
    for part in rescued.parts:
        state = number_of(connection, project, part.state)
        states.add(state)
        connection.execute(_SQL["set_horizon"], (part.horizon, part.kept, state))
        connection.execute(_SQL["add_part"], (state, position, part.number, part.codec, part.data))
        for done in part.operations:
            place = (done.version, position, part.number, done.is_deleted, done.version)
            fact = connection.execute(_SQL["put_back_version"], (state, done.key, *place)).get
            connection.execute(_SQL["index_version"], (fact, done.version, position, part.number))
    row = (position, project, key, committed, pack_numbers(states), *rest)
    connection.execute(_SQL["add_transaction"], row)
    Counter.put(connection, POSITION, position)
    Counter.put(connection, COMMITTED, committed)


def repaint_all(connection: apsw.Connection) -> None:
    """Take the pictures of all states, and let records be found."""
    for (state,) in list(connection.execute(_SQL["all_states"])):
        repaint(connection, state, 0)
    reindex_all(connection)
    reindex_scores(connection)
