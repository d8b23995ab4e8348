"""A flight recorder for AI agents: record, replay, look, learn."""

TYPE_CHECKING = False  # as type checkers know it; to import `typing` would take as long as Python itself to start
if TYPE_CHECKING:
    from agentreplay.client.agent_replay import AgentReplayClient
    from agentreplay.client.async_client import AsyncClient
    from agentreplay.client.client import Client
    from agentreplay.sdk.functions import agent, call, retriever, step, tool
    from agentreplay.sdk.instrument import instrument, wrap
    from agentreplay.sdk.marks import checkpoint, note
    from agentreplay.sdk.memory import Memory
    from agentreplay.sdk.periodic import snapshot_every
    from agentreplay.sdk.persist import (
        PersistCompressionError,
        PersistConfigurationError,
        PersistError,
        PersistIntegrityError,
        PersistS3Error,
        S3Error,
    )
    from agentreplay.sdk.replaying import Diverged, replay
    from agentreplay.sdk.session import init, session
    from agentreplay.sdk.snapshots import (
        copy_snapshot,
        delete_snapshot,
        diff_snapshots,
        get_metadata,
        list_snapshots,
        restore,
        retain_snapshots,
        snapshot,
        snapshot_exists,
        snapshot_history,
        snapshot_lineage,
        verify_snapshot,
    )
    from agentreplay.sdk.spans import span
    from agentreplay.sdk.state import State
    from agentreplay.sdk.statehouse import Statehouse, StatehouseError, TransactionError
    from agentreplay.sdk.timeline import timeline

__all__ = [
    "AgentReplayClient",
    "AsyncClient",
    "Client",
    "Diverged",
    "Memory",
    "PersistCompressionError",
    "PersistConfigurationError",
    "PersistError",
    "PersistIntegrityError",
    "PersistS3Error",
    "S3Error",
    "State",
    "Statehouse",
    "StatehouseError",
    "TransactionError",
    "__version__",
    "agent",
    "call",
    "checkpoint",
    "copy_snapshot",
    "delete_snapshot",
    "diff_snapshots",
    "get_metadata",
    "init",
    "instrument",
    "list_snapshots",
    "note",
    "replay",
    "restore",
    "retain_snapshots",
    "retriever",
    "session",
    "snapshot",
    "snapshot_every",
    "snapshot_exists",
    "snapshot_history",
    "snapshot_lineage",
    "span",
    "step",
    "timeline",
    "tool",
    "verify_snapshot",
    "wrap",
]

# A literal, because reading it from the installed metadata would cost more than the rest of the import.
__version__ = "0.1.0"

_HOMES = {
    "AgentReplayClient": "client.agent_replay",
    "AsyncClient": "client.async_client",
    "Client": "client.client",
    "Diverged": "sdk.replaying",
    "Memory": "sdk.memory",
    "State": "sdk.state",
    "Statehouse": "sdk.statehouse",
    "StatehouseError": "sdk.statehouse",
    "TransactionError": "sdk.statehouse",
    "PersistCompressionError": "sdk.persist",
    "PersistConfigurationError": "sdk.persist",
    "PersistError": "sdk.persist",
    "PersistIntegrityError": "sdk.persist",
    "PersistS3Error": "sdk.persist",
    "S3Error": "sdk.persist",
    "agent": "sdk.functions",
    "call": "sdk.functions",
    "checkpoint": "sdk.marks",
    "copy_snapshot": "sdk.snapshots",
    "delete_snapshot": "sdk.snapshots",
    "diff_snapshots": "sdk.snapshots",
    "get_metadata": "sdk.snapshots",
    "init": "sdk.session",
    "instrument": "sdk.instrument",
    "list_snapshots": "sdk.snapshots",
    "note": "sdk.marks",
    "replay": "sdk.replaying",
    "restore": "sdk.snapshots",
    "retain_snapshots": "sdk.snapshots",
    "retriever": "sdk.functions",
    "session": "sdk.session",
    "snapshot": "sdk.snapshots",
    "snapshot_every": "sdk.periodic",
    "snapshot_exists": "sdk.snapshots",
    "snapshot_history": "sdk.snapshots",
    "snapshot_lineage": "sdk.snapshots",
    "span": "sdk.spans",
    "step": "sdk.functions",
    "timeline": "sdk.timeline",
    "tool": "sdk.functions",
    "verify_snapshot": "sdk.snapshots",
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
