"""What tests of facts have in common: some states, and how to write to them and look at them."""

from typing import Any

from agentreplay.model.fact import FactPosition, StateKey, Transaction
from agentreplay.model.ids import ProjectId, SpanId, TenantId, TraceId
from agentreplay.store.protocol import Store
from agentreplay.testing import draft_of

__all__ = [
    "OTHER_AGENT",
    "OTHER_NAMESPACE",
    "OTHER_PROJECT",
    "OTHER_TENANT",
    "SPAN",
    "STATE",
    "TRACE",
    "log",
    "values",
    "write",
]

STATE = StateKey(TenantId("acme"), ProjectId("demo"), "default", "planner")
OTHER_AGENT = STATE._replace(agent="writer")
OTHER_NAMESPACE = STATE._replace(namespace="staging")
OTHER_PROJECT = STATE._replace(project=ProjectId("other"))
OTHER_TENANT = STATE._replace(tenant=TenantId("rival"))
TRACE, SPAN = TraceId("a" * 32), SpanId("b" * 16)


def write(store: Store, values: dict[str, Any], state: StateKey = STATE, **fields: Any) -> Transaction:
    """Commit these values; `...` deletes."""
    return store.facts.commit(draft_of(state, values, **fields))


def values(store: Store, at: FactPosition | None = None, state: StateKey = STATE) -> dict[str, Any]:
    return {key: fact.value for key, fact in store.facts.whole(state, at).items()}


def log(store: Store, state: StateKey = STATE) -> list[tuple[int, list[tuple[str, int, Any]]]]:
    return [
        (
            entry.position,
            [(done.key, done.version, ... if done.is_deleted else done.value) for done in entry.operations],
        )
        for entry in store.facts.read(state)
    ]
