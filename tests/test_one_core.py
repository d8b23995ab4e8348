"""Linear algebra stays on one core while we work, and has all it had before when we are done."""

import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from agentreplay.one_core import on_one_core


def threads() -> list[int]:
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


@pytest.fixture(autouse=True)
def numpy_is_loaded() -> None:
    np.ones((2, 2)) @ np.ones((2, 2))


def test_there_is_one_thread_meanwhile_and_as_many_as_before_afterwards() -> None:
    with threadpool_limits(2, "blas"):
        before = threads()
        with on_one_core():
            with on_one_core():
                inmost = threads()
            between = threads()
        after = threads()

    assert set(inmost) | set(between) <= {1}
    assert after == before


def test_of_two_at_once_the_last_one_tells_what_was_before() -> None:
    both, first_is_done = threading.Barrier(2), threading.Event()
    seen: list[list[int]] = []

    def work() -> None:
        with on_one_core():
            both.wait(60)
            first_is_done.wait(60)
            seen.append(threads())

    before = threads()
    other = threading.Thread(target=work)
    other.start()
    with on_one_core():
        both.wait(60)
    first_is_done.set()
    other.join()
    after = threads()

    assert set(seen[0]) <= {1}
    assert after == before


def test_a_failure_leaves_what_was_before() -> None:
    with threadpool_limits(2, "blas"):
        before = threads()
        with pytest.raises(ZeroDivisionError), on_one_core():
            raise ZeroDivisionError
        after = threads()

    assert after == before
