"""What is read of OpenCode: sub-agents below the call that set them to work, and tokens as told."""

import json
import os
from pathlib import Path
from typing import Any

import apsw
import pytest

from agentreplay.core.transcript_files import find
from agentreplay.errors import TranscriptUnreadable
from agentreplay.intake.transcripts.opencode import OPENCODE, OPENCODE_STORE
from tests.transcripts import Importing, corpus

NAME = "opencode-subagent_session.json"


def test_tokens_are_those_of_a_hand_count(importing: Importing, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(corpus()[NAME])
    told = json.loads(corpus()[NAME])
    messages = [*told["messages"], *[one for child in told["childSessions"] for one in child["messages"]]]
    tokens = [one["info"]["tokens"] for one in messages if "tokens" in one["info"]]

    importing.read(tmp_path / NAME)

    usage = importing.session("ses_parent").summary.usage
    assert (usage.input, usage.output) == (sum(one["input"] for one in tokens), sum(one["output"] for one in tokens))
    assert (usage.reasoning, usage.cache_read) == (
        sum(one["reasoning"] for one in tokens),
        sum(one["cache"]["read"] for one in tokens),
    )


def test_a_sub_agent_stands_below_the_call_that_set_it_to_work(importing: Importing, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(corpus()[NAME])

    importing.read(tmp_path / NAME)

    spans = importing.spans("ses_parent")
    (task,) = [span for span in spans if span.tool == "task"]
    (agent,) = [span for span in spans if span.kind == "agent"]
    assert (agent.parent_id, agent.name) == (task.span_id, "general")
    assert [span.kind for span in spans if span.parent_id == agent.span_id] == ["llm"]
    assert (task.start, task.end) == (1_500_000_000, 2_900_000_000)


def pieces() -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """The sessions, messages and parts of the sample, apart from one another as OpenCode keeps them."""
    whole = json.loads(corpus()[NAME])
    child = whole["childSessions"][0]
    parent = {"id": "ses_parent", "directory": "/home/user/shop", "title": "Parent", "version": "1.0", "time": {}}
    sessions = [{**parent, "time": {"created": 1000, "updated": 3000}}, {**child["info"], "parentID": "ses_parent"}]
    messages = [*whole["messages"], *child["messages"]]
    parts = [part for message in messages for part in message["parts"]]
    return sessions, [message["info"] for message in messages], parts


def put_database(folder: Path) -> Path:
    folder.mkdir(parents=True)
    path = folder / "opencode.db"
    connection = apsw.Connection(str(path))
    connection.execute(
        "CREATE TABLE session (id, parent_id, directory, title, version, agent, time_created, time_updated);"
        "CREATE TABLE message (id, session_id, time_created, data);"
        "CREATE TABLE part (id, message_id, session_id, data)"
    ).fetchall()
    sessions, messages, parts = pieces()
    for one in sessions:
        row = [one.get(name) for name in ("id", "parentID", "directory", "title", "version", "agent")]
        connection.execute(
            "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, one["time"]["created"], one["time"]["updated"]),
        )
    for one in messages:
        row = [one.pop("id"), one.pop("sessionID"), one["time"]["created"]]
        connection.execute("INSERT INTO message VALUES (?, ?, ?, ?)", (*row, json.dumps(one)))
    for one in parts:
        row = [one.pop("id"), one.pop("messageID"), one.pop("sessionID")]
        connection.execute("INSERT INTO part VALUES (?, ?, ?, ?)", (*row, json.dumps(one)))
    connection.close()
    return path


def put_folder(folder: Path) -> Path:
    sessions, messages, parts = pieces()
    for one in sessions:
        put(folder / "session" / "project" / f"{one['id']}.json", one)
    for one in messages:
        put(folder / "message" / one["sessionID"] / f"{one['id']}.json", one)
    for one in parts:
        put(folder / "part" / one["messageID"] / f"{one['id']}.json", one)
    return folder / "session" / "project" / "ses_parent.json"


def put(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    os.utime(path, (3, 3))


def seen(importing: Importing) -> list[tuple[str, str, str, int, int | None]]:
    found = [span for span in importing.spans("ses_parent") if span.kind != "custom"]
    return [(span.span_id, span.kind, span.name, span.start, span.end) for span in found]


@pytest.mark.parametrize("put_sessions", [put_database, put_folder])
def test_what_lies_in_pieces_is_read_as_its_export_is(importing: Importing, tmp_path: Path, put_sessions: Any) -> None:
    exported = Importing(tmp_path / "other")
    (tmp_path / NAME).write_bytes(corpus()[NAME])
    exported.read(tmp_path / NAME)
    path = put_sessions(tmp_path / "opencode")

    first = importing.read(path)
    again = importing.read(path)

    assert [one.session for one in first] == ["ses_parent"], "the session of a sub-agent is a part of the other"
    assert first[0].lines > 0
    assert [one.lines for one in again] == [0]
    assert seen(importing) == seen(exported)
    row = importing.session("ses_parent").session
    assert row.name == "Parent"
    assert row.program is not None
    assert row.program.cwd == "/home/user/shop"
    exported.close()


def test_both_are_found_where_opencode_keeps_them(tmp_path: Path) -> None:
    put_database(tmp_path / "data" / "opencode")
    put_folder(tmp_path / "data" / "opencode" / "storage")

    found = list(find([OPENCODE, OPENCODE_STORE], None, tmp_path, {"XDG_DATA_HOME": str(tmp_path / "data")}))

    assert sorted((one.path.name, one.chat) for one in found) == [
        ("opencode.db", "ses_parent"),
        ("ses_parent.json", ""),
    ]


def test_a_database_of_another_make_is_said_to_be_unreadable(importing: Importing, tmp_path: Path) -> None:
    path = tmp_path / "opencode.db"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE other (id)").fetchall()
    connection.close()

    with pytest.raises(TranscriptUnreadable):
        importing.read(path)
