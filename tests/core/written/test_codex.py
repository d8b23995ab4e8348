"""Rollouts of Codex are written as they were read."""

import os
from pathlib import Path

import pytest

from agentreplay.core.written.codex import write
from agentreplay.errors import FormUnfit
from agentreplay.model.session import SessionKey
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker
from tests.cli.sessions_told import coding_session
from tests.core.written.desk import told_of
from tests.transcripts import Importing, corpus

NAME = "codex-session-alpha.jsonl"


def test_a_rollout_comes_back_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(corpus()[NAME])
    os.utime(path, (1_700_000_000, 1_700_000_000))
    desk = Importing(tmp_path / "data")
    desk.read(path)
    (row,) = desk.sessions()
    told, lines = told_of(desk.store, row.session.key)
    desk.close()

    assert write(told, lines) == {"": corpus()[NAME].rstrip(b"\n") + b"\n"}


def test_what_codex_did_not_write_is_refused_by_name() -> None:
    store, make = MemoryStore(), Maker()
    store.append(coding_session(make))
    told, lines = told_of(store, SessionKey(make.tenant, make.project, make.session_id))

    with pytest.raises(FormUnfit, match="not read from a file of Codex"):
        write(told, lines)
