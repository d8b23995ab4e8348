"""A session whose process died is seen to be interrupted, and no other."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest

from agentreplay.core.live import Life, settle, settle_spool
from agentreplay.model.session import Session, SessionRow
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of

NOW = Nanoseconds(1 << 60)


def now() -> int:
    return NOW


def row_of(store: Store, session: Session) -> SessionRow:
    row = store.sessions.get(session.key)
    assert row is not None
    return row


def dead(folder: Path, session: Session) -> None:
    """A process that begins the life of a session and dies of it."""
    code = (
        "import os, sys, msgspec; from pathlib import Path; from agentreplay.core.live import Life\n"
        "from agentreplay.model.session import Session\n"
        "life = Life(Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=Session)); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder), msgspec.json.encode(session).decode()], check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.fixture
def session(make: Maker) -> Session:
    return make.session(started=Nanoseconds(5), revision=5)


def test_a_session_whose_process_was_killed_is_interrupted(
    store: Store, session: Session, tmp_path: Path, make: Maker
) -> None:
    store.append(batch_of(session, make.span(end=None)))
    dead(tmp_path, session)

    assert settle(store, tmp_path, now) == [session.key]
    assert row_of(store, session).status == "interrupted"
    assert settle(store, tmp_path, now) == []


def test_one_that_lives_is_left_alone(store: Store, session: Session, tmp_path: Path) -> None:
    life = Life(tmp_path, session)
    store.append(batch_of(session))

    assert settle(store, tmp_path, now) == []
    store.drain()
    assert row_of(store, session).session.status is None
    life.end()
    life.end()
    assert list((tmp_path / "live").iterdir()) == []


def test_one_that_told_its_end_before_it_died_keeps_it(
    store: Store, session: Session, make: Maker, tmp_path: Path
) -> None:
    """What it told may not be visible yet: it is looked at after it is known to be dead."""
    dead(tmp_path, session)
    store.append(batch_of(make.session(id=session.id, revision=9, status="completed")))

    assert settle(store, tmp_path, now) == []
    assert row_of(store, session).status == "completed"


def test_what_died_before_it_wrote_anything_is_a_session_too(store: Store, session: Session, tmp_path: Path) -> None:
    dead(tmp_path, session)

    settle(store, tmp_path, now)

    assert row_of(store, session).status == "interrupted"


def test_a_life_is_never_seen_without_its_lock(store: Store, make: Maker, tmp_path: Path) -> None:
    """Sessions begin and end while others settle, and none is taken for dead."""
    found: list[object] = []
    over = threading.Event()

    def settling() -> None:
        while not over.is_set():
            found.extend(settle(store, tmp_path, now))

    thread = threading.Thread(target=settling)
    thread.start()
    for _ in range(200):
        Life(tmp_path, make.session(id=make.new_session_id())).end()
    over.set()
    thread.join()

    assert found == []


def test_a_file_that_makes_no_sense_is_taken_away(store: Store, tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / "torn").write_bytes(b'{"id": ')

    assert settle(store, tmp_path, now) == []
    assert not (tmp_path / "live" / "torn").exists()


def test_where_nothing_was_recorded_nothing_is_made(store: Store, tmp_path: Path) -> None:
    assert settle(store, tmp_path / "none", now) == []
    assert not (tmp_path / "none").exists()


def test_in_a_spool_the_end_is_told_with_what_is_shipped(store: Store, session: Session, tmp_path: Path) -> None:
    store.append(batch_of(session))
    dead(tmp_path, session)

    assert settle_spool(tmp_path, store) == [session.key]
    store.drain()
    assert row_of(store, session).status == "interrupted"
    assert settle_spool(tmp_path, store) == []


def test_in_a_spool_an_end_that_was_told_counts(store: Store, session: Session, make: Maker, tmp_path: Path) -> None:
    store.append(batch_of(session, make.session(id=session.id, revision=session.revision + 100, status="completed")))
    dead(tmp_path, session)
    living = Life(tmp_path, make.session(id=make.new_session_id()))

    assert settle_spool(tmp_path, store) == [session.key]
    store.drain()
    assert row_of(store, session).status == "completed"
    living.end()
