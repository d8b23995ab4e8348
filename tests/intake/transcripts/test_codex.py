"""What is read of Codex: calls and their tokens, copies that forks and sub-agents begin with."""

import json
from pathlib import Path
from typing import Any

from agentreplay.intake.joining import span_of
from agentreplay.model.ids import SessionId
from tests.intake.transcripts.conftest import Written
from tests.transcripts import Importing, corpus

PARENT, CHILD, AGENT = (f"0000000{number}-0000-4000-8000-000000000000" for number in (1, 2, 3))
NAME = "codex-session-alpha.jsonl"
OUTPUT = '{"output":"a b","metadata":{"exit_code":1}}'


def line(second: int, kind: str, **payload: Any) -> dict[str, Any]:
    return {"timestamp": f"2026-05-01T00:00:{second:02}.000Z", "type": kind, "payload": payload}


def meta(session: str, **payload: Any) -> dict[str, Any]:
    git = {"branch": "main", "commit_hash": "abc"}
    return line(0, "session_meta", id=session, cwd="/home/user/shop", cli_version="0.99.0", git=git, **payload)


def tokens(second: int, total: int, *, written: int = 10) -> dict[str, Any]:
    last = {"input_tokens": 100, "cached_input_tokens": 40, "output_tokens": written, "reasoning_output_tokens": 4}
    told = {"input_tokens": 100 * total, "output_tokens": 10 * total, "total_tokens": 110 * total}
    info = {"last_token_usage": last, "total_token_usage": told}
    return line(second, "event_msg", type="token_count", info=info)


SHARED = [
    line(1, "turn_context", model="gpt-5-codex", approval_policy="on-request"),
    line(2, "response_item", type="message", role="user", content=[{"type": "input_text", "text": "list it"}]),
    line(2, "event_msg", type="user_message", message="list it"),
    line(4, "response_item", type="reasoning", summary=[{"type": "summary_text", "text": "hm"}]),
    line(5, "response_item", type="function_call", name="shell", arguments='{"command":["ls"]}', call_id="c1"),
    tokens(5, 1),
    line(6, "response_item", type="function_call_output", call_id="c1", output=OUTPUT),
    line(8, "response_item", type="message", role="assistant", content=[{"type": "output_text", "text": "two"}]),
    line(8, "event_msg", type="agent_message", message="two"),
    tokens(8, 2),
]  # fmt: skip


def test_tokens_are_those_of_a_hand_count(importing: Importing, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(corpus()[NAME])
    counts = [
        json.loads(line)["payload"]["info"]["last_token_usage"]
        for line in corpus()[NAME].splitlines()
        if b"token_count" in line
    ]

    importing.read(tmp_path / NAME)

    usage = importing.session("codex-session-alpha").summary.usage
    cached, thought = (sum(one[name] for one in counts) for name in ("cached_input_tokens", "reasoning_output_tokens"))
    assert (usage.cache_read, usage.reasoning) == (cached, thought)
    assert usage.input == sum(one["input_tokens"] for one in counts) - cached
    assert usage.output == sum(one["output_tokens"] for one in counts) - thought


def test_a_call_is_what_comes_before_its_tokens(importing: Importing, write: Written) -> None:
    importing.read(write(f"rollout-{PARENT}.jsonl", meta(PARENT), *SHARED))

    turn, first, tool, second = [span for span in importing.spans(PARENT) if span.name != "before the first prompt"]
    assert [span.kind for span in (turn, first, tool, second)] == ["step", "llm", "tool", "llm"]
    assert (turn.name, first.model, first.provider) == ("list it", "gpt-5-codex", "openai")
    assert (first.usage.input, first.usage.cache_read, first.usage.output, first.usage.reasoning) == (60, 40, 6, 4)
    assert (importing.kept(tool, "answer"), tool.status, tool.attributes["exit_code"]) == ("a b", "error", 1)
    assert importing.session(PARENT).summary.usage.total == 220
    row = importing.session(PARENT).session
    assert row.program is not None
    assert (row.program.cwd, row.program.commit, row.labels["branch"]) == ("/home/user/shop", "abc", "main")


def test_tokens_that_are_told_again_count_once(importing: Importing, write: Written) -> None:
    importing.read(write(f"rollout-{PARENT}.jsonl", meta(PARENT), *SHARED, tokens(9, 2), tokens(9, 2)))

    assert importing.session(PARENT).summary.usage.total == 220


def test_a_fork_pays_only_for_what_it_adds(importing: Importing, write: Written) -> None:
    """Its copies bear the time of the fork."""
    copies = [{**one, "timestamp": "2026-05-02T00:00:00.000Z"} for one in SHARED]
    more = line(
        9, "response_item", type="message", role="assistant", content=[{"type": "output_text", "text": "three"}]
    )
    write(f"rollout-1-{PARENT}.jsonl", meta(PARENT), *SHARED)
    path = write(f"rollout-2-{CHILD}.jsonl", meta(CHILD, forked_from_id=PARENT), *copies, more, tokens(9, 3))

    importing.read(path.parent)

    assert importing.session(PARENT).summary.usage.total == 220
    assert importing.session(CHILD).summary.usage.total == 110
    copied = [span for span in importing.spans(CHILD) if span.attributes.get("transcript.copied")]
    assert [span.cost for span in copied] == [0, 0]
    assert importing.session(CHILD).session.labels["forked_from"] == PARENT


def test_a_sub_agent_belongs_to_the_session_of_its_parent(importing: Importing, write: Written) -> None:
    write(f"rollout-1-{PARENT}.jsonl", meta(PARENT), *SHARED)
    own = meta(AGENT, parent_thread_id=PARENT, agent_nickname="Ada")
    path = write(f"rollout-2-{AGENT}.jsonl", own, *SHARED, tokens(9, 3))

    importing.read(path.parent)

    (agent,) = [span for span in importing.spans(PARENT) if span.kind == "agent"]
    assert importing.session(PARENT).summary.usage.total == 330
    below = [span.kind for span in importing.spans(PARENT) if span.parent_id == agent.span_id]
    assert below == ["llm", "tool", "llm", "llm"]


def test_a_file_that_a_patch_adds_is_known(importing: Importing, write: Written) -> None:
    patched = line(7, "event_msg", type="patch_apply_end", call_id="c2", success=True)
    patched["payload"]["changes"] = {"/home/user/shop/a.py": {"type": "add", "content": "x = 1"}}
    call = line(6, "response_item", type="custom_tool_call", name="apply_patch", input="*** Begin", call_id="c2")

    importing.read(write(f"rollout-{PARENT}.jsonl", meta(PARENT), SHARED[0], SHARED[2], call, patched))

    (tool,) = [span for span in importing.spans(PARENT) if span.kind == "tool"]
    assert (tool.attributes["file.path"], importing.kept(tool, "after")) == ("/home/user/shop/a.py", "x = 1")


def test_a_patch_changes_moves_and_removes_a_file_whose_text_is_known(importing: Importing, write: Written) -> None:
    path, other = "/home/user/shop/a.py", "/home/user/shop/b.py"
    changes: list[dict[str, Any]] = [
        {path: {"type": "add", "content": "x = 1\ny = 2\n"}},
        {path: {"type": "update", "unified_diff": "@@ -2 +2 @@\n-y = 2\n+y = 3\n", "move_path": None}},
        {path: {"update": {"unified_diff": "@@ -1 +1 @@\n-x = 1\n+x = 0\n", "move_path": other}}},
        {other: {"type": "delete"}},
        {path: {"type": "update", "unified_diff": "@@ -1 +1 @@\n-x = 0\n+x = 9\n"}},
    ]
    lines: list[dict[str, Any]] = []
    for number, change in enumerate(changes):
        call = line(
            6 + number, "response_item", type="custom_tool_call", name="apply_patch", input="*", call_id=f"p{number}"
        )
        done = line(6 + number, "event_msg", type="patch_apply_end", call_id=f"p{number}", success=True)
        done["payload"]["changes"] = change
        lines += [call, done]

    importing.read(write(f"rollout-{PARENT}.jsonl", meta(PARENT), SHARED[0], SHARED[2], *lines))

    told = [span for span in importing.spans(PARENT) if span.kind == "tool"]
    assert [(importing.kept(span, "before"), importing.kept(span, "after")) for span in told] == [
        (None, "x = 1\ny = 2\n"),
        ("x = 1\ny = 2\n", "x = 1\ny = 3\n"),
        ("x = 1\ny = 3\n", "x = 0\ny = 3\n"),
        ("x = 0\ny = 3\n", None),
        (None, None),
    ]


def test_after_a_compaction_the_model_sees_the_summary(importing: Importing, write: Written) -> None:
    compacted = line(9, "compacted", message="so far", replacement_history=[{"role": "user", "content": "so far"}])
    said = line(10, "response_item", type="message", role="assistant", content=[{"type": "output_text", "text": "on"}])

    importing.read(write(f"rollout-{PARENT}.jsonl", meta(PARENT), *SHARED, compacted, said, tokens(11, 3)))

    last = importing.spans(PARENT)[-1]
    assert last.context is not None
    links = importing.store.contexts.read(importing.tenant, last.context.id)
    assert [json.loads(importing.text(link.message))["content"] for link in links] == ["so far"]


def item(second: int, kind: str, **fields: Any) -> dict[str, Any]:
    return line(second, "event_msg", type="item_completed", turn_id="turn-1", item={"type": kind, **fields})


def record(second: int, total: int) -> dict[str, Any]:
    info = tokens(second, total)["payload"]["info"]
    used, sums = info["last_token_usage"], info["total_token_usage"]
    return line(second, "token_usage_record", usage=used, thread_token_usage=sums)


NEWER = [
    line(1, "turn_context", model="gpt-5-codex", turn_id="turn-1"),
    line(2, "response_item", type="message", role="user", content=[{"type": "input_text", "text": "show it"}]),
    item(2, "UserMessage", content=[{"type": "text", "text": "show it"}]),
    item(3, "AgentMessage", content=[{"type": "Text", "text": "now"}]),
    line(3, "response_item", type="message", role="assistant", content=[{"type": "output_text", "text": "now"}]),
    line(3, "response_item", type="function_call", name="exec_command", arguments='{"cmd":"cat a"}', call_id="c1"),
    record(4, 1),
    item(5, "CommandExecution", id="c1", status="failed", exit_code=1),
    line(5, "response_item", type="function_call_output", call_id="c1", output="Process exited with code 1"),
    tokens(5, 1),
]  # fmt: skip
"""As versions from 0.169 on tell it: prompts and commands as items, tokens before the results of the tools."""


def test_newer_versions_tell_prompts_and_exit_codes_as_items(importing: Importing, write: Written) -> None:
    importing.read(write(f"rollout-{PARENT}.jsonl", meta(PARENT), *NEWER))

    turn, answer, tool = [span for span in importing.spans(PARENT) if span.name != "before the first prompt"]
    assert (turn.kind, turn.name) == ("step", "show it")
    assert (answer.kind, answer.usage.total) == ("llm", 110)
    assert (tool.status, tool.attributes["exit_code"]) == ("error", 1)
    assert importing.session(PARENT).summary.usage.total == 110, "tokens that are told twice count once"


def test_a_turn_has_the_id_that_hooks_give_its_prompt(importing: Importing, write: Written) -> None:
    """A second prompt that is put in while the agent works bears the name of the first, and is a turn of its own."""
    importing.read(
        write(f"rollout-{PARENT}.jsonl", meta(PARENT), *NEWER, item(6, "UserMessage", content=[{"text": "wait"}]))
    )

    first, second = [span for span in importing.spans(PARENT) if span.kind == "step"]
    assert first.span_id == span_of(SessionId(PARENT), "prompt", "turn-1")
    assert second.span_id != first.span_id


def test_a_file_that_an_item_adds_is_known(importing: Importing, write: Written) -> None:
    change = item(7, "FileChange", id="c2", status="completed")
    change["payload"]["item"]["changes"] = {"/home/user/shop/a.py": {"type": "add", "content": "x = 1"}}
    call = line(6, "response_item", type="custom_tool_call", name="apply_patch", input="*** Begin", call_id="c2")

    importing.read(write(f"rollout-{PARENT}.jsonl", meta(PARENT), *NEWER[:3], call, change))

    (tool,) = [span for span in importing.spans(PARENT) if span.kind == "tool"]
    assert (tool.attributes["file.path"], importing.kept(tool, "after")) == ("/home/user/shop/a.py", "x = 1")
