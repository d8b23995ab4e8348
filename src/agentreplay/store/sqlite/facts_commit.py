"""Commits transactions: what is checked, and the rows that are written."""

from collections.abc import Sequence

import apsw

from agentreplay.errors import FactConflict, IdempotencyReused
from agentreplay.model.fact import (
    NOTHING,
    Draft,
    Edit,
    Fact,
    FactPosition,
    Operation,
    StateKey,
    Transaction,
)
from agentreplay.model.memory import is_memory
from agentreplay.model.score import is_score
from agentreplay.model.time import Nanoseconds
from agentreplay.store.sqlite.facts_pictures import due, repaint
from agentreplay.store.sqlite.facts_rows import (
    operations_of,
    pack,
    pack_numbers,
    pack_operation,
    plain,
    to_transaction,
)
from agentreplay.store.sqlite.memories_index import index
from agentreplay.store.sqlite.numbering import Counter, new_numbers
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.scores_index import index_scores

__all__ = ["COMMITTED", "POSITION", "commit", "number_of"]

_SQL = queries("facts")

POSITION = "fact position"
"""The counter of the last position, which outlives its transaction,"""
COMMITTED = "fact committed"
"""and that of its time."""

_LONGEST_PART = 64
_LARGEST_PART = 16 << 10
"""A stretch of operations lies in the log together; it ends here, so that one is found without unpacking thousands."""


def commit(connection: apsw.Connection, draft: Draft, now: int) -> Transaction:
    """Do what the draft says within the caller's transaction."""
    names = (draft.tenant, draft.project)
    project = connection.execute(_SQL["find_project"], names).get
    if draft.idempotency and project is not None:
        stored = connection.execute(_SQL["find_request"], (project, draft.idempotency)).fetchone()
        if stored is not None:
            return _repeated(connection, draft, project, *stored)
    _check_conditions(connection, draft, project)
    position = FactPosition(Counter.read(connection, POSITION))
    committed = Nanoseconds(Counter.read(connection, COMMITTED))
    if not draft.edits:
        return Transaction(draft.id, position, committed, (), draft.author)
    if project is None:
        project = connection.execute(_SQL["add_project"], names).get
    position, committed = FactPosition(position + 1), Nanoseconds(max(committed, now))
    Counter.put(connection, POSITION, position)
    Counter.put(connection, COMMITTED, committed)
    operations: list[Operation] = []
    states: list[int] = []
    for state, edits in draft.by_state().items():
        states.append(number_of(connection, project, state))
        written = _write(connection, states[-1], edits, position)
        if is_memory(state.namespace):
            index(connection, states[-1], [_held(done, position, committed) for done in written])
        elif is_score(state.namespace):
            index_scores(connection, states[-1], [_held(done, position, committed) for done in written])
        operations += written
    entry = Transaction(draft.id, position, committed, tuple(operations), draft.author)
    _sign(connection, draft, project, entry, states)
    for number in states:
        # Only now: pictures are taken of transactions whose time is written.
        unpictured = connection.execute(_SQL["grow"], (0, number)).get
        if due(connection, number, unpictured):
            repaint(connection, number)
    return entry


def _held(done: Operation, position: FactPosition, committed: Nanoseconds) -> Fact:
    return Fact(done.key, done.version, done.value, position, committed, done.is_deleted)


def _repeated(
    connection: apsw.Connection, draft: Draft, project: int, position: FactPosition, digest: bytes
) -> Transaction:
    if digest != draft.digest():
        raise IdempotencyReused(key=draft.idempotency)
    [(key, committed, _, *author)] = connection.execute(_SQL["transaction"], (position,))
    operations = tuple(
        done
        for state in draft.by_state()
        for codec, data in connection.execute(_SQL["parts"], (number_of(connection, project, state), position))
        for done in operations_of(plain(codec, data))
    )
    return to_transaction(position, operations, (key, committed, *author))


def _check_conditions(connection: apsw.Connection, draft: Draft, project: int | None) -> None:
    for condition in draft.conditions:
        bindings = (project, condition.namespace, condition.agent, condition.key)
        version, deleted = connection.execute(_SQL["holds"], bindings).fetchone() or (NOTHING, True)
        found = NOTHING if deleted else version
        if found != condition.version:
            raise FactConflict(key=condition.key, agent=condition.agent, found=found, expected=condition.version)


def number_of(connection: apsw.Connection, project: int, state: StateKey) -> int:
    """The number of a state, which it gets when somebody first writes to it."""
    names = (project, state.namespace, state.agent)
    number: int | None = connection.execute(_SQL["find_state_number"], names).get
    if number is None:
        (number,) = new_numbers(connection, "state", 1)
        connection.execute(_SQL["add_state"], (number, *names))
    return number


def _write(connection: apsw.Connection, state: int, edits: Sequence[Edit], position: FactPosition) -> list[Operation]:
    operations: list[Operation] = []
    packed: list[bytes] = []
    part = size = weight = 0
    for edit in edits:
        if len(packed) == _LONGEST_PART or size >= _LARGEST_PART:
            connection.execute(_SQL["add_part"], (state, position, part, *pack(packed)))
            part, size, packed = part + 1, 0, []
        bindings = (state, edit.key, position, part, edit.is_deleted)
        fact, version = connection.execute(_SQL["add_version"], bindings).fetchone() or (0, 0)
        connection.execute(_SQL["index_version"], (fact, version, position, part))
        operations.append(Operation(edit.key, version, edit.value, edit.is_deleted))
        packed.append(pack_operation(operations[-1]))
        size += len(packed[-1])
        weight += len(packed[-1])
    connection.execute(_SQL["add_part"], (state, position, part, *pack(packed)))
    connection.execute(_SQL["grow"], (weight, state))
    return operations


def _sign(connection: apsw.Connection, draft: Draft, project: int, entry: Transaction, states: Sequence[int]) -> None:
    author = draft.author
    connection.execute(
        _SQL["add_transaction"],
        (
            entry.position,
            project,
            entry.id,
            entry.committed,
            pack_numbers(states),
            None if author is None else author.session,
            None if author is None or author.trace_id is None else bytes.fromhex(author.trace_id),
            None if author is None or author.span_id is None else bytes.fromhex(author.span_id),
            draft.idempotency or None,
            draft.digest() if draft.idempotency else None,
        ),
    )
