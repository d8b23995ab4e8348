"""What is read of the stores of Cursor's command line: messages in the order in which the root names them."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentreplay.core.cursor_store import conversation
from agentreplay.core.transcript_files import find
from agentreplay.intake.transcripts.cursor_store import CURSOR_STORE
from agentreplay.intake.transcripts.readers import READERS
from tests.transcripts import Importing

NAME = "6b0f3a52-0000-4000-8000-000000000001"
MOMENT = 1_770_000_000_000
WRITTEN = {"path": "/srv/a.py", "contents": "x = 1"}
CALL = {"type": "tool-call", "toolCallId": "t1", "toolName": "Write", "args": WRITTEN}
MESSAGES: list[dict[str, Any]] = [
    {"role": "system", "content": "You are an agent."},
    {"role": "user", "content": "<user_info>\nLinux\n</user_info>"},
    {"role": "user", "content": [{"type": "text", "text": "<user_query>\nwrite it\n</user_query>"}]},
    {"id": "m1", "role": "assistant", "content": [{"type": "reasoning", "text": "hm"}, CALL]},
    {"id": "m1", "role": "tool", "content": [{"type": "tool-result", "toolCallId": "t1", "result": "written"}]},
    {"id": "m2", "role": "assistant", "content": [{"type": "text", "text": "done"}]},
]


@pytest.fixture
def importing(tmp_path: Path) -> Iterator[Importing]:
    made = Importing(tmp_path / "data")
    yield made
    made.close()


def field(number: int, data: bytes) -> bytes:
    """A field of protocol buffers."""
    return bytes([number << 3 | 2, len(data)]) + data


def store(home: Path, messages: list[dict[str, Any]], *beside: dict[str, Any]) -> tuple[Path, apsw.Connection]:
    """A store in which the root names the messages, the last two by a blob of their own."""
    path = home / ".cursor" / "chats" / "0a1b" / NAME / "store.db"
    path.parent.mkdir(parents=True)
    connection = apsw.Connection(str(path))
    connection.execute(
        "PRAGMA journal_mode = wal; PRAGMA synchronous = off; CREATE TABLE blobs (id TEXT PRIMARY KEY, data BLOB);"
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT)"
    ).fetchall()

    def put(data: bytes) -> bytes:
        digest = hashlib.sha256(data)
        connection.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (digest.hexdigest(), data))
        return digest.digest()

    keys = [put(json.dumps(message).encode()) for message in messages]
    for message in beside:
        put(json.dumps(message).encode())
    later = put(field(1, b"turn") + b"".join(field(2, key) for key in keys[-2:]))
    root = put(b"".join(field(1, key) for key in keys[:-2]) + b"\x28\x07" + field(8, field(1, later)))
    meta = {"agentId": NAME, "latestRootBlobId": root.hex(), "name": "Writing", "createdAt": MOMENT}
    meta["lastUsedModel"] = "gpt-5"
    connection.execute("INSERT INTO meta VALUES ('0', ?)", (json.dumps(meta).encode().hex(),))
    return path, connection


def test_a_conversation_is_read_from_a_store_that_is_being_written(importing: Importing, tmp_path: Path) -> None:
    path, connection = store(tmp_path, MESSAGES, {"role": "user", "content": "another way"})
    before = path.read_bytes()

    (found,) = find(READERS, None, tmp_path, {})
    outcome = importing.importer.read(found)
    again = importing.importer.read(next(find(READERS, None, tmp_path, {})))

    assert (outcome.session, outcome.lines, again.lines, outcome.unknown) == (NAME, 8, 0, {})
    turn, tool, *_ = (next(span for span in importing.spans(NAME) if span.kind == kind) for kind in ("step", "tool"))
    answers = [span for span in importing.spans(NAME) if span.kind == "llm"]
    assert (turn.name, turn.start, tool.tool) == ("write it", MOMENT * 1_000_000, "Write")
    assert (importing.kept(tool, "answer"), importing.kept(tool, "after")) == ("written", "x = 1")
    assert [answer.model for answer in answers] == ["gpt-5", "gpt-5"]
    assert importing.session(NAME).session.name == "Writing"
    assert path.read_bytes() == before
    connection.close()


def test_a_conversation_that_is_written_line_by_line_too_is_read_there(tmp_path: Path) -> None:
    _, connection = store(tmp_path, MESSAGES)
    lines = tmp_path / ".cursor" / "projects" / "srv" / "agent-transcripts" / NAME / f"{NAME}.jsonl"
    lines.parent.mkdir(parents=True)
    lines.write_text(json.dumps({"role": "user", "message": {"content": "write it"}}) + "\n")

    found = [(one.reader.name, one.path) for one in find(READERS, None, tmp_path, {})]

    assert found == [("cursor", lines)]
    connection.close()


@settings(max_examples=25, deadline=None)
@given(root=st.binary(max_size=80), blob=st.binary(max_size=80), meta=st.binary(max_size=20) | st.text(max_size=20))
def test_whatever_stands_in_a_store_loses_no_message(
    tmp_path_factory: pytest.TempPathFactory, *, root: bytes, blob: bytes, meta: bytes | str
) -> None:
    home = tmp_path_factory.mktemp("home")
    path, connection = store(home, MESSAGES[:1])
    connection.execute("UPDATE blobs SET data = ? WHERE substr(data, 1, 1) <> x'7b'", (root,))
    connection.execute("INSERT INTO blobs VALUES ('x', ?)", (blob,))
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('/', ?)", (meta,))
    connection.close()

    (told,) = conversation(path)

    document = json.loads(told[2])
    assert MESSAGES[0] in [*document["messages"], *document["elsewhere"]]
    assert CURSOR_STORE.identify(Path(f"{told[0]}.json"), told[2]) is not None
