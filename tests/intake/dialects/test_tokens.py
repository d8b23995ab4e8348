"""However tokens are told, they come out in buckets that add up."""

from typing import Any

import pytest

from agentreplay.intake.dialects.tokens import dollars, named
from agentreplay.model.usage import Usage


@pytest.mark.parametrize(
    "told",
    [
        {"prompt_tokens": 120, "completion_tokens": 8, "prompt_tokens_details": {"cached_tokens": 100}},
        {"input_tokens": 120, "output_tokens": 8, "input_token_details": {"cache_read": 100}},
        {"input_tokens": 20, "output_tokens": 8, "cache_read_input_tokens": 100},
        {"input": 20, "output": 8, "input_cached_tokens": 100},
    ],
)
def test_the_names_give_away_how_it_was_counted(told: dict[str, Any]) -> None:
    assert named(told) == Usage(input=20, cache_read=100, output=8)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.5, 500_000_000),
        ("1e-9", 1),
        (0, 0),
        (-1, None),
        (True, None),
        ("much", None),
        (float("nan"), None),
        (1e300, None),
    ],
)
def test_dollars_become_nano_dollars(value: object, expected: int | None) -> None:
    assert dollars(value) == expected
