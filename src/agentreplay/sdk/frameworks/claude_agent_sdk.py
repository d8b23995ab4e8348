"""The Claude Agent SDK: the tools and sub-agents of Claude Code, as the messages tell that go by."""

from collections.abc import AsyncIterator
from types import ModuleType
from typing import Any

from agentreplay.sdk.frameworks.runs import Runs
from agentreplay.sdk.patching import Patches

__all__ = ["install"]

_SUB_AGENT = "subagent_type"
"""What the tool that begins a sub-agent is given."""


class _ToolFailed(Exception):
    """What a tool says went wrong."""


def install(patches: Patches, library: ModuleType) -> None:
    """Hear the messages where the seam below has let them by, each in the flow that hands it on."""
    runs = Runs("the Claude Agent SDK")
    patches.later(runs.stop)
    kind: Any = library.Query
    patches.replace(kind, "_read_messages", _hearing(kind._read_messages, runs))


def _hearing(original: Any, runs: Runs) -> Any:
    async def read(query: Any) -> None:
        transport = query.transport
        query.transport = _Heard(transport, runs)
        try:
            await original(query)
        finally:
            query.transport = transport

    return read


class _Heard:
    """A transport whose messages are told."""

    def __init__(self, transport: Any, runs: Runs) -> None:
        self._transport = transport
        self._runs = runs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    async def read_messages(self) -> AsyncIterator[dict[str, Any]]:
        """As the transport reads them."""
        async for message in self._transport.read_messages():
            try:
                self._tell(message)
            except Exception as error:  # noqa: BLE001  # the program must not suffer
                self._runs.give_up(error)
            yield message

    def _tell(self, message: dict[str, Any]) -> None:
        if message.get("type") not in {"assistant", "user"}:
            return
        content: Any = message["message"]["content"]
        # What the program says itself is a text.
        for block in () if isinstance(content, str) else content:
            match block.get("type"):
                case "tool_use":
                    self._begin(block, message.get("parent_tool_use_id"))
                case "tool_result":
                    self._end(block)
                case _:
                    pass

    def _begin(self, block: dict[str, Any], parent: str | None) -> None:
        given: dict[str, Any] = block.get("input") or {}
        agent = given.get(_SUB_AGENT)
        name, kind = (agent, "agent") if agent else (block["name"].rpartition("__")[2], "tool")
        self._runs.begin(block["id"], name, kind, parent=parent, agent=agent, told={"input": given})

    def _end(self, block: dict[str, Any]) -> None:
        found: Any = block.get("content")
        if not isinstance(found, str):
            found = "\n".join(str(part.get("text", "")) for part in found or ())
        is_failed = block.get("is_error") is True
        self._runs.end(
            block["tool_use_id"], _ToolFailed(found) if is_failed else None, {} if is_failed else {"output": found}
        )
