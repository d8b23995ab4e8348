"""Prompts begin from facts."""

import pytest

from agentreplay.errors import ValueInvalid
from agentreplay.server.mcp.prompts import PROMPTS
from agentreplay.server.mcp.reach import Reach
from tests.server.population import Population

BY_NAME = {prompt.name: prompt for prompt in PROMPTS}


def test_every_prompt_holds_the_facts_it_is_about(reach: Reach, stored: Population) -> None:
    span = f"{stored.trace}/{stored.tool}"

    assert "no kettle" in BY_NAME["analyse_error"].written(reach, {"session": stored.fork})
    assert "Friday" in BY_NAME["analyse_error"].written(reach, {"session": stored.session, "span": span})
    assert "lookup" in BY_NAME["summarise_session"].written(reach, {"session": stored.session})
    assert stored.session in BY_NAME["find_patterns"].written(reach, {"query": "kettle"})


@pytest.mark.parametrize("given", [{}, {"session": ""}, {"session": 7}])
def test_an_argument_that_lacks_is_named(reach: Reach, given: dict[str, object]) -> None:
    with pytest.raises(ValueInvalid, match="argument session of summarise_session"):
        BY_NAME["summarise_session"].written(reach, given)
