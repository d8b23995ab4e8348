"""A coding session as its hooks tell it, for tests."""

import json
from itertools import count
from typing import Any

from agentreplay.intake.hooks.payload import pack
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.session import SessionKey
from agentreplay.model.time import SECOND
from agentreplay.testing import NEW_YEAR

__all__ = ["KEY", "SECRET", "TOOL", "WHOLE", "payload"]

SECRET = "sk-proj-" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7" * 2
KEY = SessionKey(TenantId("local"), ProjectId("default"), SessionId("s1"))
TOOL = {"tool_name": "Bash", "tool_use_id": "toolu_1", "tool_input": {"command": "ls"}}


def payload(event: str, at: int = 0, **fields: Any) -> bytes:
    told = {"session_id": "s1", "cwd": "/srv/shop", "hook_event_name": event, **fields}
    head = {"tenant": "local", "project": "default", "content": "redacted", "agent": "claude-code"}
    return pack({**head, "received": str(NEW_YEAR + at * SECOND)}, json.dumps(told).encode())


def session(*events: tuple[str, dict[str, Any]]) -> list[bytes]:
    seconds = count()
    return [payload(event, next(seconds), **fields) for event, fields in events]


WHOLE = session(
    ("SessionStart", {"source": "startup"}),
    ("UserPromptSubmit", {"prompt": "fix the parser"}),
    ("PreToolUse", TOOL),
    ("PostToolUseFailure", {**TOOL, "error": "exit 1"}),
    ("SubagentStart", {"agent_id": "a1", "agent_type": "Explore"}),
    ("PostToolUse", {**TOOL, "tool_use_id": "toolu_2", "agent_id": "a1", "tool_response": "x"}),
    ("SubagentStop", {"agent_id": "a1", "agent_type": "Explore"}),
    ("Stop", {}),
    ("SessionEnd", {"reason": "exit"}),
)
