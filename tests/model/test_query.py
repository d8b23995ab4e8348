"""Bounds include both their ends."""

import pytest

from agentreplay.model.query import Bounds


@pytest.mark.parametrize(
    ("bounds", "held"),
    [
        (Bounds(), [1, 2, 3]),
        (Bounds(least=2), [2, 3]),
        (Bounds(most=2), [1, 2]),
        (Bounds(least=2, most=2), [2]),
        (Bounds(least=3, most=1), []),
    ],
    ids=str,
)
def test_bounds_include_both_ends(bounds: Bounds, held: list[int]) -> None:
    assert [value for value in (1, 2, 3) if bounds.holds(value)] == held


def test_an_absent_value_lies_nowhere() -> None:
    assert not Bounds().holds(None)
