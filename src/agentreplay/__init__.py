"""A flight recorder for AI agents: record, replay, look, learn."""

TYPE_CHECKING = False  # as type checkers know it; to import `typing` would take as long as Python itself to start
if TYPE_CHECKING:
    from agentreplay.client.agent_replay import AgentReplayClient
    from agentreplay.client.async_client import AsyncClient
    from agentreplay.client.client import Client
    from agentreplay.sdk.functions import agent, call, retriever, step, tool
    from agentreplay.sdk.instrument import instrument, wrap
    from agentreplay.sdk.marks import checkpoint, note
    from agentreplay.sdk.replaying import Diverged, replay
    from agentreplay.sdk.session import init, session
    from agentreplay.sdk.spans import span
    from agentreplay.sdk.state import State
    from agentreplay.sdk.statehouse import Statehouse, StatehouseError, TransactionError

__all__ = [
    "AgentReplayClient",
    "AsyncClient",
    "Client",
    "Diverged",
    "State",
    "Statehouse",
    "StatehouseError",
    "TransactionError",
    "__version__",
    "agent",
    "call",
    "checkpoint",
    "init",
    "instrument",
    "note",
    "replay",
    "retriever",
    "session",
    "span",
    "step",
    "tool",
    "wrap",
]

# A literal, because reading it from the installed metadata would cost more than the rest of the import.
__version__ = "0.1.0"

_HOMES = {
    "AgentReplayClient": "client.agent_replay",
    "AsyncClient": "client.async_client",
    "Client": "client.client",
    "Diverged": "sdk.replaying",
    "State": "sdk.state",
    "Statehouse": "sdk.statehouse",
    "StatehouseError": "sdk.statehouse",
    "TransactionError": "sdk.statehouse",
    "agent": "sdk.functions",
    "call": "sdk.functions",
    "checkpoint": "sdk.marks",
    "init": "sdk.session",
    "instrument": "sdk.instrument",
    "note": "sdk.marks",
    "replay": "sdk.replaying",
    "retriever": "sdk.functions",
    "session": "sdk.session",
    "span": "sdk.spans",
    "step": "sdk.functions",
    "tool": "sdk.functions",
    "wrap": "sdk.instrument",
}


def __getattr__(name: str) -> object:
    """Load what is asked for when it is asked for: the command line needs none of it, and starts sooner."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'agentreplay' has no attribute {name!r}")
    from importlib import import_module  # start-up

    found = getattr(import_module(f"agentreplay.{home}"), name)
    globals()[name] = found
    return found
