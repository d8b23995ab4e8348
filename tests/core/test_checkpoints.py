"""The checkpoints of a session."""

from typing import Any

import pytest

from agentreplay.core.checkpoints import each_checkpoint, find_checkpoints, state_of
from agentreplay.errors import CheckpointDamaged
from agentreplay.model.checkpoint import CHECKPOINT, DIGEST, STATE
from agentreplay.model.content import Content, Kept
from agentreplay.model.page import PageRequest
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker
from tests.core.conftest import Keep


def mark(make: Maker, name: str, state: Content, **fields: Any) -> Span:
    kept = (Kept(role=STATE, hash=state.hash),)
    return make.span(kind=CHECKPOINT, name=name, attributes={DIGEST: state.hash}, kept=kept, **fields)


def test_checkpoints_are_listed_the_newest_first_with_their_states(store: Store, keep: Keep, make: Maker) -> None:
    states = [Content.of(b'{"cart":%d}' % number) for number in range(3)]
    first = make.span()
    marks = [mark(make, f"cart {number}", state) for number, state in enumerate(states)]
    keep(first, *states, *marks)
    key = SessionKey(make.tenant, make.project, make.session_id)

    page = find_checkpoints(store, key, PageRequest(limit=2))
    rest = find_checkpoints(store, key, PageRequest(limit=2, after=page.next))

    found = [*page.items, *rest.items]
    assert [(one.span.seq, one.span.name, one.is_whole) for one in found] == [
        (4, "cart 2", True),
        (3, "cart 1", True),
        (2, "cart 0", True),
    ]
    assert [state_of(store, make.tenant, one) for one in found] == [{"cart": 2}, {"cart": 1}, {"cart": 0}]
    assert [row.seq for row in each_checkpoint(store, key, "cart 1")] == [3]


def test_a_state_that_is_gone_is_said_to_be(store: Store, keep: Keep, make: Maker) -> None:
    keep(mark(make, "lost", Content.of(b"{}")), make.span(kind=CHECKPOINT, name="bare"))

    bare, lost = find_checkpoints(store, SessionKey(make.tenant, make.project, make.session_id)).items

    assert state_of(store, make.tenant, bare) is None
    with pytest.raises(CheckpointDamaged, match="lost"):
        state_of(store, make.tenant, lost)
