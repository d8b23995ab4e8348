"""Events of hooks in our words, whoever tells them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake.hooks.events import happened

CLAUDE: dict[str, Any] = {"session_id": "s", "cwd": "/srv/shop", "permission_mode": "default"}
TOOL = {"tool_name": "Bash", "tool_use_id": "toolu_1", "tool_input": {"command": "ls"}}


def told(event: str, **fields: Any) -> Any:
    seen = happened("", {**CLAUDE, "hook_event_name": event, **fields})
    assert seen is not None
    return seen


def test_a_tool_begins_and_ends_under_the_id_the_agent_gave_it() -> None:
    began, ended = told("PreToolUse", **TOOL), told("PostToolUse", **TOOL, tool_response={"stdout": "a"})

    assert (began.phase, began.thing, began.id, began.tool) == ("begins", "tool", "toolu_1", "Bash")
    assert (ended.phase, ended.thing, ended.id, ended.status) == ("ends", "tool", "toolu_1", "ok")
    assert (ended.request, ended.answer) == ({"command": "ls"}, {"stdout": "a"})


def test_a_failed_tool_says_why() -> None:
    ended = told("PostToolUseFailure", **TOOL, error="exit 1")

    assert (ended.status, ended.message) == ("error", "exit 1")


def test_what_a_sub_agent_does_is_within_it() -> None:
    began = told("SubagentStart", agent_id="a1", agent_type="Explore")
    tool = told("PreToolUse", **TOOL, agent_id="a1")

    assert (began.phase, began.kind, began.name, began.within) == ("begins", "agent", "Explore", None)
    assert tool.within == ("agent", began.id)


@pytest.mark.parametrize(
    ("event", "kind", "name"),
    [
        ("SessionStart", "custom", "session started"),
        ("UserPromptSubmit", "human", "prompt"),
        ("PermissionRequest", "human", "permission asked"),
        ("Notification", "custom", "notification"),
        ("PreCompact", "custom", "compaction began"),
        ("Stop", "custom", "turn ended"),
        ("StopFailure", "error", "turn failed"),
        ("DirectoryAdded", "custom", "DirectoryAdded"),
    ],
)
def test_other_events_happened(event: str, kind: str, name: str) -> None:
    seen = told(event)

    assert (seen.phase, seen.kind, seen.name, seen.cwd) == ("happens", kind, name, "/srv/shop")


def test_the_end_of_a_session_is_known() -> None:
    assert told("SessionEnd", reason="exit").ends_session
    assert told("SessionEnd", reason="exit").attributes["hook.reason"] == "exit"


def test_cursor_tells_of_its_shell() -> None:
    event = {"conversation_id": "c", "generation_id": "g", "hook_event_name": "afterShellExecution"}
    seen = happened("", {**event, "command": "ls", "output": "a", "duration": 1500, "workspace_roots": ["/srv"]})

    assert seen is not None
    assert (seen.session, seen.tool, seen.request, seen.answer, seen.milliseconds, seen.cwd) == (
        "c", "Shell", "ls", "a", 1500, "/srv",
    )  # fmt: skip


def test_without_an_id_a_tool_that_begins_only_happened() -> None:
    """Nobody could tell which end belongs to it, and it would be open for ever."""
    seen = happened("BeforeTool", {"session_id": "g", "tool_name": "read_file"})

    assert seen is not None
    assert (seen.phase, seen.kind, seen.thing) == ("happens", "custom", None)


def test_what_gemini_cli_tells_without_an_id_is_known_by_what_was_asked() -> None:
    seen = happened("AfterTool", {"session_id": "g", "tool_name": "read_file", "tool_input": {"path": "a"}})
    nothing_asked = happened("AfterTool", {"session_id": "g", "tool_name": "read_file"})

    assert seen is not None
    assert nothing_asked is not None
    assert (seen.thing, seen.id, nothing_asked.thing) == ("tool", "", None)


def test_an_event_without_a_session_is_none() -> None:
    assert happened("Stop", {"cwd": "/srv"}) is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
NAMES = st.sampled_from(
    "session_id hook_event_name tool_name tool_use_id agent_id tool_input error duration_ms cwd workspace_roots".split()
)


@given(fields=st.dictionaries(NAMES | st.text(max_size=8), VALUES, max_size=8), event=st.text(max_size=12))
def test_nothing_that_is_told_is_lost_and_nothing_raises(fields: dict[str, Any], event: str) -> None:
    seen = happened(event, {"session_id": "s", **fields} if not fields.get("session_id") else fields)

    if seen is not None:
        kept = {name.removeprefix("hook.") for name in seen.attributes}
        assert {name for name in fields if name not in kept} <= {
            "session_id", "hook_event_name", "tool_name", "tool_use_id", "agent_id", "tool_input", "error", "cwd",
            "prompt", "command", "edits", "output", "text", "model",
        }  # fmt: skip
