"""MCP: every request of a client session, with what the server said and asked while it was under way.

Results are kept as they came over the wire, and the library itself makes its models of them.
"""

import importlib
import sys
from types import ModuleType
from typing import Any

from agentreplay.model.call import Raised
from agentreplay.sdk import raising
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.seams import mcp_first, mcp_second, mcp_transports

__all__ = ["install"]


def install(patches: Patches, library: ModuleType) -> None:
    """Record the client sessions of this library, of its first or its second generation."""
    del library
    kind: Any = importlib.import_module("mcp.client.session").ClientSession
    is_first = not hasattr(kind, "_on_notify")
    _install_entering(patches, kind)
    (mcp_first if is_first else mcp_second).install(patches, kind)
    mcp_transports.install(patches, is_first=is_first)
    raising.revivers["mcp"] = _revive


def _revive(kind: type[BaseException], raised: Raised, origin: object) -> BaseException | None:
    del origin
    state = raised.state
    if "code" not in state:
        return None
    types: Any = sys.modules.get("mcp_types") or sys.modules["mcp.types"]
    error = types.ErrorData(code=state["code"], message=state["message"], data=state.get("data"))
    make: Any = getattr(kind, "from_error_data", kind)
    made: BaseException = make(error)
    return made


def _install_entering(patches: Patches, kind: Any) -> None:
    original = kind.__aenter__

    async def enter(client: Any) -> Any:
        with mcp_transports.aside():
            return await original(client)

    patches.replace(kind, "__aenter__", enter)
