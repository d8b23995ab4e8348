"""Programs that part from their recording are told where and why, in these words."""

import pytest

from tests.golden.replays import REPLAYS, SCENARIOS, told


@pytest.mark.parametrize("name", SCENARIOS)
def test_it_is_told_where_the_program_parted_from_its_recording(name: str) -> None:
    assert told(SCENARIOS[name]()) == (REPLAYS / f"{name}.txt").read_text(encoding="utf-8")


def test_every_text_has_its_scenario() -> None:
    assert sorted(SCENARIOS) == sorted(path.stem for path in REPLAYS.iterdir())
