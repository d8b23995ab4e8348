"""The facts of a damaged store are saved as they were, with their positions, times and versions."""

from contextlib import closing
from pathlib import Path

import pytest

from agentreplay.errors import StateForgotten
from agentreplay.model.fact import Author, FactPosition
from agentreplay.model.ids import SessionId
from agentreplay.store.sqlite.salvage import salvage
from agentreplay.store.sqlite.store import SqliteStore
from tests.store.stating import OTHER_AGENT, OTHER_TENANT, STATE, values, write


def test_facts_are_saved_as_they_were(tmp_path: Path) -> None:
    author = Author(session=SessionId("s1"))
    with closing(SqliteStore(tmp_path / "old")) as old:
        for number in range(6):
            write(old, {"a": number, f"k{number}": [number]}, author=author, idempotency=f"once {number}")
        write(old, {"a": ...})
        write(old, {f"key {number:03}": "x" * 300 for number in range(150)}, OTHER_AGENT)
        write(old, {"a": 1}, OTHER_TENANT)
        old.facts.compact(STATE, FactPosition(4), [FactPosition(2)])
        expected = [list(old.facts.read(state)) for state in (STATE, OTHER_AGENT, OTHER_TENANT)]
        wholes = {position: values(old, FactPosition(position)) for position in (2, 4, 5, 6, 7)}
        last = old.facts.position()

    salvaged = salvage(tmp_path / "old", tmp_path / "new", lambda _done, _total: None)

    assert salvaged.lost == 0
    with closing(SqliteStore(tmp_path / "new")) as new:
        assert [list(new.facts.read(state)) for state in (STATE, OTHER_AGENT, OTHER_TENANT)] == expected
        assert {position: values(new, FactPosition(position)) for position in wholes} == wholes
        with pytest.raises(StateForgotten):
            values(new, FactPosition(3))
        assert write(new, {"a": 5, "k5": [5]}, idempotency="once 5").position == 6
        assert write(new, {"a": 9}).operations[0].version == 8
        assert new.facts.position() == last + 1
