"""What is read of Gemini CLI, line by line and in one document."""

import json
from typing import Any

from tests.intake.transcripts.conftest import Written
from tests.transcripts import Importing

META = {"sessionId": "g1", "projectHash": "abc", "startTime": "2026-02-01T00:00:00Z", "kind": "main"}
TOKENS = {"input": 100, "cached": 30, "output": 7, "thoughts": 5, "tool": 2, "total": 114}


def message(key: str, second: int, kind: str, content: Any, **fields: Any) -> dict[str, Any]:
    return {"id": key, "timestamp": f"2026-02-01T00:00:{second:02}Z", "type": kind, "content": content, **fields}


CALL = {
    "id": "t1",
    "name": "write_file",
    "args": {"file_path": "/home/user/a.py", "content": "x = 1"},
    "status": "success",
    "timestamp": "2026-02-01T00:00:05Z",
    "result": [{"functionResponse": {"id": "t1", "response": {"output": "written"}}}],
    "resultDisplay": {"originalContent": "", "newContent": "x = 1"},
}
SAID = [
    message("m1", 1, "user", "write it"),
    message("m2", 4, "gemini", "so be it", model="gemini-2.5-pro", tokens=TOKENS, toolCalls=[CALL]),
    message("m3", 6, "info", "saved"),
]


def check(importing: Importing) -> None:
    turn, call, tool = (
        next(span for span in importing.spans() if span.kind == kind) for kind in ("step", "llm", "tool")
    )
    assert (turn.name, call.provider, call.model) == ("write it", "gcp.gemini", "gemini-2.5-pro")
    used = call.usage
    assert (used.input, used.cache_read, used.output, used.reasoning) == (72, 30, 7, 5)
    assert used.total == TOKENS["total"]
    assert (tool.status, importing.kept(tool, "after"), tool.attributes["file.path"]) == (
        "ok",
        "x = 1",
        "/home/user/a.py",
    )
    assert importing.session("g1").status == "completed"


def test_lines_are_read(importing: Importing, write: Written) -> None:
    importing.read(write("session-1.jsonl", META, *SAID))

    check(importing)


def test_a_document_is_read(importing: Importing, write: Written) -> None:
    importing.read(write("session-1.json", {**META, "messages": SAID}))

    check(importing)


def test_a_document_that_grows_adds_what_is_new(importing: Importing, write: Written) -> None:
    importing.now = 0
    importing.read(write("session-1.json", {**META, "messages": SAID[:1]}))
    importing.now = 4_000_000_000 * 10**9
    importing.read(write("session-1.json", {**META, "messages": SAID}))

    check(importing)
    assert importing.store.statistics().conflicts == 0


def test_a_message_that_is_written_again_counts_once(importing: Importing, write: Written) -> None:
    waiting = {**CALL, "status": "executing"}
    first = message("m2", 4, "gemini", "so be it", model="gemini-2.5-pro", tokens=TOKENS, toolCalls=[waiting])

    importing.read(write("session-1.jsonl", META, SAID[0], first, SAID[1], SAID[2]))

    check(importing)
    assert importing.session("g1").summary.kinds == {"custom": 1, "step": 1, "llm": 1, "tool": 1}


def test_after_a_rewind_the_model_sees_the_other_way(importing: Importing, write: Written) -> None:
    again = [{"$rewindTo": "m1"}, message("m9", 9, "user", "better"), message("m10", 10, "gemini", "yes", model="m")]

    importing.read(write("session-1.jsonl", META, *SAID, *again))

    last = [span for span in importing.spans() if span.kind == "llm"][-1]
    assert last.context is not None
    links = importing.store.contexts.read(importing.tenant, last.context.id)
    assert [json.loads(importing.text(link.message))["content"] for link in links] == ["write it", "better"]


def test_results_that_newer_versions_tell_as_a_message_are_no_prompt(importing: Importing, write: Written) -> None:
    response = {"functionResponse": {"id": "t1", "name": "write_file", "response": {"output": "written"}}}
    other = {"functionResponse": {"id": "t9", "name": "read_file", "response": {"output": "x = 1"}}}
    said = [*SAID, message("m4", 7, "user", [response]), message("m5", 8, "user", [other])]

    importing.read(write("session-1.jsonl", META, *said))

    assert [span.name for span in importing.spans() if span.kind == "step"] == ["write it"]
    told, alone = [span for span in importing.spans() if span.kind == "tool"]
    assert (told.tool, importing.kept(alone, "answer")) == ("write_file", "x = 1")
