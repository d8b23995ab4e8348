"""OpenAI Agents: the items of a session, whichever kind of session it is.

They are put into the session given with `into=`, in place of what it holds, or into a new one in memory of the same id.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from inspect import iscoroutinefunction
from typing import Any

from agentreplay.errors import StateForeign
from agentreplay.model.values import Value, is_list, is_map
from agentreplay.sdk.plain import NotPlain, from_json, to_json
from agentreplay.sdk.raising import find_type
from agentreplay.sdk.serialisers.plain import MOST
from agentreplay.sdk.serialisers.protocol import Allowed, Wanted

__all__ = ["freeze", "suits", "thaw"]

_METHODS = ("get_items", "add_items", "pop_item", "clear_session")


def suits(agent: object, allow: Allowed) -> bool:  # noqa: ARG001  # the protocol's signature
    if find_type("agents.memory.session", "SessionABC") is None:
        return False
    return all(iscoroutinefunction(getattr(type(agent), name, None)) for name in _METHODS)


def freeze(agent: Any, allow: Allowed) -> Value:  # noqa: ARG001  # as above
    items = _done(agent.get_items)
    return {"session_id": str(agent.session_id), "items": to_json(items, MOST)}


def thaw(state: Value, wanted: Wanted) -> Any:
    if not is_map(state) or state.keys() != {"session_id", "items"} or not is_list(state["items"]):
        raise NotPlain("it is not what a session keeps")
    items = from_json(state["items"])
    session = wanted.into
    if session is None:
        try:
            session = import_module("agents").SQLiteSession(str(state["session_id"]))
        except ImportError as error:
            raise StateForeign(place=wanted.place, problem="OpenAI Agents is not installed") from error

    async def put() -> None:
        await session.clear_session()
        await session.add_items(items)

    _done(put)
    return session


def _done(begin: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """What a coroutine returns. It runs in a thread of its own: the loop of the program stays as it is."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(begin())).result()
