"""Remarks and named places, with the state there."""

import json

import agentreplay
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
    assert marks["first"].attributes == {"agentreplay.checkpoint": first}
    assert [(kept.role, kept.hash) for kept in marks["first"].kept] == [("state", first)]


def test_a_state_that_cannot_be_kept_is_sketched(home: Home) -> None:
    with agentreplay.session("marks"):
        assert len(agentreplay.checkpoint("odd", {"handle": object()})) == 64


def test_without_a_session_marks_are_nothing() -> None:
    agentreplay.note("nobody listens")

    assert agentreplay.checkpoint("here", json.loads("[1]")) == agentreplay.checkpoint("there", [1])
