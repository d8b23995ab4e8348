"""How collections and metadata are named."""

import pytest

from agentreplay.core.memory_places import collection_named, read_metadata
from agentreplay.errors import ValueInvalid
from tests.store.remembering import NOTES, OF_AGENT


def test_a_collection_is_the_projects_unless_somebody_else_is_named() -> None:
    assert collection_named(*NOTES[:2]) == NOTES
    assert collection_named(*NOTES[:2], agent="planner") == OF_AGENT
    assert collection_named(*NOTES[:2], workspace="/work").owner == "workspace:/work"
    with pytest.raises(ValueInvalid):
        collection_named(*NOTES[:2], agent="a", workspace="/b")


def test_metadata_is_json_where_it_can_be() -> None:
    given = [("a", "1"), ("b", "true"), ("c", "null"), ("d", "1.5"), ("e", "text"), ("f", '"1"'), ("g", "[1]")]

    assert read_metadata(given) == {"a": 1, "b": True, "c": None, "d": 1.5, "e": "text", "f": "1", "g": "[1]"}
