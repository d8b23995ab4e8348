"""A session step by step, from Python."""

import time
from pathlib import Path

import pytest

import agentreplay
from agentreplay.errors import CheckpointUnknown, PlaceMissing, SessionMissing, TreeMissing
from agentreplay.model.memory import Record, RecordId
from tests.sdk.home import Home


@agentreplay.tool
def buy(what: str) -> str:
    return f"bought {what}"


def test_a_session_is_walked_through_and_its_facts_are_restored(home: Home, tmp_path: Path) -> None:
    state = agentreplay.State("clerk", "shop")
    with agentreplay.session("shopping", agent="clerk") as session:
        state.write("cart", ["kettle"])
        buy("kettle")
        digest = session.checkpoint("bought", {"cart": ["kettle"]})
        time.sleep(0.001)
        state.write("cart", [])
    state.close()

    with agentreplay.timeline(str(session.id), db_path=home.folder) as line:
        bought = line.at("bought")
        states = list(line.states())
        assert [one.seq for one in states] == list(range(1, len(line) + 1))
        assert states[bought.seq - 1] == bought
        assert [one.digest for one in line.checkpoints()] == [digest]
        assert line.kept("bought") == {"cart": ["kettle"]}
        assert line.facts("bought") == {("shop", "clerk"): {"cart": ["kettle"]}}
        line.restore("bought", namespace="again")
        with pytest.raises(PlaceMissing):
            line.restore("end", namespace="nowhere")
        with pytest.raises(CheckpointUnknown):
            line.kept("1")
        with pytest.raises(TreeMissing):
            line.checkout("bought", tmp_path / "out")

    with agentreplay.State("clerk", "again") as again:
        assert again.get("cart") == ["kettle"]


def test_what_was_known_at_a_step_is_told_and_restored(home: Home) -> None:
    with agentreplay.Memory() as notes, agentreplay.Memory(agent="clerk") as own:
        notes.add("Ada is the staging server", id="ada")
        notes.add("Nobody asks for this", id="other")
        with agentreplay.session("deploy", agent="clerk") as session:
            notes.search("staging")
            own.add("Deploys wait", id="deploys")
            session.checkpoint("learnt")
            time.sleep(0.001)
            notes.update("ada", text="Bob is the staging server")
            own.remove("deploys")

    with agentreplay.timeline(str(session.id), db_path=home.folder) as line:
        learnt, end = line.at("learnt"), line.at("end")
        assert [(one.owner, one.collection, one.records) for one in learnt.memory] == [
            ("", "notes", 2),
            ("agent:clerk", "notes", 1),
        ]
        assert learnt.position < end.position
        assert learnt.hash != end.hash
        known = line.memory("learnt")
        assert known["", "notes"][RecordId("ada")].record == Record(text="Ada is the staging server", metadata={})
        line.restore("learnt", namespace="again")

    with agentreplay.Memory("again.notes", agent="clerk") as again:
        assert again.get("deploys").text == "Deploys wait"


def test_a_session_that_is_not_there_is_said_so(home: Home) -> None:
    with pytest.raises(SessionMissing):
        agentreplay.timeline("nothing", db_path=home.folder)
