"""Pydantic AI: the history of messages, as Pydantic AI itself writes and checks it.

Given is a list of its messages or the result of a run; what comes back is the list, for `message_history=`.
"""

import sys
from importlib import import_module
from typing import Any, cast

from agentreplay.errors import StateForeign
from agentreplay.model.values import Value
from agentreplay.sdk.plain import NotPlain
from agentreplay.sdk.raising import find_type
from agentreplay.sdk.serialisers.protocol import Allowed, Wanted

__all__ = ["freeze", "suits", "thaw"]

_MESSAGES = "pydantic_ai.messages"


def suits(agent: object, allow: Allowed) -> bool:  # noqa: ARG001  # the protocol's signature
    kinds = [kind for name in ("ModelRequest", "ModelResponse") if (kind := find_type(_MESSAGES, name)) is not None]
    if not kinds:
        return False
    if isinstance(agent, list):
        items = cast("list[object]", agent)
        return bool(items) and all(isinstance(item, tuple(kinds)) for item in items)
    result = find_type("pydantic_ai.run", "AgentRunResult")
    return result is not None and isinstance(agent, result)


def freeze(agent: Any, allow: Allowed) -> Value:  # noqa: ARG001  # as above
    messages: Any = agent.all_messages() if hasattr(agent, "all_messages") else agent
    state: Value = sys.modules[_MESSAGES].ModelMessagesTypeAdapter.dump_python(messages, mode="json")
    return state


def thaw(state: Value, wanted: Wanted) -> Any:
    try:
        adapter = import_module(_MESSAGES).ModelMessagesTypeAdapter
    except ImportError as error:
        raise StateForeign(place=wanted.place, problem="Pydantic AI is not installed") from error
    try:
        return adapter.validate_python(state)
    except ValueError as error:
        raise NotPlain(f"Pydantic AI does not take it: {error}") from error
