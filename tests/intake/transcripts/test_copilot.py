"""What is read of GitHub Copilot CLI: calls with their tokens, tools, edits, and sub-agents below who called them."""

from typing import Any

from tests.intake.transcripts.conftest import Written
from tests.transcripts import Importing

FILE = "/home/user/shop/a.py"


def event(second: int, kind: str, agent: str = "", **data: Any) -> dict[str, Any]:
    told = {"type": kind, "id": f"{second}-{kind}", "timestamp": f"2026-05-01T00:00:{second:02}.000Z", "data": data}
    return {**told, "agentId": agent} if agent else told


def used(second: int, key: str, agent: str = "") -> dict[str, Any]:
    counts = {"inputTokens": 100, "cacheReadTokens": 40, "cacheWriteTokens": 10, "outputTokens": 9}
    return event(second, "session.usage_record", agent, usage={"apiCallId": key, "model": "claude-sonnet-4", **counts})


def said(second: int, key: str, words: str, *calls: dict[str, Any], agent: str = "") -> dict[str, Any]:
    return event(second, "assistant.message", agent, apiCallId=key, content=words, toolRequests=list(calls))


def call(key: str, name: str, **arguments: Any) -> dict[str, Any]:
    return {"toolCallId": key, "name": name, "arguments": arguments}


def began(second: int, key: str, name: str, agent: str = "") -> dict[str, Any]:
    return event(second, "tool.execution_start", agent, toolCallId=key, toolName=name)


def done(second: int, key: str, words: str, agent: str = "", **data: Any) -> dict[str, Any]:
    fields = {"toolCallId": key, "success": True, "result": {"content": words}, **data}
    return event(second, "tool.execution_complete", agent, **fields)


START = [
    event(0, "session.start", sessionId="p1", copilotVersion="1.0.102", context={"cwd": "/home/user/shop"}),
    event(1, "user.message", messageId="m1", content="write it", transformedContent="<now/> write it"),
    event(1, "system.message", role="system", content="be brief"),
    event(1, "assistant.turn_start", turnId="0"),
]
WRITTEN = [
    *START,
    used(3, "call-1"),
    said(3, "call-1", "now", call("t1", "create", path=FILE, file_text="x = 1")),
    began(3, "t1", "create"),
    done(4, "t1", "created"),
    event(4, "assistant.turn_end", turnId="0"),
    used(6, "call-2"),
    said(6, "call-2", "and", call("t2", "edit", path=FILE, old_str="1", new_str="2"), call("t3", "bash", command="ls")),
    done(7, "t2", "edited"),
    done(8, "t3", "a.py", shellExecution={"exitCode": 0}),
    event(8, "assistant.turn_end", turnId="1"),
    event(9, "session.shutdown", reason="exit"),
]


def test_a_session_is_read(importing: Importing, write: Written) -> None:
    importing.read(write("p1/events.jsonl", *WRITTEN))

    turn, first, create, second, edit, shell = [span for span in importing.spans("p1") if span.kind != "custom"]
    assert (turn.name, first.model, first.provider, shell.tool) == ("write it", "claude-sonnet-4", "anthropic", "bash")
    usage = first.usage
    assert (usage.input, usage.cache_read, usage.cache_write_5m, usage.output) == (50, 40, 10, 9)
    assert (importing.kept(create, "after"), importing.kept(edit, "before")) == ("x = 1", "x = 1")
    assert (importing.kept(edit, "after"), shell.attributes["exit_code"]) == ("x = 2", 0)
    assert (first.end, second.end) == (create.start, edit.start), "an answer is complete when its tools begin"
    row = importing.session("p1")
    assert row.summary.usage.total == 2 * 109
    assert row.session.program is not None
    assert (row.session.program.cwd, row.session.program.versions) == ("/home/user/shop", {"copilot": "1.0.102"})


def test_the_model_sees_what_it_was_told_and_not_what_was_asked(importing: Importing, write: Written) -> None:
    importing.read(write("p1/events.jsonl", *WRITTEN))

    answer = next(span for span in importing.spans("p1") if span.kind == "llm")
    assert answer.context is not None
    links = importing.store.contexts.read(importing.tenant, answer.context.id)
    assert [importing.text(link.message) for link in links] == [
        '{"role":"user","content":"<now/> write it"}',
        '{"role":"system","content":"be brief"}',
    ]


def test_a_sub_agent_stands_below_the_call_that_set_it_to_work(importing: Importing, write: Written) -> None:
    lines = [
        *START,
        used(2, "call-1"),
        said(2, "call-1", "", call("t1", "task", prompt="look around")),
        event(3, "subagent.started", "a1", toolCallId="t1", agentName="explore"),
        event(3, "user.message", "a1", content="look around"),
        used(4, "call-2", "a1"),
        said(4, "call-2", "seen", agent="a1"),
        event(4, "assistant.turn_end", "a1"),
        done(5, "t1", "seen"),
        event(5, "subagent.completed", "a1", toolCallId="t1"),
    ]

    importing.read(write("p1/events.jsonl", *lines))

    spans = importing.spans("p1")
    (task,) = [span for span in spans if span.tool == "task"]
    (agent,) = [span for span in spans if span.kind == "agent"]
    assert (agent.parent_id, agent.name, agent.end) == (task.span_id, "explore", task.end)
    assert [span.kind for span in spans if span.parent_id == agent.span_id] == ["llm"]
    assert [span.kind for span in spans].count("step") == 1


def test_what_went_wrong_and_what_is_unknown_is_said(importing: Importing, write: Written) -> None:
    failed = done(4, "t1", "", success=False, result=None, error={"message": "it exists"})
    lines = [*WRITTEN[:7], failed, event(5, "quantum.leap", to="tomorrow"), event(5, "session.mode_changed", mode="x")]

    (outcome,) = importing.read(write("p1/events.jsonl", *lines))

    (tool,) = [span for span in importing.spans("p1") if span.kind == "tool"]
    assert (tool.status, tool.status_message) == ("error", "it exists")
    assert importing.kept(tool, "after") is None
    assert outcome.unknown == {"quantum.leap": 1}
