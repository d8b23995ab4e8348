"""What is read of Claude Code's sessions: turns, calls, money, files."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agentreplay.core.hooks import batch_of_hook
from agentreplay.model.span import Span
from tests.core.hooked import payload
from tests.intake.transcripts.conftest import Written
from tests.transcripts import Importing, corpus, put_corpus

CORPUS = corpus()
SONNET = {"input": 3_000, "read": 300, "write_5m": 3_750, "write_1h": 6_000, "output": 15_000}
"""Of Claude Sonnet 4, in nano-dollars for a token."""
BASE = {"sessionId": "s1", "cwd": "/home/user/shop", "version": "2.1.209", "gitBranch": "main", "isSidechain": False}


def counted(*names: str) -> Counter[str]:
    """The tokens of files by hand: the last that is told of each message, in buckets that add up."""
    last: dict[str, dict[str, Any]] = {}
    for name in names:
        for line in CORPUS[name].splitlines():
            try:
                record = json.loads(line)
                last[record["message"]["id"]] = record["message"]["usage"]
            except (KeyError, TypeError, ValueError):
                continue
    sums: Counter[str] = Counter()
    for usage in last.values():
        hour = usage.get("cache_creation", {}).get("ephemeral_1h_input_tokens", 0)
        sums["input"] += usage["input_tokens"]
        sums["read"] += usage.get("cache_read_input_tokens", 0)
        sums["write_5m"] += usage.get("cache_creation_input_tokens", 0) - hour
        sums["write_1h"] += hour
        sums["output"] += usage["output_tokens"]
    return sums


def line(uuid: str, parent: str | None, second: int, **fields: Any) -> dict[str, Any]:
    return {**BASE, "uuid": uuid, "parentUuid": parent, "timestamp": f"2026-01-01T00:00:{second:02}Z", **fields}


def user(uuid: str, parent: str | None, second: int, content: Any, **fields: Any) -> dict[str, Any]:
    return line(uuid, parent, second, type="user", message={"role": "user", "content": content}, **fields)


def answer(uuid: str, parent: str, second: int, key: str, *content: Any, **fields: Any) -> dict[str, Any]:
    usage = fields.pop("usage", {"input_tokens": 10, "output_tokens": 5})
    message = {"id": key, "role": "assistant", "model": "claude-sonnet-4", "content": content, "usage": usage}
    return line(uuid, parent, second, type="assistant", requestId=f"req_{key}", message=message, **fields)


def words(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def call(key: str, name: str, **arguments: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": key, "name": name, "input": arguments}


def result(key: str, content: str, *, is_error: bool = False) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": key, "content": content, "is_error": is_error}


def seen(importing: Importing, span: Span) -> list[Any]:
    """The messages that the model saw."""
    assert span.context is not None
    links = importing.store.contexts.read(importing.tenant, span.context.id)
    return [json.loads(importing.text(link.message)) for link in links]


@pytest.mark.parametrize(
    ("session", "names"),
    [
        ("1af7fc5e-8455-4414-9ccd-011d40f70b2a", ["viewer-1af7fc5e.jsonl"]),
        ("5c0375b4-57a5-4f26-b12d-d022ee4e51b7", ["viewer-5c0375b4.jsonl", "viewer-agent-test-hash-456.jsonl"]),
    ],
)
def test_tokens_and_cost_are_those_of_a_hand_count(
    importing: Importing, tmp_path: Path, session: str, names: list[str]
) -> None:
    put_corpus(tmp_path)

    importing.read(tmp_path)

    sums = counted(*names)
    row = importing.session(session)
    usage = row.summary.usage
    assert usage.total == sum(sums.values()) > 0
    assert (usage.input, usage.cache_read, usage.output) == (sums["input"], sums["read"], sums["output"])
    assert (usage.cache_write_5m, usage.cache_write_1h) == (sums["write_5m"], sums["write_1h"])
    assert row.summary.cost == sum(SONNET[bucket] * count for bucket, count in sums.items())


@pytest.mark.parametrize("name", [name for name in CORPUS if name.startswith(("log-", "harness-"))])
def test_tokens_of_the_other_files_are_those_of_a_hand_count(importing: Importing, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(CORPUS[name])

    (outcome,) = importing.read(tmp_path / name)

    assert importing.session(outcome.session).summary.usage.total == sum(counted(name).values())


def test_a_turn_holds_calls_tools_and_answers(importing: Importing, write: Written) -> None:
    path = write(
        "s1.jsonl",
        user("u1", None, 0, "What is in it?"),
        answer("a1", "u1", 2, "m1", {"type": "thinking", "thinking": "look"}, usage={"output_tokens": 1}),
        answer("a2", "a1", 3, "m1", call("t1", "Read", file_path="/home/user/shop/a.py")),
        user("u2", "a2", 4, [result("t1", "x = 1")]),
        answer("a3", "u2", 6, "m2", words("x is 1")),
        user("u3", "a3", 9, "Thanks"),
    )

    importing.read(path)

    turn, first, tool, second, last = importing.spans()
    assert [one.kind for one in (turn, first, tool, second, last)] == ["step", "llm", "tool", "llm", "step"]
    assert (turn.name, turn.iteration, last.name, last.iteration) == ("What is in it?", 1, "Thanks", 2)
    assert {first.parent_id, tool.parent_id, second.parent_id} == {turn.span_id}
    assert (first.usage.output, first.usage.input) == (5, 10)
    assert (tool.tool, importing.kept(tool, "answer"), tool.status) == ("Read", "x = 1", "ok")
    assert [message["role"] for message in seen(importing, second)] == ["user", "assistant", "user"]
    assert len(seen(importing, second)[1]["content"]) == 2
    row = importing.session("s1")
    assert (row.session.name, row.session.agent, row.status) == ("What is in it?", "claude-code", "completed")
    assert row.session.program is not None
    assert (row.session.program.cwd, row.session.labels["branch"]) == ("/home/user/shop", "main")


def test_after_a_rewind_the_model_sees_the_other_way(importing: Importing, write: Written) -> None:
    path = write(
        "s1.jsonl",
        user("u1", None, 0, "one"),
        answer("a1", "u1", 1, "m1", words("first")),
        user("u2", "a1", 2, "two"),
        answer("a2", "u2", 3, "m2", words("second")),
        user("u3", "a1", 4, "two, but better"),
        answer("a3", "u3", 5, "m3", words("third")),
    )

    importing.read(path)

    calls = [span for span in importing.spans() if span.kind == "llm"]
    assert [message["content"] for message in seen(importing, calls[2])][-1] == "two, but better"
    assert len(seen(importing, calls[2])) == len(seen(importing, calls[1])) == 3
    rewound = [span for span in importing.spans() if span.attributes.get("transcript.rewound")]
    assert [span.name for span in rewound] == ["two, but better"]


def test_after_a_compaction_the_model_sees_the_summary(importing: Importing, write: Written) -> None:
    boundary = line("c1", None, 2, type="system", subtype="compact_boundary", logicalParentUuid="a1")
    path = write(
        "s1.jsonl",
        user("u1", None, 0, "one"),
        answer("a1", "u1", 1, "m1", words("first")),
        boundary | {"compactMetadata": {"trigger": "auto", "preTokens": 99}},
        user("u2", "c1", 3, "So far: one.", isCompactSummary=True),
        answer("a2", "u2", 4, "m2", words("second")),
    )

    importing.read(path)

    turn, _, after = importing.spans()
    assert [message["content"] for message in seen(importing, after)] == ["So far: one."]
    assert [event.name for event in turn.events] == ["system: compact_boundary", "compaction summary"]
    assert turn.events[0].attributes == {"trigger": "auto", "preTokens": 99}


def test_a_fork_pays_only_for_what_it_adds(importing: Importing, write: Written) -> None:
    shared = [user("u1", None, 0, "one"), answer("a1", "u1", 1, "m1", words("first"), call("t1", "Bash", command="ls"))]
    write("s1.jsonl", *shared, user("u2", "a1", 2, [result("t1", "a")]), answer("a2", "u2", 3, "m2", words("end")))
    forked = [{**one, "sessionId": "s2"} for one in shared]
    path = write("s2.jsonl", *forked, answer("b1", "u2", 9, "m9", words("else")) | {"sessionId": "s2"})

    importing.read(path.parent)

    assert [importing.session(one).summary.usage.total for one in ("s1", "s2")] == [30, 15]
    copied = [span for span in importing.spans("s2") if span.attributes.get("transcript.copied")]
    assert [(span.kind, span.cost) for span in copied] == [("llm", 0)]
    assert importing.store.statistics().conflicts == 0


def test_a_sub_agent_stands_below_the_call_that_set_it_to_work(importing: Importing, write: Written) -> None:
    write(
        "s1.jsonl",
        user("u1", None, 0, "delegate"),
        answer("a1", "u1", 1, "m1", call("t1", "Task", prompt="look", subagent_type="explorer")),
        user("u2", "a1", 8, [result("t1", "done")], toolUseResult={"agentId": "x1", "agentType": "explorer"}),
    )
    side = {"isSidechain": True, "agentId": "x1"}
    path = write(
        "s1/subagents/agent-x1.jsonl",
        user("x1", None, 2, "look", **side),
        answer("x2", "x1", 3, "n1", words("seen"), **side),
        # Sub-agents are sometimes told the message again that called them.
        answer("x3", "x2", 4, "m1", call("t1", "Task", prompt="look"), **side) | {"requestId": "another"},
    )

    importing.read(path.parent.parent.parent)

    spans = {span.name: span for span in importing.spans()}
    agent, task = (
        spans["explorer"],
        next(span for span in importing.spans() if span.tool == "Task" and span.agent != "explorer"),
    )
    assert (agent.kind, agent.parent_id) == ("agent", task.span_id)
    below = [span for span in importing.spans() if span.parent_id == agent.span_id]
    assert [span.kind for span in below] == ["llm", "llm", "tool"]
    assert importing.session("s1").summary.usage.total == 30
    assert importing.session("s1").summary.agents["explorer"] == 4


def test_cache_writes_are_told_apart_by_how_long_they_last(importing: Importing, write: Written) -> None:
    kept = {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 70}
    usage = {"input_tokens": 1, "cache_creation_input_tokens": 100, "cache_creation": kept, "output_tokens": 2}
    path = write(
        "s1.jsonl",
        user("u1", None, 0, "one"),
        answer("a1", "u1", 1, "m1", words("first"), usage={**usage, "cache_read_input_tokens": 500}),
    )

    importing.read(path)

    (used,) = [span.usage for span in importing.spans() if span.kind == "llm"]
    assert (used.input, used.cache_read, used.cache_write_5m, used.cache_write_1h, used.output) == (1, 500, 30, 70, 2)


def test_files_are_followed_through_writes_and_edits(importing: Importing, write: Written) -> None:
    """Each text equals the one that applying the edits by hand gives."""
    path, texts = "/home/user/shop/a.py", ["x = 1\ny = 1\n", "x = 2\ny = 1\n", "x = 3\nz = 3\n", "x = 4\nz = 4\n"]
    steps = [
        call("t1", "Write", file_path=path, content=texts[0]),
        call("t2", "Edit", file_path=path, old_string="x = 1", new_string="x = 2"),
        call(
            "t3",
            "MultiEdit",
            file_path=path,
            edits=[
                {"old_string": "x = 2", "new_string": "x = 1"},
                {"old_string": "y = 1", "new_string": "z = 1"},
                {"old_string": "1", "new_string": "3", "replace_all": True},
            ],
        ),
        call("t4", "Edit", file_path=path, old_string="3", new_string="4", replace_all=True),
    ]
    lines = [user("u1", None, 0, "write")]
    for number, step in enumerate(steps, 1):
        lines.append(answer(f"a{number}", lines[-1]["uuid"], number * 2, f"m{number}", step))
        lines.append(user(f"r{number}", f"a{number}", number * 2 + 1, [result(f"t{number}", "ok")]))

    importing.read(write("s1.jsonl", *lines))

    tools = [span for span in importing.spans() if span.kind == "tool"]
    assert [importing.kept(span, "after") for span in tools] == texts
    assert [importing.kept(span, "before") for span in tools] == [None, *texts[:3]]
    assert {span.attributes["file.path"] for span in tools} == {path}


def test_a_refused_call_and_a_list_of_things_to_do_are_told(importing: Importing, write: Written) -> None:
    todos = [{"content": "mend", "status": "pending"}]
    path = write(
        "s1.jsonl",
        user("u1", None, 0, "do it"),
        answer("a1", "u1", 1, "m1", call("t1", "TodoWrite", todos=todos), call("t2", "mcp__db__drop", table="a")),
        user("r1", "a1", 2, [result("t1", "noted")]),
        user("r2", "r1", 3, [result("t2", "The user doesn't want to proceed with this tool use.", is_error=True)]),
        {"type": "permission-mode", "permissionMode": "plan", "sessionId": "s1"},
        {"type": "custom-title", "customTitle": "Mending", "sessionId": "s1"},
    )

    importing.read(path)

    todo, refused = [span for span in importing.spans() if span.kind in {"tool", "mcp"}]
    assert json.loads(importing.kept(todo, "todos") or "") == todos
    assert (refused.kind, refused.status, refused.attributes["permission"]) == ("mcp", "error", "denied")
    row = importing.session("s1")
    assert (row.session.name, row.session.labels["permissions"]) == ("Mending", "plan")


def test_what_was_put_into_a_file_of_its_own_is_kept(importing: Importing, write: Written, tmp_path: Path) -> None:
    folder = tmp_path / "s1" / "tool-results"
    folder.mkdir(parents=True)
    (folder / "big.txt").write_text("all of it")
    path = write(
        "s1.jsonl",
        user("u1", None, 0, "list"),
        answer("a1", "u1", 1, "m1", call("t1", "Bash", command="ls")),
        user("r1", "a1", 2, [result("t1", "Output too large. Full output saved to: /x/s1/tool-results/big.txt")]),
    )

    importing.read(path)

    (tool,) = [span for span in importing.spans() if span.kind == "tool"]
    assert importing.kept(tool, "output") == "all of it"


def test_a_call_that_never_answered_leaves_the_session_interrupted(importing: Importing, write: Written) -> None:
    path = write(
        "s1.jsonl", user("u1", None, 0, "go"), answer("a1", "u1", 1, "m1", call("t1", "Bash", command="sleep 9"))
    )

    importing.read(path)

    assert importing.session("s1").status == "interrupted"
    assert importing.session("s1").summary.usage.total == 15


@pytest.mark.parametrize("is_hook_first", [True, False])
def test_a_prompt_that_a_hook_told_of_too_stands_once(
    importing: Importing, write: Written, *, is_hook_first: bool
) -> None:
    """The turn of the file takes the place of what the hook told, whichever comes first."""
    hook = batch_of_hook(payload("UserPromptSubmit", prompt="write it", prompt_id="p1"))
    lines = [
        user("u1", None, 1, "write it", promptId="p1"),
        answer("a1", "u1", 2, "m1", words("so be it"), call("t1", "Bash", command="ls")),
        user("u2", "a1", 3, [result("t1", "a.py")], promptId="p1"),
        user("u3", "u2", 4, "and this", promptId="p1"),
    ]

    if is_hook_first:
        importing.store.append(hook)
    importing.read(write("s1.jsonl", *lines))
    importing.store.append(hook)

    turns = [span for span in importing.spans("s1") if span.kind in {"step", "human"}]
    assert [(span.kind, span.name) for span in turns] == [("step", "write it"), ("step", "and this")]
    assert turns[0].span_id == hook.spans[0].span_id
    assert importing.store.statistics().conflicts == 0
