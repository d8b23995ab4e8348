"""The facts of a session at one of its steps: the states it wrote to, as they were then, and given back elsewhere."""

from collections.abc import Iterator, Mapping

import msgspec
from blake3 import blake3

from agentreplay.core.known_memory import restored_name
from agentreplay.errors import FactMissing, StateForgotten
from agentreplay.model.fact import (
    NOTHING,
    Author,
    Condition,
    Draft,
    Edit,
    Fact,
    FactPosition,
    StateKey,
    Transaction,
    TransactionId,
)
from agentreplay.model.ids import check_name
from agentreplay.model.memory import CollectionKey, RecordEdit
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanRow
from agentreplay.model.values import encode
from agentreplay.store.protocol import Facts

__all__ = ["KnownFacts", "facts_at", "known_facts", "restore_state"]


class KnownFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The state of an agent, told by what it holds."""

    namespace: str
    agent: str
    keys: int
    hash: str | None
    """Equal for equal keys and values; None where the log was compacted, so that nobody knows any more."""


def facts_at(facts: Facts, session: SessionKey, position: FactPosition) -> dict[StateKey, Mapping[str, Fact]]:
    """All facts, at that position, of the states that the session ever wrote to. Raises StateForgotten."""
    return {state: facts.whole(state, position) for state in facts.states(*session)}


def known_facts(facts: Facts, session: SessionKey, position: FactPosition) -> tuple[KnownFacts, ...]:
    """What they come to, state by state."""
    found: list[KnownFacts] = []
    for state in facts.states(*session):
        try:
            whole = facts.whole(state, position)
        except StateForgotten:
            found.append(KnownFacts(namespace=state.namespace, agent=state.agent, keys=0, hash=None))
            continue
        held = encode([[key, fact.value] for key, fact in whole.items()])
        digest = blake3(held).hexdigest()
        found.append(KnownFacts(namespace=state.namespace, agent=state.agent, keys=len(whole), hash=digest))
    return tuple(found)


def restore_state(
    facts: Facts,
    step: SpanRow,
    namespace: str,
    transaction: TransactionId,
    collections: frozenset[CollectionKey] = frozenset(),
) -> Transaction:
    """Give back what a session held to be so and what it knew, as both were when one of its steps began.

    The facts go to the same agents in the namespace, the records of the collections to the same owners in collections
    whose names begin with it and a dot. It is one transaction, whose author is that step: so all keep their origin.
    Raises FactConflict, and then nothing was written, when anything is there already; and FactMissing when there is
    nothing to give back.
    """
    check_name(namespace, "the namespace")
    session = SessionKey(step.tenant, step.project, step.session)
    edits = tuple(_edits(facts, session, facts.position(step.start), namespace, collections))
    if not edits:
        raise FactMissing(key="*", agent="*", namespace="*")
    return facts.commit(
        Draft(
            tenant=session.tenant,
            project=session.project,
            id=transaction,
            edits=edits,
            conditions=tuple(
                Condition(namespace=edit.namespace, agent=edit.agent, key=edit.key, version=NOTHING) for edit in edits
            ),
            author=Author(session=session.session, trace_id=step.trace_id, span_id=step.span_id),
        )
    )


def _edits(
    facts: Facts,
    session: SessionKey,
    position: FactPosition,
    namespace: str,
    collections: frozenset[CollectionKey],
) -> Iterator[Edit]:
    for state, whole in facts_at(facts, session, position).items():
        for fact in whole.values():
            yield Edit(namespace=namespace, agent=state.agent, key=fact.key, value=fact.value)
    for collection in sorted(collections):
        target = restored_name(namespace, collection).state
        for fact in facts.whole(collection.state, position).values():
            yield RecordEdit(namespace=target.namespace, agent=target.agent, key=fact.key, value=fact.value)
