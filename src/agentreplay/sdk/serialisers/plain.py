"""Plain data: what JSON knows, tuples, sets, bytes, times, enumerations, data classes and models of pydantic.

So a list of LangChain's messages is plain, and so is the state of a LangGraph. No constructor runs when it is put back,
and only classes of modules that the program has imported are made.
"""

from typing import Any

from agentreplay.model.values import Value
from agentreplay.sdk.plain import from_json, to_json
from agentreplay.sdk.serialisers.protocol import Allowed, Wanted

__all__ = ["MOST", "freeze", "suits", "thaw"]

MOST = 100_000_000
"""A state may have as many containers as fit into memory; only what holds itself has more."""


def suits(agent: object, allow: Allowed) -> bool:  # noqa: ARG001  # the protocol's signature
    """Always: it is asked last, and says best what cannot be kept."""
    return True


def freeze(agent: Any, allow: Allowed) -> Value:  # noqa: ARG001  # as above
    return to_json(agent, MOST)


def thaw(state: Value, wanted: Wanted) -> Any:  # noqa: ARG001  # as above
    return from_json(state)
