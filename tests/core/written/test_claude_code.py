"""Sessions written as Claude Code writes them are the same session when they are read again."""

import json
import os
from pathlib import Path
from uuid import UUID

import pytest

from agentreplay.core.written.claude_code import resumable_id, write
from agentreplay.model.session import SessionKey
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker
from tests.cli.sessions_told import coding_session
from tests.core.written.desk import read_again, said, told_of
from tests.transcripts import Importing, corpus

CORPUS = corpus()
FILES = sorted(name for name in CORPUS if name.endswith(".jsonl") and not name.startswith("codex"))
DISORDERED = {"log-edge_cases.jsonl": "names several sessions, and its times go back and forth"}


@pytest.mark.parametrize("name", FILES)
def test_what_was_read_is_written_line_by_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(CORPUS[name])
    os.utime(path, (1_700_000_000, 1_700_000_000))
    desk = Importing(tmp_path / "data")
    desk.read(path)
    (row,) = desk.sessions()
    told, lines = told_of(desk.store, row.session.key)
    desk.close()

    files = write(told, lines)

    written = [line for data in files.values() for line in data.splitlines()]
    assert sorted(written) == sorted(line for line in CORPUS[name].split(b"\n") if line.strip())
    if name in DISORDERED:
        return
    # A title bears no time, and may stand anywhere.
    assert [line for line in written if b'"uuid"' in line] == [
        line for line in CORPUS[name].split(b"\n") if b'"uuid"' in line
    ]
    again = read_again(tmp_path / "again", files, name)
    assert again.row.session.id == told.row.session.id
    assert sorted(map(repr, said(again))) == sorted(map(repr, said(told)))
    assert again.row.summary.usage == told.row.summary.usage


def test_a_session_of_others_is_told_anew_and_reads_the_same(tmp_path: Path) -> None:
    store, make = MemoryStore(), Maker()
    store.append(coding_session(make))
    told, lines = told_of(store, SessionKey(make.tenant, make.project, make.session_id))

    files = write(told, lines)

    again = read_again(tmp_path, files, "one.jsonl")
    assert again.row.session.id == resumable_id(told.row.session, None)
    assert [one[:3] for one in said(again)[:6]] == [
        ("prompt", "", "Fix the parser <now>.\nIt fails on `a < b`."),
        ("answer", "claude-sonnet-4", "I look."),
        ("tool", "Read", ""),
        ("tool", "Edit", ""),
        ("tool", "Edit", ""),
        ("tool", "Bash", "1 failed"),
    ]
    assert [one[3] for one in said(again)] == [one[3] for one in said(told)]
    assert again.row.summary.usage.input == 1_000
    assert write(told, lines) == files, "the same session gives the same bytes"


def test_each_line_follows_the_one_before_and_each_call_has_a_result() -> None:
    """Else `claude --resume` finds no conversation, or the API refuses it."""
    store, make = MemoryStore(), Maker()
    store.append(coding_session(make))
    told, lines = told_of(store, SessionKey(make.tenant, make.project, make.session_id))

    records = [json.loads(line) for line in write(told, lines)[""].splitlines()]

    assert [record["parentUuid"] for record in records[1:]] == [record["uuid"] for record in records[:-1]]
    parts = [part for record in records if isinstance(record["message"]["content"], list)
             for part in record["message"]["content"]]  # fmt: skip
    calls = [part["id"] for part in parts if part["type"] == "tool_use"]
    assert calls == [part["tool_use_id"] for part in parts if part["type"] == "tool_result"]
    assert all(str(UUID(record["uuid"])) == record["uuid"] for record in records)


def test_one_that_is_cut_is_another_session(tmp_path: Path) -> None:
    store, make = MemoryStore(), Maker()
    store.append(coding_session(make))
    told, lines = told_of(store, SessionKey(make.tenant, make.project, make.session_id), until=3)

    again = read_again(tmp_path, write(told, lines), "one.jsonl")

    assert [one[0] for one in said(again)] == ["prompt", "answer", "tool"]
    assert again.row.session.id != make.session_id


def test_a_file_of_its_own_may_be_cut_too(tmp_path: Path) -> None:
    name = next(name for name in FILES if "tool_cycle" in name)
    path = tmp_path / name
    path.write_bytes(CORPUS[name])
    os.utime(path, (1_700_000_000, 1_700_000_000))
    desk = Importing(tmp_path / "data")
    desk.read(path)
    (row,) = desk.sessions()
    told, lines = told_of(desk.store, row.session.key, until=2)
    desk.close()

    files = write(told, lines)

    assert 0 < len(lines) < len(CORPUS[name].splitlines())
    assert read_again(tmp_path / "again", files, name).row.session.id == resumable_id(row.session, 2) != row.session.id
