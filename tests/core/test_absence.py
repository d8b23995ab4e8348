"""Sessions of writers that went away, and of those that came back."""

import msgspec

from agentreplay.core.absence import interrupted, resumed
from agentreplay.model.batch import Batch
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker


def test_an_unfinished_session_is_interrupted_until_its_writer_says_more(make: Maker) -> None:
    store = MemoryStore()
    session = make.session(revision=100, status=None)
    store.append(Batch(sessions=(session,)))

    store.append(interrupted(store.sessions, [session.key]))
    row = store.sessions.get(session.key)
    assert row is not None
    assert row.status == "interrupted"

    store.append(resumed(store.sessions, [session.key]))
    row = store.sessions.get(session.key)
    assert row is not None
    assert row.session.status is None

    store.append(Batch(sessions=(msgspec.structs.replace(session, revision=200, status="completed"),)))
    row = store.sessions.get(session.key)
    assert row is not None
    assert row.status == "completed"


def test_what_is_finished_or_unknown_is_left_alone(make: Maker) -> None:
    store = MemoryStore()
    session = make.session(revision=100, status="completed")
    store.append(Batch(sessions=(session,)))
    unknown = msgspec.structs.replace(session, id="unknown").key

    assert interrupted(store.sessions, [session.key, unknown]).is_empty
    assert resumed(store.sessions, [session.key, unknown]).is_empty
