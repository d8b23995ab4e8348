"""The facts of a session at one of its steps: the states it wrote to, as they were then, and given back elsewhere."""

from collections.abc import Mapping

import msgspec
from blake3 import blake3

from agentreplay.errors import FactMissing, StateForgotten
from agentreplay.model.fact import NOTHING, Author, Condition, Draft, Edit, Fact, StateKey, Transaction, TransactionId
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanRow
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import encode
from agentreplay.store.protocol import Facts

__all__ = ["KnownFacts", "facts_at", "known_facts", "restore_facts"]


class KnownFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The state of an agent, told by what it holds."""

    namespace: str
    agent: str
    keys: int
    hash: str | None
    """Equal for equal keys and values; None where the log was compacted, so that nobody knows any more."""


def facts_at(facts: Facts, session: SessionKey, moment: Nanoseconds) -> dict[StateKey, Mapping[str, Fact]]:
    """All facts, at that moment, of the states that the session ever wrote to. Raises StateForgotten."""
    position = facts.position(moment)
    return {state: facts.whole(state, position) for state in facts.states(*session)}


def known_facts(facts: Facts, session: SessionKey, moment: Nanoseconds) -> tuple[KnownFacts, ...]:
    """What they come to, state by state."""
    states = facts.states(*session)
    if not states:
        return ()
    position = facts.position(moment)
    found: list[KnownFacts] = []
    for state in states:
        try:
            whole = facts.whole(state, position)
        except StateForgotten:
            found.append(KnownFacts(namespace=state.namespace, agent=state.agent, keys=0, hash=None))
            continue
        held = encode([[key, fact.value] for key, fact in whole.items()])
        digest = blake3(held).hexdigest()
        found.append(KnownFacts(namespace=state.namespace, agent=state.agent, keys=len(whole), hash=digest))
    return tuple(found)


def restore_facts(
    facts: Facts, session: SessionKey, step: SpanRow, namespace: str, transaction: TransactionId
) -> Transaction:
    """Give the facts of a session, as they were when a step began, to the same agents in another namespace.

    It is one transaction, whose author is that step: so they keep their origin. Raises FactConflict, and then nothing
    was written, when one of the keys holds something there already; and FactMissing when there are no facts.
    """
    found = facts_at(facts, session, step.start)
    held = [(state.agent, fact) for state, whole in found.items() for fact in whole.values()]
    if not held:
        raise FactMissing(key="*", agent="*", namespace="*")
    return facts.commit(
        Draft(
            tenant=session.tenant,
            project=session.project,
            id=transaction,
            edits=tuple(Edit(namespace=namespace, agent=agent, key=fact.key, value=fact.value) for agent, fact in held),
            conditions=tuple(
                Condition(namespace=namespace, agent=agent, key=fact.key, version=NOTHING) for agent, fact in held
            ),
            author=Author(session=session.session, trace_id=step.trace_id, span_id=step.span_id),
        )
    )
