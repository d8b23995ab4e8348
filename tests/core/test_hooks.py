"""Events of hooks in journals become spans of their session, whoever indexes them and whatever else tells of it."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agentreplay.core.hooks import KIND, VERSION, batch_of_hook
from agentreplay.core.policy import choose_policy
from agentreplay.errors import ValueInvalid
from agentreplay.intake.hooks.payload import pack
from agentreplay.intake.joining import span_of
from agentreplay.intake.sessions import trace_of_session
from agentreplay.model.ids import ProjectId
from agentreplay.model.span import Span
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.store.journal.posting import post
from agentreplay.store.registry import open_store
from agentreplay.testing import NEW_YEAR, batch_of
from tests.core.hooked import KEY, SECRET, TOOL, WHOLE, payload
from tests.transcripts import Importing, kept_lines


def test_a_session_is_told_by_its_hooks_alone(tmp_path: Path) -> None:
    for one in WHOLE:
        post(str(tmp_path), KIND, VERSION, one)
    store = open_store(tmp_path)

    store.drain()
    row = store.sessions.get(KEY)
    spans = store.spans.read(KEY)
    store.close()

    assert row is not None
    assert (row.status, row.session.agent, row.session.program and row.session.program.cwd) == (
        "completed", "claude-code", "/srv/shop",
    )  # fmt: skip
    assert [(span.kind, span.name, span.status) for span in spans] == [
        ("custom", "session started", "unset"),
        ("human", "prompt", "unset"),
        ("tool", "Bash", "error"),
        ("agent", "Explore", "ok"),
        ("tool", "Bash", "ok"),
        ("custom", "turn ended", "unset"),
        ("custom", "session ended", "unset"),
    ]
    assert [span.duration for span in spans[2:4]] == [SECOND, 2 * SECOND]
    assert spans[4].parent_id == spans[3].span_id, "what a sub-agent does stands below it"


def test_a_killed_session_leaves_what_it_was_at_open(tmp_path: Path) -> None:
    for one in WHOLE[:3]:
        post(str(tmp_path), KIND, VERSION, one)
    store = open_store(tmp_path)

    store.drain()
    row = store.sessions.get(KEY)
    store.close()

    assert row is not None
    assert (row.status, row.summary.open) == ("running", 1)


def test_what_the_agents_own_file_tells_takes_the_place(tmp_path: Path) -> None:
    """Nothing appears twice."""
    store = open_store(tmp_path)
    final = Span(
        tenant=KEY.tenant, project=KEY.project, session=KEY.session, trace_id=trace_of_session(KEY.session),
        span_id=span_of(KEY.session, "tool", "toolu_1"), kind="tool", name="Bash", tool="Bash",
        start=Nanoseconds(NEW_YEAR), end=Nanoseconds(NEW_YEAR + 1), attributes={"told": "by the file"},
    )  # fmt: skip
    for one in WHOLE[:4]:
        post(str(tmp_path), KIND, VERSION, one)
    store.drain()

    store.append(batch_of(final))
    for one in WHOLE[2:4]:
        post(str(tmp_path), KIND, VERSION, one)
    store.drain()
    stored, page = store.spans.get(final.key), store.spans.read(KEY)
    conflicts = store.statistics().conflicts
    store.close()

    assert stored is not None
    assert (stored.attributes, stored.status) == ({"told": "by the file"}, "unset")
    assert [span.kind for span in page].count("tool") == 1
    assert conflicts == 0


def taken_in(path: Path, hooks: list[bytes], data: Path, *, is_read_first: bool) -> Importing:
    """The agent's own file and what it told its hooks, whichever comes first."""
    importing = Importing(data)
    if is_read_first:
        importing.read(path)
    for one in hooks:
        importing.store.append(batch_of_hook(one))
    if not is_read_first:
        importing.read(path)
    return importing


@pytest.mark.parametrize("is_read_first", [False, True])
def test_what_gemini_cli_tells_its_hooks_and_its_file_stands_once(tmp_path: Path, *, is_read_first: bool) -> None:
    """Its hooks are told no ids: what was asked tells which prompt and which call it is, with a secret or without."""
    hooks = [
        payload("BeforeAgent", 1, session_id="g1", prompt=f"deploy with {SECRET}"),
        *(
            payload("AfterTool", second, session_id="g1", tool_name=name, tool_input=given, tool_response={"x": "y"})
            for second, name, given in ((2, "run", {"b": 1, "a": SECRET}), (3, "run", {"b": 1, "a": SECRET}))
        ),
    ]
    calls = [
        {"id": key, "name": "run", "args": {"a": SECRET, "b": 1}, "status": "success", "result": [{"text": key}]}
        for key in ("t1", "t2")
    ]
    lines = [
        {"sessionId": "g1", "projectHash": "abc", "startTime": "2026-02-01T00:00:00Z", "kind": "main"},
        {"id": "m1", "type": "user", "content": [{"text": f"deploy with {SECRET}"}]},
        {"id": "m2", "type": "gemini", "content": "done", "toolCalls": calls},
    ]
    path = tmp_path / "session-1.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))

    importing = taken_in(path, hooks, tmp_path / "data", is_read_first=is_read_first)

    told = [(span.kind, span.attributes.get("tool_use_id")) for span in importing.spans("g1") if span.kind != "custom"]
    assert sorted(told, key=str) == [("llm", None), ("step", None), ("tool", "t1"), ("tool", "t2")]
    assert importing.store.statistics().conflicts == 0
    importing.close()


@pytest.mark.parametrize("is_read_first", [False, True])
def test_what_cursor_tells_its_hooks_and_its_file_is_one_session(tmp_path: Path, *, is_read_first: bool) -> None:
    """It names neither prompts nor calls in both, and tools otherwise: what they come to tells which is which."""
    turn = {"session_id": None, "conversation_id": "c1", "generation_id": "g1", "workspace_roots": ["/srv/shop"]}
    edit = {"old_string": "a", "new_string": "b"}
    hooks = [
        payload("beforeSubmitPrompt", 1, **turn, prompt=f"deploy with {SECRET}"),
        payload("afterShellExecution", 2, **turn, command=f"echo {SECRET}", output="ok", duration=5),
        payload("afterFileEdit", 3, **turn, file_path="/srv/shop/a.py", edits=[edit]),
        payload("afterMCPExecution", 4, **turn, tool_name="find", tool_input='{"q": 1}', result_json="{}"),
    ]
    calls = [
        {"type": "tool_use", "name": name, "input": given}
        for name, given in (
            ("Shell", {"command": f"echo {SECRET}", "description": "say it"}),
            ("StrReplace", {"path": "a.py", **edit}),
            ("mcp_shop_find", {"q": 1}),
        )
    ]
    asked = {"type": "text", "text": f"<user_query>\ndeploy with {SECRET}\n</user_query>"}
    lines = [
        {"role": "user", "message": {"content": [asked]}},
        {"role": "assistant", "message": {"content": [{"type": "text", "text": "now"}, *calls]}},
    ]
    path = tmp_path / "agent-transcripts/c1/c1.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))

    importing = taken_in(path, hooks, tmp_path / "data", is_read_first=is_read_first)

    spans = importing.spans("c1")
    assert sorted(span.kind for span in spans) == ["llm", "step", "tool", "tool", "tool"]
    assert all(span.end for span in spans), "the hooks tell what came of the calls, which this file does not"
    assert len(kept_lines(importing)) == len(lines)
    assert importing.store.statistics().conflicts == 0
    importing.close()


def test_secrets_are_taken_out_wherever_they_stand() -> None:
    told: dict[str, Any] = {**TOOL, "tool_input": {"command": SECRET}}

    batch = batch_of_hook(payload("PostToolUse", **told, tool_response=SECRET, note=SECRET))

    assert SECRET.encode() not in msgspec.msgpack.encode(batch)
    assert msgspec.msgpack.encode(batch).count(b"[redacted:openai:") == 3


def test_the_policy_of_the_project_decides(tmp_path: Path) -> None:
    choose_policy(tmp_path, ProjectId("default"), "structure")

    batch = batch_of_hook(payload("UserPromptSubmit", prompt="the plan for the merger"), tmp_path)

    assert b"merger" not in msgspec.msgpack.encode(batch)


def test_a_file_of_policies_that_makes_no_sense_costs_no_event(tmp_path: Path) -> None:
    (tmp_path / "policies").write_text("nonsense")

    assert batch_of_hook(payload("Stop"), tmp_path).spans


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b'{"session_id": 5}'])
def test_what_is_no_event_is_refused_by_name(body: bytes) -> None:
    with pytest.raises(ValueInvalid, match="names a session"):
        batch_of_hook(pack({"received": "1"}, body))


def test_an_unreadable_event_is_counted_and_keeps_no_other_out(tmp_path: Path) -> None:
    post(str(tmp_path), KIND, VERSION, b"nonsense")
    post(str(tmp_path), KIND, VERSION, WHOLE[0])
    store = open_store(tmp_path)

    store.drain()

    assert len(store.spans.read(KEY)) == 1
    store.close()


def test_the_same_event_is_read_the_same(tmp_path: Path) -> None:
    assert batch_of_hook(WHOLE[1]) == batch_of_hook(WHOLE[1], tmp_path)
