"""`agentreplay projects`."""

import json
from collections.abc import Callable

from click.testing import Result

from agentreplay.model.fact import StateKey
from agentreplay.model.ids import ProjectId
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import NEW_YEAR, Maker, batch_of, draft_of

Run = Callable[..., Result]


def test_each_is_listed_with_its_newest_session(run: Run, memory: MemoryStore, make: Maker) -> None:
    memory.append(batch_of(make.session(started=NEW_YEAR)))
    memory.facts.commit(draft_of(StateKey(make.tenant, ProjectId("quiet"), "default", "planner"), {"plan": 1}))

    lines = run("projects").stdout.splitlines()
    found = json.loads(run("projects", "--json").stdout)

    assert lines[0].split() == ["PROJECT", "NEWEST", "SESSION"]
    assert [line.split()[0] for line in lines[1:]] == [make.project, "quiet"]
    assert lines[2].split()[1:] == ["none"]
    assert found["items"] == [{"name": make.project, "newest": str(NEW_YEAR)}, {"name": "quiet", "newest": None}]


def test_where_there_is_none_it_says_how_one_begins(run: Run) -> None:
    result = run("projects")

    assert result.stdout == ""
    assert result.stderr.startswith("there is no project yet: one begins with the first thing")
