"""Keeps what it holds to be so as facts, makes checkpoints, and looks back.

Prints:
    now: 09:40
    when it had planned: 08:12
    nobody may overwrite what changed meanwhile: …
"""

import agentreplay
from agentreplay import State
from agentreplay.errors import FactConflict

if __name__ == "__main__":
    with agentreplay.session("plan a trip") as session, State("planner", namespace="example") as state:
        with state.begin() as transaction:
            transaction.write("train", "08:12")
            transaction.write("hotel", {"nights": 3})
        session.checkpoint("planned")
        version = next(state.history("train")).version
        state.write("train", "09:40", expected=version)
    with State("planner", namespace="example") as state, agentreplay.timeline(session.id) as line:
        print("now:", state.get("train"))
        print("when it had planned:", line.facts("planned")["example", "planner"]["train"])
        try:
            state.write("train", "10:15", expected=version)
        except FactConflict as error:
            print("nobody may overwrite what changed meanwhile:", error)
