"""Rollouts of Codex are written as they were read, and other sessions as Codex reads them."""

import os
from pathlib import Path

import pytest

from agentreplay.core.account import Account
from agentreplay.core.written.codex import file_name, resumable_id, write
from agentreplay.core.written.lines import KeptLine
from agentreplay.model.session import SessionKey
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker
from tests.cli.sessions_told import coding_session
from tests.core.written.desk import read_again, said, told_of
from tests.transcripts import Importing, corpus

NAME = "codex-session-alpha.jsonl"


def test_a_rollout_comes_back_byte_for_byte(tmp_path: Path) -> None:
    told, lines = read(tmp_path, NAME)

    assert write(told, lines) == {"": corpus()[NAME].rstrip(b"\n") + b"\n"}


def test_a_session_of_others_is_told_anew_and_reads_the_same(tmp_path: Path) -> None:
    store, make = MemoryStore(), Maker()
    store.append(coding_session(make))
    told, lines = told_of(store, SessionKey(make.tenant, make.project, make.session_id))

    files = write(told, lines)

    again = read_again(tmp_path, files, file_name(told.row.session, None))
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
    assert again.row.summary.usage == told.row.summary.usage
    assert write(told, lines) == files, "the same session gives the same bytes"


@pytest.mark.parametrize("name", [name for name in corpus() if "5c0375b4" in name or "tool_cycle" in name])
def test_what_other_agents_did_comes_back(tmp_path: Path, name: str) -> None:
    told, lines = read(tmp_path, name)

    again = read_again(tmp_path / "again", write(told, lines), file_name(told.row.session, None))

    assert words(again) == words(told)
    assert again.row.summary.usage.total == told.row.summary.usage.total
    assert write(again, []) == write(told, lines), "what was told anew is told alike"


def test_one_that_is_cut_is_another_session(tmp_path: Path) -> None:
    store, make = MemoryStore(), Maker()
    store.append(coding_session(make))
    told, lines = told_of(store, SessionKey(make.tenant, make.project, make.session_id), until=3)

    again = read_again(tmp_path, write(told, lines), file_name(told.row.session, 3))

    assert [one[0] for one in said(again)] == ["prompt", "answer", "tool"]
    assert again.row.session.id == resumable_id(told.row.session, 3) != make.session_id


def read(folder: Path, name: str) -> tuple[Account, list[KeptLine]]:
    path = folder / name
    path.write_bytes(corpus()[name])
    os.utime(path, (1_700_000_000, 1_700_000_000))
    desk = Importing(folder / "data")
    desk.read(path)
    (row,) = desk.sessions()
    found = told_of(desk.store, row.session.key)
    desk.close()
    return found


def words(told: Account) -> list[tuple[str, str, str]]:
    """What was asked, said and called; an answer without a word only wants something called."""
    return [(entry.kind, entry.title, entry.text) for entry in told.entries if entry.kind == "tool" or entry.text]
