"""What is read of Cursor: the lines of its command line, and the chats of the editor's database."""

import json
from pathlib import Path
from typing import Any

import apsw

from tests.intake.transcripts.conftest import Written
from tests.transcripts import Importing

MOMENT = 1_770_000_000_000


def said(role: str, *content: Any) -> dict[str, Any]:
    return {"role": role, "message": {"content": list(content)}}


def test_lines_are_read(importing: Importing, write: Written) -> None:
    call = {"type": "tool_use", "id": "t1", "name": "Write", "input": {"path": "/home/user/a.py", "contents": "x = 1"}}
    path = write(
        "agent-transcripts/c1/c1.jsonl",
        said("user", {"type": "text", "text": "write it"}),
        said("assistant", {"type": "text", "text": "now"}, call),
        said("user", {"type": "tool_result", "tool_use_id": "t1", "content": "written"}),
    )

    importing.read(path)

    turn, answer, tool = importing.spans("c1")
    assert (turn.name, answer.kind, tool.tool) == ("write it", "llm", "Write")
    assert (importing.kept(tool, "after"), importing.kept(tool, "answer")) == ("x = 1", "written")


def database(path: Path, values: dict[str, Any]) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode = wal; CREATE TABLE cursorDiskKV (key TEXT, value BLOB)").fetchall()
    for key, value in values.items():
        connection.execute("INSERT INTO cursorDiskKV VALUES (?, ?)", (key, json.dumps(value)))
    return connection


def test_chats_are_read_from_a_database_that_is_being_written(importing: Importing, tmp_path: Path) -> None:
    """What was written last is in its log alone."""
    tool = {
        "name": "read_file",
        "toolCallId": "t1",
        "rawArgs": '{"path":"a.py"}',
        "result": '"x"',
        "status": "completed",
    }
    path = tmp_path / "state.vscdb"
    connection = database(
        path,
        {
            "composerData:c1": {
                "name": "Reading",
                "createdAt": MOMENT,
                "fullConversationHeadersOnly": [{"bubbleId": "b1"}, {"bubbleId": "b2"}],
            },
            "composerData:empty": {"createdAt": MOMENT},
            "bubbleId:c1:b2": {
                "bubbleId": "b2",
                "type": 2,
                "text": "see",
                "toolFormerData": tool,
                "tokenCount": {"inputTokens": 9, "outputTokens": 2},
                "modelInfo": {"modelName": "claude-sonnet-4"},
            },
            "bubbleId:c1:b1": {"bubbleId": "b1", "type": 1, "text": "read it"},
        },
    )
    before = path.read_bytes()

    first = importing.read(path)
    again = importing.read(path)

    assert [(one.session, one.lines) for one in (*first, *again)] == [("c1", 3), ("c1", 0)]
    turn, answer, call = (
        next(span for span in importing.spans("c1") if span.kind == kind) for kind in ("step", "llm", "tool")
    )
    assert turn.start == MOMENT * 1_000_000
    assert (answer.model, answer.usage.total, call.tool) == ("claude-sonnet-4", 11, "read_file")
    assert importing.session("c1").session.name == "Reading"
    assert path.read_bytes() == before
    connection.close()
