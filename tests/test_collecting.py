"""While nothing points in circles, Python does not look for them, and afterwards it does as before."""

import gc

import pytest

from agentreplay.collecting import without_collections


def test_it_is_as_it_was_afterwards_whatever_happens() -> None:
    assert gc.isenabled()

    with pytest.raises(KeyError):
        _work_and_fail()

    assert gc.isenabled()


@without_collections()
def _work_and_fail() -> None:
    assert not gc.isenabled()
    with without_collections():
        pass
    assert not gc.isenabled()
    raise KeyError
