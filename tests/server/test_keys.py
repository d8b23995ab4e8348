"""The key is found where it may stand, and nowhere else."""

import pytest

from agentreplay.server.keys import KeyCheck


@pytest.mark.parametrize(
    ("headers", "anywhere", "beside_that_of_another"),
    [
        ({}, False, False),
        ({"authorization": "Bearer k"}, True, False),
        ({"x-api-key": "k"}, True, False),
        ({"x-agentreplay-key": "k"}, True, True),
        ({"x-agentreplay-key": "k", "authorization": "Bearer theirs"}, True, True),
        ({"x-agentreplay-key": "no", "authorization": "Bearer k"}, False, False),
    ],
)
def test_a_key_fits_where_it_may_stand(
    headers: dict[str, str], *, anywhere: bool, beside_that_of_another: bool
) -> None:
    check = KeyCheck("k")

    assert check.fits(headers) is anywhere
    assert check.fits(headers, only_own=True) is beside_that_of_another
    assert KeyCheck("").fits({}, only_own=True)
