"""Tools follow from functions."""

from typing import Annotated, Literal

import pytest
from msgspec import Meta

from agentreplay.errors import ValueInvalid
from agentreplay.server.mcp.declared import Tool
from agentreplay.server.mcp.fitting import Listing
from agentreplay.server.mcp.reach import Reach


def find_things(
    reach: Reach,
    name: Annotated[str, Meta(description="What it is called.")],
    order: Literal["up", "down"] = "up",
    many: Annotated[int, Meta(ge=1)] = 3,
) -> Listing:
    """Find things."""
    return Listing({"name": name, "order": order, "many": many})


def test_the_schema_is_that_of_the_signature() -> None:
    told = Tool(find_things).told

    schema = told["inputSchema"]
    assert (told["name"], told["title"], told["description"]) == ("find_things", "Find things", "Find things.")
    assert schema["required"] == ["name"]
    assert schema["properties"]["name"] == {"description": "What it is called.", "type": "string"}
    assert schema["properties"]["order"] == {"enum": ["down", "up"], "default": "up"}
    assert schema["properties"]["many"] == {"type": "integer", "minimum": 1, "default": 3}
    assert schema["properties"]["budget"]["default"] == 4_000
    assert schema["additionalProperties"] is False


def test_numbers_may_be_written_as_text(reach: Reach) -> None:
    assert Tool(find_things).call(reach, {"name": "x", "many": "5"}) == '{"name":"x","order":"up","many":5}'


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "missing required field `name`"),
        ({"name": "x", "many": 0}, "`int` >= 1"),
        ({"name": "x", "order": "sideways"}, "sideways"),
        ({"name": "x", "size": 1}, "unknown field `size`"),
        ({"name": "x", "budget": 5}, "budget"),
    ],
)
def test_what_is_wrong_is_told_with_all_there_is(reach: Reach, given: dict[str, object], said: str) -> None:
    with pytest.raises(ValueInvalid) as error:
        Tool(find_things).call(reach, given)

    assert said in error.value.message
    assert "takes name, order, many, budget" in error.value.message


def test_what_runs_programs_says_so() -> None:
    assert Tool(find_things).told["annotations"]["readOnlyHint"] is True
    assert Tool(find_things, runs_programs=True).told["annotations"]["destructiveHint"] is True
