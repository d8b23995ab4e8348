"""The process that follows transcripts for the server takes in what is there, and ends when it is told to."""

import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from threading import Event

import pytest

from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.session import SessionKey
from agentreplay.server.watching import follow, main
from agentreplay.settings import Settings
from agentreplay.store.registry import open_store
from tests.server.running import running, waited_for
from tests.transcripts import corpus

KEY = SessionKey(TenantId("local"), ProjectId("default"), SessionId("session-main-1"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / ".claude" / "projects" / "-work"
    folder.mkdir(parents=True)
    (folder / "session-main-1.jsonl").write_bytes(corpus()["harness-main_tool_cycle.jsonl"])
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def kept(folder: Path) -> int:
    with closing(open_store(folder)) as store:
        store.drain()
        row = store.sessions.get(KEY)
    return 0 if row is None else row.summary.usage.total


def test_what_is_there_is_taken_in(home: Path, tmp_path: Path) -> None:
    stop = Event()
    stop.set()

    follow(replace(Settings.read({}), db_path=tmp_path / "data"), home, stop)

    assert kept(tmp_path / "data") == 422


def test_it_ends_when_its_input_does(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)

    assert main([str(tmp_path / "data"), "local", "default"], BytesIO()) == 0

    assert kept(tmp_path / "data") == 422


@pytest.mark.slow
def test_a_server_that_was_asked_to_follows_transcripts(home: Path, tmp_path: Path) -> None:
    with running(tmp_path / "data", "--watch", HOME=str(home), CLAUDE_CONFIG_DIR="") as server:
        assert waited_for(lambda: bool(server.ask("/api/v1/sessions").json["items"]))
        (found,) = server.ask("/api/v1/sessions").json["items"]

    assert (found["id"], found["agent"]) == ("session-main-1", "claude-code")
