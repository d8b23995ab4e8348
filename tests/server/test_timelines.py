"""The timelines a server remembers."""

import pytest

from agentreplay.model.ids import SessionId
from agentreplay.model.session import SessionKey
from agentreplay.server import timelines
from agentreplay.server.timelines import Timelines
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker, batch_of


def test_a_timeline_is_remembered_until_many_others_were_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timelines, "_MOST", 2)
    store, make = MemoryStore(), Maker()
    names = [SessionId(name) for name in "abc"]
    store.append(batch_of(*(make.span(session=name) for name in names)))
    known = Timelines(store)
    keys = [SessionKey(make.tenant, make.project, name) for name in names]

    with known.of(keys[0]) as line:
        first = line
    with known.of(keys[0]) as line:
        assert line is first
    for key in keys[1:]:
        with known.of(key) as line:
            assert len(line) == 1
    with known.of(keys[0]) as line:
        assert line is not first
