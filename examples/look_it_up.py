"""Searches its memory inside a recording; a replay finds what was found then, whatever is remembered now.

Prints:
    Deploys wait for the nightly tests
    today it finds: Deploys wait for nobody
    the replay: identical, Deploys wait for the nightly tests
"""

import agentreplay
from agentreplay import Memory


def answer() -> str:
    """What is known about deploys."""
    with Memory("example-notes") as memory:
        hits = memory.search("deploys").hits
    return "; ".join(hit.version.record.text for hit in hits if hit.version.record is not None)


def remembering(told: list[str]) -> str:
    """The same, and what it was is told."""
    told.append(answer())
    return told[-1]


if __name__ == "__main__":
    with Memory("example-notes") as memory:
        memory.add("Deploys wait for the nightly tests", id="deploys")
    with agentreplay.session("ask the memory") as session:
        print(session.returns(answer()))
    with Memory("example-notes") as memory:
        memory.update("deploys", text="Deploys wait for nobody")
    print("today it finds:", answer())
    again: list[str] = []
    verdict = agentreplay.replay(session.id, remembering, again)
    print(f"the replay: {verdict.status}, {again[0]}")
