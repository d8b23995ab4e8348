"""Remarks and named places, with the state there."""

import json
from contextlib import closing
from itertools import count

import pytest

import agentreplay
from agentreplay.core.checkpoints import find_checkpoints, state_of
from agentreplay.model.checkpoint import AUTOMATIC, CHECKPOINT
from agentreplay.sdk import recorder
from agentreplay.store.registry import open_store
from tests.sdk.home import Home


def test_a_note_is_a_span_of_its_own(home: Home) -> None:
    with agentreplay.session("marks") as session, agentreplay.span("around", agent="scout"):
        agentreplay.note("the model hesitates", text="why", score=0.5)

    spans = {span.name: span for span in home.spans(session.id)}
    note = spans["the model hesitates"]
    assert (note.kind, note.agent, note.parent_id) == ("custom", "scout", spans["around"].span_id)
    assert note.attributes == {"text": "why", "score": 0.5}


def test_equal_states_have_equal_hashes(home: Home) -> None:
    with agentreplay.session("marks") as session:
        first = agentreplay.checkpoint("first", {"cart": ["kettle"], "where": (1, 2)})
        again = agentreplay.checkpoint("again", {"cart": ["kettle"], "where": (1, 2)})
        other = agentreplay.checkpoint("other", {"cart": []})

    marks = {span.name: span for span in home.spans(session.id)}
    assert first == again != other
    assert marks["first"].attributes == {"agentreplay.checkpoint": first, "agentreplay.task": "main"}
    assert [(kept.role, kept.hash) for kept in marks["first"].kept] == [("state", first)]


def test_a_state_that_cannot_be_kept_is_sketched(home: Home) -> None:
    with agentreplay.session("marks"):
        assert len(agentreplay.checkpoint("odd", {"handle": object()})) == 64


def test_without_a_session_marks_are_nothing() -> None:
    agentreplay.note("nobody listens")

    assert agentreplay.checkpoint("here", json.loads("[1]")) == agentreplay.checkpoint("there", [1])


def test_a_session_names_its_places_itself(home: Home) -> None:
    with agentreplay.session("marks") as session:
        with agentreplay.span("around"):
            inside = session.checkpoint("inside", [1])
        assert inside == agentreplay.checkpoint("again", [1])
    session.checkpoint("too late", [1])

    marks = {span.name: span for span in home.spans(session.id)}
    assert marks["inside"].kind == CHECKPOINT
    assert marks["inside"].parent_id == marks["around"].span_id
    assert "too late" not in marks


def test_secrets_stay_out_of_the_state_that_is_kept(home: Home) -> None:
    secret = "sk-proj-" + "a1B2c3D4" * 6
    with agentreplay.session("marks") as session:
        agentreplay.checkpoint("signed in", {"api_key": secret, "user": "ada"})

    key = home.key(str(session.id))
    with closing(open_store(home.folder)) as store:
        store.drain()
        (found,) = find_checkpoints(store, key).items
        state = state_of(store, key.tenant, found)
    assert not found.is_whole
    assert secret not in json.dumps(state)
    assert "ada" in json.dumps(state)


def test_a_recorder_makes_checkpoints_at_its_own_pace(home: Home) -> None:
    @agentreplay.tool
    def look(number: int) -> int:
        return number

    agentreplay.init(checkpoint_calls=2)
    with agentreplay.session("marks") as session:
        for number in range(5):
            look(number)

    rows = home.spans(session.id)
    assert [(row.kind, row.name) for row in rows if row.kind in {"tool", CHECKPOINT}] == [
        ("tool", "look"),
        ("tool", "look"),
        (CHECKPOINT, "after 2 calls"),
        ("tool", "look"),
        ("tool", "look"),
        (CHECKPOINT, "after 4 calls"),
        ("tool", "look"),
    ]
    assert all(row.attributes == {AUTOMATIC: True} for row in rows if row.kind == CHECKPOINT)


def test_a_recorder_makes_a_checkpoint_when_enough_time_has_passed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    @agentreplay.tool
    def look() -> None:
        """Nothing is there."""

    ticks = count(2 * 10**18, 10**9)
    agentreplay.init(checkpoint_seconds=60)
    with agentreplay.session("marks") as session:
        monkeypatch.setattr(recorder, "_now", lambda: next(ticks))
        for _ in range(30):
            look()
        monkeypatch.undo()

    made = [row for row in home.spans(session.id) if row.kind == CHECKPOINT]
    assert 1 <= len(made) <= 5
